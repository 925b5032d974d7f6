import { Type } from "@sinclair/typebox";
import { limits } from "../../../config.ts";
import type { App } from "../../app-type.ts";
import { Text, WholeNumber } from "../../fields.ts";
import type { Services } from "../../services.ts";

const HealthView = Type.Object(
  {
    status: Type.String({ description: "healthy or unhealthy" }),
    service: Type.String({ description: "running, or stopping: it still answers, and takes its leave" }),
    desk: Type.String({ description: "ready, failing, closing or rules-too-new" }),
    clock: Type.String({ description: "right, or ahead: desk time is more than five minutes before the wall clock" }),
    ledger: Type.String({
      description: "sound, as far as the background scrub has come, or damaged, and the first place that is",
    }),
    list: Type.String({ description: "ready, building or failing: the list of all incidents" }),
    position: Type.Integer({ description: "the last position that is durable" }),
    waiting: Type.Integer({ description: "how many commands wait for the desk" }),
    version: Text,
  },
  {
    examples: [
      {
        status: "healthy",
        service: "running",
        desk: "ready",
        clock: "right",
        ledger: "sound",
        list: "ready",
        position: 18,
        waiting: 0,
        version: "0.1.0",
      },
    ],
  },
);

const LiveView = Type.Object(
  { status: Text, position: WholeNumber },
  { examples: [{ status: "alive", position: 18 }] },
);

const tags = ["health"];

/** GET /health and /readyz say whether commands are taken; /livez says that the process answers, and depends on nothing. */
export function healthRoutes(app: App, services: Services): void {
  for (const [url, summary] of [
    ["/health", "Whether the service is well, for people and monitors"],
    ["/readyz", "Whether it takes commands, for load balancers"],
  ] as const) {
    app.get(
      url,
      {
        schema: { tags, summary, response: { 200: HealthView, 503: HealthView } },
        config: {
          public: true,
          probe: true,
          answers: { 200: "It is well", 503: "It takes no commands; the fields say why" },
        },
        logLevel: "warn",
      },
      async (_request, reply) => {
        const health = healthOf(services);
        return health.status === "healthy" ? health : reply.code(503).send(health);
      },
    );
  }

  app.get(
    "/livez",
    {
      schema: { tags, summary: "Whether the process answers", response: { 200: LiveView } },
      config: { public: true, probe: true, answers: { 200: "It does" } },
      logLevel: "warn",
    },
    async () => ({ status: "alive", position: services.desk.durable_position }),
  );
}

function healthOf({ desk, list, scrub, stop, about }: Services): (typeof HealthView)["static"] {
  const isAhead = desk.clockAhead_ms() > limits.desk_ahead_ms;
  const isWell =
    !stop.is_announced && desk.state === "ready" && list.state !== "failing" && scrub.damage === null && !isAhead;
  return {
    status: isWell ? "healthy" : "unhealthy",
    service: stop.is_announced ? "stopping" : "running",
    desk: desk.state,
    clock: isAhead ? "ahead" : "right",
    ledger: scrub.damage === null ? "sound" : `damaged: ${scrub.damage}`,
    list: list.state,
    position: desk.durable_position,
    waiting: desk.waiting,
    version: about.version,
  };
}
