import { Type } from "@sinclair/typebox";
import { noTexts } from "../../../../projections/incident-texts.ts";
import type { App } from "../../app-type.ts";
import { asOfParameter, asOfProblems, cursorAsOf, pageAsOf } from "../../as-of.ts";
import { askBoardAsOf, textsAsOf } from "../../ask-board.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { IncidentAnswer, incidentExample, incidentView } from "../incidents/incident-view.ts";
import { teamNotFound } from "../teams/team-not-found.ts";

const QueueParameters = Type.Object({
  team: Type.String({ default: "default", description: "whose queue" }),
  ...asOfParameter,
  ...pageParameters,
});

const example = { ...incidentExample, status: "pending", assigned_to: null, assigned_at: null, queue_position: 1 };

/** GET /queue: what is pending, in the order in which it will be taken. */
export function queueRoute(app: App, services: Services): void {
  app.get(
    "/queue",
    {
      schema: {
        tags: ["queue"],
        summary: "A team's pending incidents in the order in which they will be taken",
        querystring: QueueParameters,
        response: { 200: pageSchema("incidents", IncidentAnswer, example) },
      },
      config: {
        right: "read",
        answers: { 200: "One page of the queue" },
        problems: ["team-not-found", ...asOfProblems],
      },
    },
    async (request, reply) => {
      const { team, limit, count } = request.query;
      const { position: as_of, after } = await pageAsOf(services, request.query, ["number", "string", "number"]);
      const key = after === null ? null : { severity: after[0], timestamp: after[1], number: after[2] };
      const { position, answer } = await askBoardAsOf(services, as_of, "queue", { team, after: key, limit });
      reflect(reply, position);
      if (answer === null) throw teamNotFound(team);
      const { incidents, from_rank, size } = answer;
      const last = incidents.at(-1);
      const isEnd = last === undefined || from_rank + incidents.length > size;
      const next_cursor = isEnd ? null : cursorAsOf(as_of, [last.severity, last.timestamp, last.number]);
      linkNextPage(request, reply, next_cursor, as_of);
      const texts = await textsAsOf(services, incidents, position);
      return {
        incidents: incidents.map((incident, index) =>
          incidentView(incident, texts[index] ?? noTexts, from_rank + index),
        ),
        next_cursor,
        ...(count ? { total: size } : {}),
      };
    },
  );
}
