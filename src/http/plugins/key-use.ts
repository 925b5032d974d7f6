import type { FastifyRequest } from "fastify";
import { clientAddress } from "../protection/client-address.ts";
import type { Services } from "../services.ts";

/** Notes that a key was used, where it was one. Every request comes by here. */
export function noteKeyUse({ key_uses }: Pick<Services, "key_uses">, request: FastifyRequest): void {
  const { actor } = request;
  if (actor === "admin" || actor.startsWith("key:")) {
    key_uses.note(actor, clientAddress(request), request.headers["user-agent"]);
  }
}
