import { Type } from "@sinclair/typebox";
import type { Board } from "../../../../projections/board.ts";
import type { Incident } from "../../../../projections/incident.ts";
import { compareInQueue, type Queue, type QueueKey } from "../../../../projections/queue.ts";
import type { App } from "../../app-type.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard, reflect } from "../../settled-board.ts";
import { textsOf } from "../incidents/incident-lookup.ts";
import { IncidentAnswer, incidentExample, incidentView } from "../incidents/incident-view.ts";

const QueueParameters = Type.Object({
  team: Type.String({ default: "default", description: "whose queue" }),
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
      config: { answers: { 200: "One page of the queue" }, problems: ["team-not-found"] },
    },
    async (request, reply) => {
      const { team, limit, cursor, count } = request.query;
      const after = cursor === undefined ? null : keyOf(cursor);
      const page = await readBoard(services, (board) => pageOf(board, team, after, limit));
      reflect(reply, page.position);
      linkNextPage(request, reply, page.next_cursor);
      const incidents = await Promise.all(
        page.incidents.map(async (incident, index) =>
          incidentView(incident, await textsOf(services, incident, page.position), page.from_rank + index),
        ),
      );
      return { incidents, next_cursor: page.next_cursor, ...(count ? { total: page.size } : {}) };
    },
  );
}

interface QueuePage {
  readonly position: number;
  readonly incidents: readonly Incident[];
  /** The place of the first incident. */
  readonly from_rank: number;
  readonly next_cursor: string | null;
  readonly size: number;
}

function pageOf(board: Board, team_name: string, after: QueueKey | null, limit: number): QueuePage {
  const team = board.findTeam(team_name);
  if (team === undefined) throw new ProblemError("team-not-found", `There is no team ${team_name.slice(0, 64)}.`);
  const queue = board.queueOf(team.team);
  const from_rank = after === null ? 1 : rankAfter(queue, after);
  const incidents = queue.page(from_rank, limit);
  const last = incidents.at(-1);
  const isEnd = last === undefined || from_rank + incidents.length > queue.size;
  const next_cursor = isEnd ? null : writeCursor([last.severity, last.timestamp, last.number]);
  return { position: board.position, incidents, from_rank, next_cursor, size: queue.size };
}

function keyOf(cursor: string): QueueKey {
  const [severity, timestamp, number] = readCursor(cursor, ["number", "string", "number"]);
  return { severity, timestamp, number };
}

/** The place of the first incident that comes after the key, whether or not the key itself still waits. */
function rankAfter(queue: Queue, key: QueueKey): number {
  let low = 1;
  let high = queue.size + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [incident] = queue.page(middle, 1);
    if (incident !== undefined && compareInQueue(incident, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
