import type { FastifyRequest } from "fastify";
import type { Origin } from "../../../access/sessions.ts";
import type { SignedInUser } from "../../../access/sign-in.ts";
import { bearerTokenOf } from "../../plugins/authentication.ts";
import { ProblemError } from "../../problem-error.ts";
import { clientAddress } from "../../protection/client-address.ts";
import type { Services } from "../../services.ts";

/** Which user asks, and in which session. Refuses keys with 403: what is asked here is a person's own. */
export async function signedInUser(
  { identity }: Pick<Services, "identity">,
  request: FastifyRequest,
): Promise<SignedInUser> {
  const user = await identity.sign_in.authenticateUser(bearerTokenOf(request.headers.authorization) ?? "");
  if (user !== null) return user;
  throw new ProblemError(
    "needs-sign-in",
    "This is for people who have signed in; a key has no sessions and no password.",
  );
}

/** From where somebody asks. */
export function originOf(request: FastifyRequest): Origin {
  return { address: clientAddress(request), user_agent: request.headers["user-agent"] ?? null };
}

/** Waiting is all that helps. */
export function throttled(retry_after_seconds: number): ProblemError {
  return new ProblemError("too-many-attempts", `Too many attempts failed. Try again in ${retry_after_seconds} s.`, {
    headers: { "retry-after": String(retry_after_seconds) },
  });
}

/** A password will not do; `fault` ends the sentence "The password …". */
export function unfitPassword(field: string, fault: string): ProblemError {
  return new ProblemError("password-unfit", `The password ${fault}.`, {
    faults: [{ pointer: `#/${field}`, detail: fault }],
  });
}
