import { Type } from "@sinclair/typebox";
import { Exposition } from "../../../metrics/exposition.ts";
import type { App } from "../../app-type.ts";
import type { Services } from "../../services.ts";

const example = `# HELP incident_ledger_desk_waiting_commands Commands that wait for the desk
# TYPE incident_ledger_desk_waiting_commands gauge
incident_ledger_desk_waiting_commands 0
`;

const MetricsText = {
  content: {
    "text/plain": { schema: Type.String({ description: "Prometheus' text format, version 0.0.4" }), example },
  },
};

/**
 * GET /metrics, for Prometheus. It reads the board as it is, without waiting for what is being written, so that it answers
 * when the storage fails: that is when it is looked at.
 */
export function metricsRoute(app: App, services: Services): void {
  const exposition = new Exposition(services, services.desk_figures, services.request_figures);
  app.get(
    "/metrics",
    {
      schema: {
        tags: ["health"],
        summary: "What the service measures of itself, for Prometheus",
        description: "Names of teams and numbers only; no text, no label and no person of any incident.",
        response: { 200: MetricsText },
      },
      config: { public: true, costly: true, answers: { 200: "All metrics" } },
    },
    async (_request, reply) => {
      const text = await exposition.text();
      return reply.type(exposition.content_type).send(text);
    },
  );
}
