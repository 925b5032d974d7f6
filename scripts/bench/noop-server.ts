import Fastify from "fastify";

/**
 * The yardstick: a bare Fastify route with the body schema of a report, no logger, that answers a constant incident.
 * It prints its address on one line when it listens.
 */
const severity = { anyOf: [{ type: "integer", minimum: 1, maximum: 5 }, { type: "string" }] };

const app = Fastify({ logger: false });

app.post(
  "/incidents",
  {
    schema: {
      body: {
        type: "object",
        additionalProperties: false,
        properties: {
          title: { type: "string", maxLength: 500 },
          description: { type: "string", maxLength: 65_536 },
          type: { type: "string", maxLength: 200 },
          severity,
          timestamp: { type: "string" },
          source: { type: "string", maxLength: 200 },
          reported_by: { type: "string", maxLength: 200 },
          team: { type: "string", maxLength: 64 },
          dedup_key: { type: "string", maxLength: 512 },
          labels: { type: "object", additionalProperties: { type: "string" } },
          assigned_to: { type: "string" },
          status: { type: "string" },
        },
      },
    },
  },
  async (_request, reply) => reply.code(201).send(constant),
);

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
