import { Type } from "@sinclair/typebox";
import type { FastifyRequest } from "fastify";
import type { App } from "../../app-type.ts";
import { refusePast } from "../../as-of.ts";
import { filterOf, filterParameters } from "../../feed/event-parameters.ts";
import { exampleStream } from "../../feed/frames.ts";
import { admittedActor } from "../../plugins/admission.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { incidentNotFound } from "../incidents/incident-lookup.ts";

const StreamParameters = Type.Object({
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        "begins with what comes after this position, 0: with the first event; without it and without `Last-Event-ID`, with what happens from now on",
    }),
  ),
  ...filterParameters,
});

const description = `Server-sent events. \`id\` is the event's position, \`data\` the JSON object that GET /events shows; there is no
\`event\` field, so that a browser's EventSource hands every event to \`onmessage\`: the type stands in the data. The events of a commit
come together and in order, and only when they are durable.

Whoever loses the connection comes back with the last \`id\` in \`Last-Event-ID\` and misses nothing and gets nothing twice; that
header wins over \`after\`, because an EventSource that comes back repeats its URL. Every 15 seconds there is a comment, with an \`id\`
of its own (and no data, so that it is no event) where events were passed over that the filter leaves out.

A client at the head that does not take what is sent is cut off when a mebibyte waits for it; one that reads history gets it as fast
as it takes it. A text that was erased reads \`null\` in every event sent from then on, and the erasure is an event itself,
\`text.erased\`, whose \`data.erased\` is the position of the event that lost its text: whoever keeps copies must erase theirs then.`;

const EventStream = {
  content: {
    "text/event-stream": {
      schema: { type: "string" },
      example: exampleStream,
    },
  },
};

/** What keeps proxies and browsers from holding back, changing or storing a stream. */
const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/** GET /events/stream: the ledger as it grows, and from any position on. */
export function streamRoute(app: App, services: Services): void {
  const { feed, ledger } = services;
  app.addHook("preClose", async () => feed.close());
  app.get(
    "/events/stream",
    {
      exposeHeadRoute: false,
      schema: {
        tags: ["ledger"],
        summary: "The ledger as it grows, as server-sent events",
        description,
        querystring: StreamParameters,
        response: { 200: EventStream },
      },
      config: {
        right: "read",
        answers: { 200: "A stream that goes on until one side ends it" },
        problems: ["team-not-found", "incident-not-found", "position-beyond-head", "too-many-followers", "closing"],
        resumable: true,
      },
    },
    async (request, reply) => {
      refusePast(request);
      const resumed = lastEventId(request);
      const filter = await filterOf(services, request.query);
      if (filter === null) throw incidentNotFound(request.query.incident ?? "");
      const head = await ledger.head();
      const after = resumed ?? request.query.after ?? head.position;
      if (after > head.position) throw beyondHead(after, head.position);
      // From here on nothing is awaited, so that the limit on followers holds.
      const { refusal } = feed;
      if (refusal !== null) throw refused(refusal);
      reflect(reply, head.position);
      reply.hijack();
      const { authorization } = request.headers;
      const isWelcome = () => isKnown(() => admittedActor(services, authorization, "read"));
      feed.follow({ response: reply.raw, filter, after, isWelcome }, { ...reply.getHeaders(), ...streamHeaders });
    },
  );
}

/** The position in `Last-Event-ID`, or null where there is none. */
function lastEventId({ headers }: FastifyRequest): number | null {
  const id = String(headers["last-event-id"] ?? "").trim();
  if (id === "") return null;
  if (/^\d{1,15}$/.test(id)) return Number(id);
  const detail = "must be a position, the `id` of an event of this stream";
  throw new ProblemError("malformed-header", `Last-Event-ID ${detail}.`, {
    faults: [{ header: "Last-Event-ID", detail }],
  });
}

function isKnown(actor: () => string | Promise<string>): boolean | Promise<boolean> {
  try {
    const found = actor();
    return typeof found === "string" || found.then(() => true, isUnknown);
  } catch (error) {
    return isUnknown(error);
  }
}

/** Only a credential that is not valid ends a stream; a vault that cannot be read does not. */
function isUnknown(error: unknown): boolean {
  return !(error instanceof ProblemError && (error.code === "unauthorized" || error.code === "forbidden"));
}

function beyondHead(after: number, head: number): ProblemError {
  const detail = `The ledger ends at position ${head}, so nothing can come after ${after} yet: that position is another ledger's, or this one was restored from an older copy. Read GET /events anew.`;
  return new ProblemError("position-beyond-head", detail);
}

function refused(refusal: "closing" | "too-many-followers"): ProblemError {
  const headers = { "retry-after": "5" };
  return refusal === "closing"
    ? new ProblemError("closing", "The service is stopping. Resume with the last id in a moment.", { headers })
    : new ProblemError("too-many-followers", "As many clients follow the ledger as this node takes.", { headers });
}
