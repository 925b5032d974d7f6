import { Type } from "@sinclair/typebox";
import { definitions, type EventName } from "../../../../events/registry.ts";
import { incidentStream } from "../../../../events/stream.ts";
import type { ReadFilter } from "../../../ledger/ledger.ts";
import type { App } from "../../app-type.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { invalidParameter } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard, reflect } from "../../settled-board.ts";
import { incidentNumber } from "../incidents/incident-lookup.ts";
import { LedgerEventAnswer, ledgerEventExample, ledgerEventView } from "./event-view.ts";

const EventParameters = Type.Object({
  after: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    default: 0,
    description: "only positions after this one",
  }),
  type: Type.Optional(Type.String({ description: "any of these event types, separated by commas" })),
  incident: Type.Optional(Type.String({ description: "only events of this incident, by number or incident_id" })),
  ...pageParameters,
});

/** GET /events: the ledger, page by page. */
export function eventsRoute(app: App, services: Services): void {
  app.get(
    "/events",
    {
      schema: {
        tags: ["ledger"],
        summary: "The ledger, page by page, oldest first",
        querystring: EventParameters,
        response: { 200: pageSchema("events", LedgerEventAnswer, ledgerEventExample) },
      },
      config: { answers: { 200: "One page of the events that match" } },
    },
    async (request, reply) => {
      const { limit, cursor, count } = request.query;
      const until = await readBoard(services, (board) => board.position);
      const filter = await filterOf(services, request.query, until);
      reflect(reply, until);
      if (filter === null) return { events: [], next_cursor: null, ...(count ? { total: 0 } : {}) };
      const from = cursor === undefined ? 0 : readCursor(cursor, ["number"])[0];
      const after = Math.max(filter.after, from);
      const page = await readUpTo(services, { ...filter, after }, limit + 1);
      const events = page.slice(0, limit);
      const last = page.length > limit ? events.at(-1) : undefined;
      const next_cursor = last === undefined ? null : writeCursor([last.position]);
      linkNextPage(request, reply, next_cursor);
      return {
        events: events.map(ledgerEventView),
        next_cursor,
        ...(count ? { total: await countEvents(services, filter) } : {}),
      };
    },
  );
}

type Filter = ReadFilter & { readonly after: number; readonly until: number };

/** What to read, or null where nothing can match. */
async function filterOf(
  services: Services,
  { after, type, incident }: (typeof EventParameters)["static"],
  until: number,
): Promise<Filter | null> {
  const filter = { after, until, ...(type === undefined ? {} : { types: type.split(",").map(eventName) }) };
  if (incident === undefined) return filter;
  const number = await incidentNumber(services, incident);
  return number === null ? null : { ...filter, stream: incidentStream(number) };
}

function eventName(name: string): EventName {
  const definition = definitions.get(name);
  if (definition === undefined)
    throw invalidParameter("type", `must name events; ${JSON.stringify(name.slice(0, 64))} is none`);
  return definition.name;
}

/** A page that may be one row longer than the ledger's longest. */
async function readUpTo({ ledger }: Services, filter: Filter, limit: number) {
  const first = await ledger.read({ ...filter, limit: Math.min(limit, ledgerPage) });
  const last = first.at(-1);
  if (limit <= ledgerPage || last === undefined || first.length < ledgerPage) return first;
  return [...first, ...(await ledger.read({ ...filter, after: last.position, limit: limit - ledgerPage }))];
}

const ledgerPage = 1000;

async function countEvents({ ledger }: Services, filter: Filter): Promise<number> {
  if (filter.types === undefined && filter.stream === undefined) return Math.max(0, filter.until - filter.after);
  let total = 0;
  for (let after = filter.after; ; ) {
    const page = await ledger.read({ ...filter, after, limit: ledgerPage });
    total += page.length;
    const last = page.at(-1);
    if (last === undefined || page.length < ledgerPage) return total;
    after = last.position;
  }
}
