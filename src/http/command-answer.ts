import { createHmac } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Outcome, Submission } from "../desk/submission.ts";
import type { Command } from "../rules/commands.ts";
import type { Refusal } from "../rules/refusal.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { ProblemError } from "./problem-error.ts";
import type { Services } from "./services.ts";
import { reflect } from "./settled-board.ts";
import { pointerTo } from "./validation/pointer.ts";

/** What a command led to, when it was neither refused nor turned away. */
export type Done = Extract<Outcome, { readonly kind: "written" | "unchanged" }>;

type StatusOf = (events: readonly RecordedEvent[]) => number;

const always200: StatusOf = () => 200;

/**
 * Hands a command to the desk and answers refusals as problems. The caller's `Idempotency-Key` goes along; `statusOf`
 * is the status that the commit is answered with.
 */
export async function run(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  command: Command,
  statusOf: StatusOf = always200,
): Promise<Done> {
  request.command = command;
  const outcome = await services.desk.submit(submissionOf(services, request, command, statusOf));
  request.outcome = outcome;
  reflect(reply, outcome.position);
  if (outcome.kind === "refused") throw refused(outcome.refusal, request.body);
  if (outcome.kind === "key-reused") throw keyReused();
  if (outcome.kind === "unchanged") {
    reply.code(200);
    return outcome;
  }
  if (outcome.repeated !== undefined) reply.header("idempotency-replayed", "true");
  reply.code(outcome.repeated?.status ?? statusOf(outcome.events));
  return outcome;
}

function submissionOf(services: Services, request: FastifyRequest, command: Command, statusOf: StatusOf): Submission {
  const { actor } = request;
  const header = request.headers["idempotency-key"];
  if (header === undefined) return { command, actor };
  const key = readIdempotencyKey(String(header));
  return {
    command,
    actor,
    idempotency: { scope: actor, key, fingerprint: fingerprintOf(services, request), statusOf },
  };
}

/** Tells one request from another without keeping it: over method, path, query, credential and the body's bytes. */
export function fingerprintOf({ idempotency_secret }: Services, request: FastifyRequest): string {
  const [whole = "", query = ""] = request.url.split("?", 2);
  const path = whole.replace(/\/$/, "");
  const hmac = createHmac("sha256", idempotency_secret);
  for (const part of [request.method, path, request.actor, ...(query === "" ? [] : [query])])
    hmac.update(`${Buffer.byteLength(part)}:${part}`);
  if (request.raw_body !== null) hmac.update(request.raw_body);
  return hmac.digest("hex");
}

/** A refusal of the rules, as a problem that names the field of the body that is at fault, where there is one. */
export function refused({ code, detail, field }: Refusal, body: unknown): ProblemError {
  const isInBody = field !== undefined && typeof body === "object" && body !== null && Object.hasOwn(body, field);
  return new ProblemError(code, detail, isInBody ? { faults: [{ pointer: pointerTo("#", field), detail }] } : {});
}

/** The same key came with another request. */
export function keyReused(): ProblemError {
  const detail = "This Idempotency-Key was used for another request. Use a new key.";
  return new ProblemError("idempotency-key-reused", detail, {
    faults: [{ header: "Idempotency-Key", detail: "was used for another request" }],
  });
}
