import { Type } from "@sinclair/typebox";
import type { FastifyRequest } from "fastify";
import { limits } from "../../../config.ts";
import { keyLifetime_ms } from "../../../desk/stored-outcome.ts";
import { DeskUnavailable, type IdempotencyKey, type Outcome } from "../../../desk/submission.ts";
import type { IncidentCommand } from "../../../rules/commands.ts";
import type { App } from "../../app-type.ts";
import { fingerprintOf, keyReused } from "../../command-answer.ts";
import { readIdempotencyKey } from "../../idempotency-key.ts";
import { type Fault, invalid, type ProblemDocument, problemDocument } from "../../problem-error.ts";
import { type ProblemCode, problemKind } from "../../problems.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { viewOf } from "./incident-answer.ts";
import { type BulkAction, BulkBody } from "./incident-bodies.ts";
import { incidentNumber } from "./incident-lookup.ts";
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
        description: "Each is a command of its own, in the order of `ids`: some may be refused while others are done.",
        body: BulkBody,
        response: { 200: BulkAnswer },
      },
      config: { answers: { 200: "A result for each id, in the order given" } },
    },
    async (request, reply) => {
      const { body } = request;
      checkFields(body);
      const keyOf = await itemKeys(services, request, body.ids.length);
      const results: Result[] = [];
      let replayed = keyOf !== null;
      for (let start = 0; start < body.ids.length; start += limits.bulk_wave_incidents) {
        const wave = body.ids.slice(start, start + limits.bulk_wave_incidents);
        const outcomes = await submitWave(services, request.actor, { ...body, ids: wave }, start, keyOf);
        for (const [index, outcome] of outcomes.entries()) {
          if (outcome instanceof DeskUnavailable && results.length === 0) throw outcome;
          results.push(await resultOf(services, request, wave[index] ?? "", outcome));
          if (outcome instanceof DeskUnavailable || outcome === null) replayed = false;
          else if (outcome.kind !== "written" || outcome.repeated === undefined) replayed = false;
        }
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

type KeyOf = (index: number) => IdempotencyKey;

/** A key for each item, made of the caller's; refuses a key that was used for another bulk request. */
async function itemKeys(services: Services, request: FastifyRequest, items: number): Promise<KeyOf | null> {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return null;
  const key = readIdempotencyKey(String(header));
  const fingerprint = fingerprintOf(services, request);
  const keyOf: KeyOf = (index) => ({ scope: request.actor, key: `${key} #${index}`, fingerprint, statusOf: () => 200 });
  const since = new Date(services.runtime.now() - keyLifetime_ms).toISOString();
  for (let index = 0; index < items; index += 1) {
    const record = await services.ledger.idempotencyOf(request.actor, keyOf(index).key, since);
    if (record !== null && record.fingerprint !== fingerprint) throw keyReused();
  }
  return keyOf;
}

/** Hands some of the commands to the desk at once, in their order. Null: there is no such incident. */
async function submitWave(
  services: Services,
  actor: string,
  body: Body,
  start: number,
  keyOf: KeyOf | null,
): Promise<(Outcome | DeskUnavailable | null)[]> {
  const numbers = await Promise.all(body.ids.map((id) => incidentNumber(services, id)));
  return Promise.all(
    numbers.map((number, index) => {
      if (number === null) return null;
      const submission = { command: commandOf(body, number), actor };
      const idempotency = keyOf === null ? {} : { idempotency: keyOf(start + index) };
      return services.desk.submit({ ...submission, ...idempotency }).catch(asUnavailable);
    }),
  );
}

function asUnavailable(error: unknown): DeskUnavailable {
  if (error instanceof DeskUnavailable) return error;
  throw error;
}

async function resultOf(
  services: Services,
  request: FastifyRequest,
  id: string | number,
  outcome: Outcome | DeskUnavailable | null,
): Promise<Result> {
  const problem = (code: ProblemCode, detail: string): Result => ({
    id,
    status: problemKind(code).status,
    problem: problemDocument(code, detail, request.id),
  });
  if (outcome === null) return problem("incident-not-found", `There is no incident ${id}.`);
  if (outcome instanceof DeskUnavailable) return problem(outcome.reason, outcome.message);
  switch (outcome.kind) {
    case "refused":
      return problem(outcome.refusal.code, outcome.refusal.detail);
    case "key-reused":
      return problem("idempotency-key-reused", "This Idempotency-Key was used for another request.");
    case "written":
    case "unchanged":
      return { id, status: 200, incident: await viewOf(services, outcome) };
    default:
      return outcome satisfies never;
  }
}
