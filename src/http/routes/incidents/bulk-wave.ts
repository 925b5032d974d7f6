import type { FastifyRequest } from "fastify";
import type { Outcome } from "../../../desk/submission.ts";
import type { IncidentCommand } from "../../../rules/commands.ts";
import { logFault, problemOf } from "../../plugins/errors.ts";
import { ProblemError } from "../../problem-error.ts";
import { problemKind } from "../../problems.ts";
import type { Services } from "../../services.ts";
import type { KeyOf } from "./bulk-keys.ts";
import type { BulkBody } from "./incident-bodies.ts";
import { incidentNumber } from "./incident-lookup.ts";

type Body = (typeof BulkBody)["static"];

/** What became of one item; null: there is no such incident. */
export type ItemOutcome = Outcome | ProblemError | null;

/** Whether the service could not take it just now. */
export function isUnavailable(outcome: ItemOutcome): outcome is ProblemError {
  return outcome instanceof ProblemError && problemKind(outcome.code).status === 503;
}

/** Whether it is the stored outcome of an earlier request. */
export function isRepeated(outcome: ItemOutcome): boolean {
  return outcome !== null && "kind" in outcome && outcome.kind === "written" && outcome.repeated !== undefined;
}

/** Hands some of the commands to the desk at once, in their order. */
export async function submitWave(
  services: Services,
  request: FastifyRequest,
  body: Body,
  start: number,
  keyOf: KeyOf | null,
): Promise<ItemOutcome[]> {
  const { actor } = request;
  const failed = (error: unknown): ProblemError => asProblem(error, request);
  const numbers = await Promise.all(body.ids.map((id) => incidentNumber(services, id).catch(failed)));
  return Promise.all(
    numbers.map((number, index) => {
      if (typeof number !== "number") return number;
      const submission = { command: commandOf(body, number), actor };
      const idempotency = keyOf === null ? {} : { idempotency: keyOf(start + index) };
      return services.desk.submit({ ...submission, ...idempotency }).catch(failed);
    }),
  );
}

/** What one item fails with while others may be done; throws what nobody expected. */
export function asProblem(error: unknown, request: FastifyRequest): ProblemError {
  const problem = problemOf(error);
  if (problem.code === "internal-error") throw error;
  logFault(problem, error, request);
  return problem;
}

function commandOf(body: Body, incident: number): IncidentCommand {
  const { action, ids: _ids, handler, force, resolution, reason } = body;
  const common = { incident, ...(reason === undefined ? {} : { reason }) };
  const named = handler === undefined ? {} : { handler };
  switch (action) {
    case "acknowledge":
      return { kind: "acknowledge", ...common, ...named };
    case "resolve":
      return { kind: "resolve", ...common, ...(resolution === undefined ? {} : { resolution }) };
    case "close":
      return { kind: "close", ...common };
    case "assign":
      return { kind: "assign", ...common, handler: handler ?? "", ...(force === undefined ? {} : { force }) };
    default:
      return action satisfies never;
  }
}
