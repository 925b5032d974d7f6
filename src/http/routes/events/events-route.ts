import { setImmediate as nextTurn } from "node:timers/promises";
import { Type } from "@sinclair/typebox";
import { limits } from "../../../config.ts";
import type { HashedEvent } from "../../../ledger/ledger.ts";
import { largestPage } from "../../../ledger/page.ts";
import type { App } from "../../app-type.ts";
import { refusePast } from "../../as-of.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { type EventFilter, isSelective } from "../../feed/event-filter.ts";
import { filterOf, filterParameters } from "../../feed/event-parameters.ts";
import { type EventRange, readMatching } from "../../feed/matching-events.ts";
import { TeamsAlong } from "../../feed/teams-along.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { invalidParameter } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard, reflect } from "../../settled-board.ts";
import { LedgerEventAnswer, ledgerEventExample, ledgerEventView } from "./event-view.ts";

const EventParameters = Type.Object({
  after: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    default: 0,
    description: "only positions after this one",
  }),
  ...filterParameters,
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
      config: {
        right: "read",
        answers: {
          200: "One page of the events that match; with `team` it may be short although `next_cursor` goes on",
        },
        problems: ["team-not-found"],
      },
    },
    async (request, reply) => {
      refusePast(request);
      const { limit, cursor, count, team } = request.query;
      if (count && team !== undefined) throw invalidParameter("count", "cannot be had together with team");
      const until = await readBoard(services, (board) => board.position);
      const filter = await filterOf(services, request.query);
      reflect(reply, until);
      if (filter === null) return { events: [], next_cursor: null, ...(count ? { total: 0 } : {}) };
      const from = cursor === undefined ? 0 : readCursor(cursor, ["number"])[0];
      const after = Math.max(request.query.after, from);
      const { events, goes_on_after } = await readPage(services, filter, { after, until, limit });
      const next_cursor = goes_on_after === null ? null : writeCursor([goes_on_after]);
      linkNextPage(request, reply, next_cursor);
      return {
        events: events.map(ledgerEventView),
        next_cursor,
        ...(count ? { total: await countEvents(services, filter, { after: request.query.after, until }) } : {}),
      };
    },
  );
}

interface EventPage {
  readonly events: readonly HashedEvent[];
  /** Null: there is nothing more. */
  readonly goes_on_after: number | null;
}

/** A page of what the filter wants. Where that has to be looked for, it may be short although there is more. */
async function readPage({ ledger }: Services, filter: EventFilter, range: EventRange): Promise<EventPage> {
  const { until, limit } = range;
  const teams = new TeamsAlong(ledger);
  const most_positions = filter.team === null ? Number.POSITIVE_INFINITY : limits.team_page_positions;
  const found: HashedEvent[] = [];
  let { after } = range;
  // One more than is shown tells whether there is more.
  while (after < until && found.length <= limit && after - range.after < most_positions) {
    const wanted = Math.min(limit + 1 - found.length, largestPage);
    const { events, reached } = await readMatching(ledger, filter, teams, { after, until, limit: wanted });
    found.push(...events);
    after = reached;
    if (filter.team !== null) await nextTurn();
  }
  const events = found.slice(0, limit);
  if (found.length > limit) return { events, goes_on_after: events.at(-1)?.position ?? null };
  return { events, goes_on_after: after < until ? after : null };
}

async function countEvents(
  { ledger }: Services,
  filter: EventFilter,
  { after: from, until }: Omit<EventRange, "limit">,
): Promise<number> {
  if (!isSelective(filter)) return Math.max(0, until - from);
  const teams = new TeamsAlong(ledger);
  let total = 0;
  for (let after = from; after < until; ) {
    const { events, reached } = await readMatching(ledger, filter, teams, { after, until, limit: largestPage });
    total += events.length;
    after = reached;
  }
  return total;
}
