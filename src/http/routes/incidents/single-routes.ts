import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { asOfParameter, asOfProblems, positionAsOf } from "../../as-of.ts";
import { entityTag, matchesIfNoneMatch, versionsOfIfMatch } from "../../entity-tag.ts";
import { NotModified } from "../../fields.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { runOnIncident } from "./incident-answer.ts";
import { ReasonBody } from "./incident-bodies.ts";
import { addressedNumber, findIncident } from "./incident-lookup.ts";
import { IncidentPath } from "./incident-path.ts";
import { IncidentAnswer, incidentView } from "./incident-view.ts";

/** GET and DELETE /incidents/{id}. */
export function singleRoutes(app: App, services: Services): void {
  app.get(
    "/incidents/:id",
    {
      schema: {
        tags: ["incidents"],
        summary: "One incident",
        params: IncidentPath,
        querystring: Type.Object(asOfParameter),
        response: { 200: IncidentAnswer, 304: NotModified },
      },
      config: {
        right: "read",
        answers: { 200: "The incident", 304: "It is still at the version of If-None-Match" },
        tagged: true,
        problems: ["incident-not-found", ...asOfProblems],
      },
    },
    async (request, reply) => {
      const { as_of: wanted } = request.query;
      const as_of = wanted === undefined ? null : await positionAsOf(services, wanted);
      if (as_of !== null) reflect(reply, as_of);
      const { incident, texts, queue_position, position, tag } = await findIncident(services, request.params.id, as_of);
      reflect(reply, position);
      reply.header("etag", entityTag(tag));
      if (matchesIfNoneMatch(request.headers["if-none-match"], tag)) return reply.code(304).send(undefined);
      return incidentView(incident, texts, queue_position);
    },
  );

  app.delete(
    "/incidents/:id",
    {
      schema: {
        tags: ["incidents"],
        summary: "Delete an incident",
        description: "It is gone from every list and answers 404 from then on; the ledger keeps what happened.",
        params: IncidentPath,
        body: ReasonBody,
        response: { 200: IncidentAnswer },
      },
      config: {
        right: "administer",
        answers: { 200: "The incident as it was, with the status deleted" },
        tagged: true,
        conditional: true,
        optional_body: true,
        problems: ["incident-not-found"],
      },
    },
    async (request, reply) => {
      const incident = await addressedNumber(services, request.params.id);
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      return runOnIncident(services, request, reply, {
        kind: "delete",
        incident,
        ...request.body,
        ...(if_version === undefined ? {} : { if_version }),
      });
    },
  );
}
