import { Type } from "@sinclair/typebox";
import { limits } from "../../../config.ts";
import { explain } from "../../../readmodels/why.ts";
import type { App } from "../../app-type.ts";
import { asOfParameter, asOfProblems, positionAsOf } from "../../as-of.ts";
import { askBoardAsOf } from "../../ask-board.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { addressedNumber, notFoundAsOf } from "./incident-lookup.ts";
import { IncidentPath } from "./incident-path.ts";
import { WhyView, whyView } from "./why-view.ts";

const whyLimits = { events: limits.why_events, decisions: limits.why_decisions };

/** GET /incidents/{id}/why. */
export function whyRoute(app: App, services: Services): void {
  app.get(
    "/incidents/:id/why",
    {
      schema: {
        tags: ["incidents"],
        summary: "Why an incident is what it is: the chain of decisions back to the facts",
        description:
          "Its status, its handler or its place in the queue, each event that it follows from in a sentence, and for every decision about it who else could have been chosen and why they were not.",
        params: IncidentPath,
        querystring: Type.Object(asOfParameter),
        response: { 200: WhyView },
      },
      config: { right: "read", answers: { 200: "The explanation" }, problems: ["incident-not-found", ...asOfProblems] },
    },
    async (request, reply) => {
      const { id } = request.params;
      const as_of = await positionAsOf(services, request.query.as_of);
      if (as_of !== null) reflect(reply, as_of);
      const number = await addressedNumber(services, id);
      // The present board is asked first, so that all the rest is of the position at which it stood just then.
      const present = as_of === null ? await askBoardAsOf(services, null, "place", { number }) : null;
      const position = as_of ?? present?.position ?? 0;
      reflect(reply, position);
      const why = await explain(services, number, position, whyLimits);
      if (why === null || why.incident.status === "deleted") throw await notFoundAsOf(services, number, as_of);
      if (present !== null) return whyView(why, present.answer);
      const isPending = why.incident.status === "pending";
      const past = isPending ? await askBoardAsOf(services, position, "place", { number }) : null;
      return whyView(why, past?.answer ?? null);
    },
  );
}
