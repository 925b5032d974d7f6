import type { FastifyRequest } from "fastify";
import type { AccessLog } from "../../access/access-log.ts";
import type { ProblemError } from "../problem-error.ts";
import { problemKind } from "../problems.ts";
import { clientAddress } from "../protection/client-address.ts";
import type { Services } from "../services.ts";

/** A request that was turned away. */
export interface Refused {
  readonly status: number;
  /** Who asked, where that is known. */
  readonly actor: string | null;
  /** What leads to the application, at the beginning of the patterns that name its routes. */
  readonly base?: string;
}

/** Tells the access log of a request that was turned away: its method and the pattern of its route, never its URL. */
export function recordRefusal(
  access_log: AccessLog,
  request: FastifyRequest,
  { status, actor, base = "" }: Refused,
): void {
  const { method, routeOptions, headers } = request;
  const user_agent = headers["user-agent"];
  access_log.record({
    kind: "refused",
    ...(actor === null ? {} : { actor }),
    address: clientAddress(request),
    ...(user_agent === undefined ? {} : { user_agent }),
    route: `${method} ${base}${routeOptions.url ?? "/*"}`,
    status,
  });
}

/**
 * Tells of a request that came too often. It is told by who and from where alone: so all of a flood is one row, whatever it asks for,
 * and counting it costs next to nothing, as answering it must. Who shows no credential is nobody here, as limits count them by address.
 */
export function recordRateLimit(access_log: AccessLog, request: FastifyRequest, credential: string | undefined): void {
  const user_agent = request.headers["user-agent"];
  access_log.record({
    kind: "rate-limited",
    ...(credential === undefined || request.actor === "" ? {} : { actor: request.actor }),
    address: clientAddress(request),
    ...(user_agent === undefined ? {} : { user_agent }),
    status: 429,
  });
}

/**
 * Tells of a problem, if it is a refusal: a credential that is not valid, a right that somebody lacks, or a limit. Who shows no
 * credential at all is not worth a record, and a failed sign-in has one already.
 */
export function recordProblem(
  {
    keys,
    identity: { access_log },
  }: Pick<Services, "keys"> & { readonly identity: Pick<Services["identity"], "access_log"> },
  request: FastifyRequest,
  problem: ProblemError,
  credential: string | undefined,
): void {
  if (problem.code === "rate-limited") {
    recordRateLimit(access_log, request, credential);
    return;
  }
  const { status } = problemKind(problem.code);
  if (status !== 401 && status !== 403) return;
  if (problem.code === "sign-in-refused" || (problem.code === "unauthorized" && credential === undefined)) return;
  const actor = request.actor === "" ? problem.actor : request.actor;
  const token = actor === null && problem.code === "unauthorized" ? credential : undefined;
  if (token === undefined) recordRefusal(access_log, request, { status, actor });
  else void recordOwner(access_log, request, status, keys.ownerOf(token));
}

/** A key that was revoked, or is good for something else, is told of under its number. Nobody waits for it. */
async function recordOwner(
  access_log: AccessLog,
  request: FastifyRequest,
  status: number,
  found: Promise<number | null>,
): Promise<void> {
  const owner = await found.catch(() => null);
  recordRefusal(access_log, request, { status, actor: owner === null ? null : `key:${owner}` });
}
