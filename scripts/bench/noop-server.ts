import { readFileSync } from "node:fs";
import Fastify from "fastify";
import { ReportBody } from "../../src/http/routes/incidents/incident-bodies.ts";

/**
 * The yardstick: a bare Fastify route with the very body schema of a report, no logger, that answers a constant incident. With
 * the name of a JSON file also GET /constant, which answers what is in it.
 * It prints its address on one line when it listens. The keyword is a note for people; nothing is checked by it.
 */
const app = Fastify({
  logger: false,
  ajv: { customOptions: { keywords: ["x-expects"], coerceTypes: false, allowUnionTypes: true } },
});

app.post("/incidents", { schema: { body: ReportBody } }, async (_request, reply) => reply.code(201).send(constant));

const [answer_file] = process.argv.slice(2);
if (answer_file !== undefined) {
  const answer: unknown = JSON.parse(readFileSync(answer_file, "utf8"));
  app.get("/constant", async () => answer);
}

const constant = {
  incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
  number: 42,
  version: 2,
  team: "default",
  type: "System Outage",
  title: "Complete system failure",
  description: "Nothing answers.",
  severity: 1,
  status: "pending",
  assigned_to: null,
  queue_position: 39,
  source: "operator",
  reported_by: null,
  dedup_key: null,
  repeats: 0,
  labels: { service: "checkout" },
  links: [],
  timestamp: "2023-12-17T10:00:00.000Z",
  claimed_at: null,
  reported_at: "2023-12-17T10:00:00.000Z",
  assigned_at: null,
  acknowledged_at: null,
  acknowledged_by: null,
  snoozed_until: null,
  snoozed_from: null,
  resolved_at: null,
  resolution: null,
  closed_at: null,
  merged_into: null,
  responders: [],
  updated_at: "2023-12-17T10:00:00.000Z",
};

process.stdout.write(`${await app.listen({ host: "127.0.0.1", port: 0 })}\n`);
