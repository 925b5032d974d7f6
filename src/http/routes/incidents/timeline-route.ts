import { Type } from "@sinclair/typebox";
import { incidentStream } from "../../../../events/stream.ts";
import { sentenceOf } from "../../../../projections/timeline.ts";
import type { App } from "../../app-type.ts";
import { asOfParameter, asOfProblems, cursorAsOf, pageAsOf } from "../../as-of.ts";
import { Text } from "../../fields.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { eventExample, eventFields, eventView } from "../events/event-view.ts";
import { findIncident } from "./incident-lookup.ts";
import { IncidentPath } from "./incident-path.ts";

const TimelineEntry = Type.Object({
  ...eventFields,
  sentence: Type.String({ description: "what happened, in plain English" }),
  hash: Text,
});

const example = {
  ...eventExample,
  sentence: "Assigned to Alice by the rules.",
  hash: "5f2b51ca2fdc5baa31ec02e002f69aec09e5a2a0e0f1a8e51d92ff6d9b2a7d43",
};

/** GET /incidents/{id}/timeline. */
export function timelineRoute(app: App, services: Services): void {
  app.get(
    "/incidents/:id/timeline",
    {
      schema: {
        tags: ["incidents"],
        summary: "Everything that happened to an incident, newest last",
        params: IncidentPath,
        querystring: Type.Object({ ...asOfParameter, ...pageParameters }),
        response: { 200: pageSchema("events", TimelineEntry, example) },
      },
      config: {
        right: "read",
        answers: { 200: "One page of its events" },
        problems: ["incident-not-found", ...asOfProblems],
      },
    },
    async (request, reply) => {
      const { limit, count } = request.query;
      const { position: as_of, after } = await pageAsOf(services, request.query, ["number"]);
      if (as_of !== null) reflect(reply, as_of);
      const { incident, position } = await findIncident(services, request.params.id, as_of);
      reflect(reply, position);
      const events = await services.ledger.read({
        stream: incidentStream(incident.number),
        after: after?.[0] ?? 0,
        until: position,
        limit,
      });
      const last = events.at(-1);
      const next_cursor =
        last === undefined || last.version >= incident.version ? null : cursorAsOf(as_of, [last.position]);
      linkNextPage(request, reply, next_cursor, as_of);
      return {
        events: events.map((event) => ({ ...eventView(event), sentence: sentenceOf(event), hash: event.hash })),
        next_cursor,
        ...(count ? { total: incident.version } : {}),
      };
    },
  );
}
