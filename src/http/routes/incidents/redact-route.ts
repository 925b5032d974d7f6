import { textWords } from "../../../rules/commands.ts";
import type { App } from "../../app-type.ts";
import { versionsOfIfMatch } from "../../entity-tag.ts";
import { invalidField } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { runOnIncident } from "./incident-answer.ts";
import { RedactBody } from "./incident-bodies.ts";
import { addressedNumber } from "./incident-lookup.ts";
import { IncidentPath } from "./incident-path.ts";
import { IncidentAnswer } from "./incident-view.ts";

/** POST /incidents/{id}/redact: erases texts for ever. Its answer waits until they are gone from the files, too. */
export function redactRoute(app: App, services: Services): void {
  app.post(
    "/incidents/:id/redact",
    {
      schema: {
        tags: ["incidents"],
        summary: "Erase texts of an incident for ever",
        description:
          "Erases the whole texts of the events that are named: all of them, or those at some positions of the timeline and those that hold a title, a description, a resolution and so on. What happened stays on record, and so does each text's digest; the words are gone from every file of the service when it is answered with 200; with 202 somebody else holds one of them open, and they go as soon as that ends. It works in every status, on a deleted incident too. The reasons of earlier erasures stay, unless one is named by its position. What is erased already is passed over.",
        params: IncidentPath,
        body: RedactBody,
        response: { 200: IncidentAnswer, 202: IncidentAnswer },
      },
      config: {
        right: "administer",
        answers: {
          200: "The incident without those texts; a deleted one with the status deleted",
          202: "The same, but a file that somebody else reads still holds the words, until they let go of it",
        },
        tagged: true,
        conditional: true,
        problems: ["incident-not-found", "unknown-text"],
      },
    },
    async (request, reply) => {
      const { texts, all, reason } = request.body;
      if (texts !== undefined && all !== undefined) throw invalidField("#/texts", "must not stand beside all");
      const incident = await addressedNumber(services, request.params.id);
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      const answer = await runOnIncident(services, request, reply, {
        kind: "redact",
        incident,
        ...(all === undefined ? {} : { all }),
        ...(texts === undefined ? {} : { texts: texts.map(positionOrWord) }),
        ...(reason === undefined ? {} : { reason }),
        ...(if_version === undefined ? {} : { if_version }),
      });
      const isGone = await services.whenErased(Number(reply.getHeader("ledger-position")));
      reply.code(isGone ? 200 : 202);
      return answer;
    },
  );
}

/** A position, or the word that is meant, whatever its case: the schema has seen to it that it is one. */
function positionOrWord(text: number | string): number | (typeof textWords)[number] {
  if (typeof text === "number") return text;
  return textWords.find((word) => word === text.toLowerCase()) ?? "comments";
}
