import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { run } from "../../command-answer.ts";
import { entityTag, versionsOfIfMatch } from "../../entity-tag.ts";
import { Instant, nullable, Text, WholeNumber } from "../../fields.ts";
import type { Services } from "../../services.ts";
import { incidentOf } from "./incident-answer.ts";
import { CommentBody } from "./incident-bodies.ts";
import { addressedNumber } from "./incident-lookup.ts";
import { IncidentPath } from "./incident-path.ts";

const CommentView = Type.Object(
  {
    position: Type.Integer({ description: "its position in the ledger, which names it for ever" }),
    incident_id: Text,
    number: WholeNumber,
    text: nullable(Type.String({ description: "null where it was erased before its request was repeated" })),
    actor: Text,
    recorded_at: Instant,
  },
  {
    examples: [
      {
        position: 97,
        incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
        number: 42,
        text: "The provider confirms.",
        actor: "admin",
        recorded_at: "2023-12-17T10:12:00.000Z",
      },
    ],
  },
);

/** POST /incidents/{id}/comments. */
export function commentRoute(app: App, services: Services): void {
  app.post(
    "/incidents/:id/comments",
    {
      schema: {
        tags: ["incidents"],
        summary: "Comment on an incident",
        operationId: "commentOnIncident",
        params: IncidentPath,
        body: CommentBody,
        response: { 201: CommentView },
      },
      config: {
        right: "work",
        answers: { 201: "The comment; the ETag is the incident's" },
        tagged: true,
        conditional: true,
        problems: ["incident-not-found"],
      },
    },
    async (request, reply) => {
      const incident = await addressedNumber(services, request.params.id);
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      const { text } = request.body;
      const command = { kind: "comment", incident, text, ...(if_version === undefined ? {} : { if_version }) } as const;
      const done = await run(services, request, reply, command, () => 201);
      const { incident_id, number, version } = incidentOf(done);
      const [event] = done.kind === "written" ? done.events : [];
      if (event?.type !== "incident.commented") throw new Error(`a comment on incident ${number} left no event`);
      reply.header("etag", entityTag(version));
      reply.header("location", `/incidents/${incident_id}/timeline`);
      const { position, actor, recorded_at } = event;
      // Not the text of the request: a repeat must not bring back what was erased.
      return { position, incident_id, number, text: event.text?.text ?? null, actor, recorded_at };
    },
  );
}
