import { Type } from "@sinclair/typebox";
import type { FastifyRequest } from "fastify";
import { limits } from "../../../config.ts";
import type { App } from "../../app-type.ts";
import { recordRefusal } from "../../plugins/refusals.ts";
import { type Fault, invalid, type ProblemDocument, ProblemError, problemDocument } from "../../problem-error.ts";
import { type ProblemCode, problemKind } from "../../problems.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { itemKeys } from "./bulk-keys.ts";
import { asProblem, type ItemOutcome, isRepeated, isUnavailable, submitWave } from "./bulk-wave.ts";
import { viewOf } from "./incident-answer.ts";
import { type BulkAction, BulkBody } from "./incident-bodies.ts";
import { IncidentAnswer, type IncidentJson, incidentExample } from "./incident-view.ts";

type Body = (typeof BulkBody)["static"];

/** Which other fields go with which action; the first of them is needed where it stands in `needed`. */
const fieldsOf: Readonly<Record<BulkAction, readonly (keyof Body)[]>> = {
  acknowledge: ["handler"],
  resolve: ["resolution", "reason"],
  close: ["reason"],
  assign: ["handler", "force", "reason"],
};

const problemExample: ProblemDocument = {
  type: "/problems/incident-not-found",
  title: "No such incident",
  status: 404,
  detail: "There is no incident 7.",
  instance: "5c1f9a3b-1",
};

const BulkAnswer = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        id: Type.Unsafe<string | number>({ type: ["string", "integer"], description: "as it was given" }),
        status: Type.Integer({ description: "the status that the command alone would have been answered with" }),
        incident: Type.Optional(IncidentAnswer),
        problem: Type.Optional(Type.Unsafe<ProblemDocument>({ $ref: "Problem#" })),
      }),
    ),
  },
  {
    examples: [
      {
        results: [
          { id: 4, status: 200, incident: { ...incidentExample, number: 4, status: "resolved", assigned_to: null } },
          { id: 7, status: 404, problem: problemExample },
        ],
      },
    ],
  },
);

type Result = { id: string | number; status: number; incident?: IncidentJson; problem?: ProblemDocument };

/** POST /incidents/bulk: the same command on many incidents, each decided and answered by itself. */
export function bulkRoute(app: App, services: Services): void {
  app.post(
    "/incidents/bulk",
    {
      schema: {
        tags: ["incidents"],
        summary: "Acknowledge, resolve, close or assign many incidents",
        operationId: "actOnIncidents",
        description: "Each is a command of its own, in the order of `ids`: some may be refused while others are done.",
        body: BulkBody,
        response: { 200: BulkAnswer },
      },
      config: { right: "work", answers: { 200: "A result for each id, in the order given" } },
    },
    async (request, reply) => {
      const { body } = request;
      checkFields(body);
      const keyOf = await itemKeys(services, request, body.ids.length);
      const results: Result[] = [];
      let replayed = keyOf !== null;
      for (let start = 0; start < body.ids.length; start += limits.bulk_wave_incidents) {
        const wave = body.ids.slice(start, start + limits.bulk_wave_incidents);
        const outcomes = await submitWave(services, request, { ...body, ids: wave }, start, keyOf);
        for (const [index, outcome] of outcomes.entries()) {
          if (results.length === 0 && isUnavailable(outcome)) throw outcome;
          const result = await resultOf(services, request, wave[index] ?? "", outcome);
          results.push(result);
          logItem(request, body.action, result);
          if (!isRepeated(outcome)) replayed = false;
        }
      }
      // The answer is a good one, whatever was refused in it.
      if (results.some(({ status }) => status === 403)) {
        recordRefusal(services.identity.access_log, request, { status: 403, actor: request.actor });
      }
      if (replayed) reply.header("idempotency-replayed", "true");
      reflect(reply, services.desk.durable_position);
      return { results };
    },
  );
}

function checkFields(body: Body): void {
  const { action } = body;
  const allowed: readonly string[] = ["action", "ids", ...fieldsOf[action]];
  const faults: Fault[] = Object.keys(body)
    .filter((name) => !allowed.includes(name))
    .map((name) => ({ pointer: `#/${name}`, detail: `does not go with the action ${action}` }));
  if (action === "assign" && body.handler === undefined) faults.push({ pointer: "#/handler", detail: "is required" });
  if (faults.length > 0) throw invalid(faults);
}

/** The request's own line in the log names no command, for it has many. */
function logItem(
  { log, id }: FastifyRequest,
  command: BulkAction,
  { status, incident, problem, ...item }: Result,
): void {
  const number = incident?.number;
  const named = number === undefined ? { id: item.id } : { incident: number };
  const code = problem === undefined ? {} : { problem: problem.type.replace("/problems/", "") };
  log.debug({ request_id: id, command, ...named, status, ...code }, "an item of a bulk request");
}

async function resultOf(
  services: Services,
  request: FastifyRequest,
  id: string | number,
  outcome: ItemOutcome,
): Promise<Result> {
  const problem = (code: ProblemCode, detail: string): Result => ({
    id,
    status: problemKind(code).status,
    problem: problemDocument(code, detail, request.id),
  });
  if (outcome === null) return problem("incident-not-found", `There is no incident ${id}.`);
  if (outcome instanceof ProblemError) return problem(outcome.code, outcome.message);
  switch (outcome.kind) {
    case "refused":
      return problem(outcome.refusal.code, outcome.refusal.detail);
    case "key-reused":
      return problem("idempotency-key-reused", "This Idempotency-Key was used for another request.");
    case "written":
    case "unchanged": {
      const shown = await viewOf(services, outcome).catch((error: unknown) => asProblem(error, request));
      return shown instanceof ProblemError ? problem(shown.code, shown.message) : { id, status: 200, incident: shown };
    }
    default:
      return outcome satisfies never;
  }
}
