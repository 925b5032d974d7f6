import { Type } from "@sinclair/typebox";
import type { Board } from "../../../../projections/board.ts";
import { limits } from "../../../config.ts";
import { csvColumns } from "../../../readmodels/statistics/statistics-csv.ts";
import { dimensions, type StatisticsQuery, TooManyGroups } from "../../../readmodels/statistics/statistics-query.ts";
import type { App } from "../../app-type.ts";
import { refusePast } from "../../as-of.ts";
import { Time, words } from "../../fields.ts";
import { invalidParameter, ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard, reflect } from "../../settled-board.ts";
import { anyCase } from "../../validation/any-case.ts";
import { parseQueryInstant } from "../../validation/query-instant.ts";
import { filterParameters, labelOf, severityOf } from "../incidents/list-route.ts";
import { prefersCsv } from "./prefers-csv.ts";
import { StatisticsView } from "./statistics-view.ts";

const { severity, assigned_to, type, source, label } = filterParameters;

const StatisticsParameters = Type.Object({
  from: Type.Optional({ ...Time, description: "reported at or after this time, by the service's clock" }),
  to: Type.Optional({ ...Time, description: "reported before this time, by the service's clock" }),
  team: Type.Optional(Type.String({ maxLength: 200, description: "whatever its case" })),
  severity,
  assigned_to,
  type,
  source,
  label,
  by: Type.Optional(
    Type.String({
      pattern: `^${anyCase(dimensions)}(?:,${anyCase(dimensions)})*$`,
      "x-expects": `one or more of ${dimensions.join(", ")}, separated by commas`,
      description: "only these groupings, separated by commas; without it all four",
    }),
  ),
  format: Type.Optional(
    words(["json", "csv"], { description: "without it CSV where Accept would rather have text/csv, else JSON" }),
  ),
});

type Parameters = (typeof StatisticsParameters)["static"];

const description = `Counts and durations of the incidents that were reported in the span, all together and grouped by
severity, team, handler and day. They say how things stand at \`Ledger-Position\`: an incident counts where it is now,
with what has happened to it since its report, however long after \`to\`. Deleted incidents count nowhere.

Every time is one that the ledger recorded; the \`timestamp\` of a report, which its sender may set back, plays no part.
Days are days in UTC. What an incident went through before a move counts for the team that has it now. A reopened one is
no longer resolved; resolved again, its time to resolve runs from its report to the last resolution. Snoozed time is no
time in the queue.

As CSV (RFC 4180) there is one row for each group: \`dimension\`, \`key\`, and a column for each measure, durations in
seconds; the first row is of all incidents. An empty cell is a null. No cell begins like a formula.`;

/** GET /statistics. */
export function statisticsRoute(app: App, services: Services): void {
  app.get(
    "/statistics",
    {
      schema: {
        tags: ["statistics"],
        summary: "Counts, time to acknowledge, to resolve and in the queue",
        description: description.replaceAll(/(?<!\n)\n(?!\n)/g, " "),
        querystring: StatisticsParameters,
        response: { 200: StatisticsView },
      },
      config: {
        right: "read",
        answers: { 200: "The statistics" },
        csv_example: `${csvColumns.join(",")}\r\nall,,${csvColumns.slice(2).fill("0").join(",")}\r\n`,
        problems: ["team-not-found", "handler-not-found", "list-unavailable"],
      },
    },
    async (request, reply) => {
      refusePast(request);
      const isCsv = request.query.format?.toLowerCase() === "csv";
      const format =
        isCsv || (request.query.format === undefined && prefersCsv(request.headers.accept)) ? "csv" : "json";
      const { position, query } = await readBoard(services, (board) => ({
        position: board.position,
        query: queryOf(board, request.query, format),
      }));
      const answer = await services.list.statistics(query, position).catch(refuseGroups);
      reflect(reply, answer.position);
      if (format === "csv") reply.header("content-disposition", `attachment; filename="${fileName(query)}"`);
      return reply
        .header("vary", "accept")
        .type(format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/json; charset=utf-8")
        .send(bufferOf(answer.body) as never);
    },
  );
}

/** The same bytes, as what the framework sends untouched. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What is asked of the statistics. Teams and handlers are found whatever the case, and must exist. */
function queryOf(board: Board, parameters: Parameters, format: "json" | "csv"): StatisticsQuery {
  const { from, to, team, severity, assigned_to, type, source, label, by } = parameters;
  const reported_after = from === undefined ? undefined : (parseQueryInstant(from) ?? from);
  const reported_before = to === undefined ? undefined : (parseQueryInstant(to) ?? to);
  if (reported_after !== undefined && reported_before !== undefined && reported_after > reported_before) {
    throw invalidParameter("from", `must not be after to (${reported_before})`);
  }
  const teamName = team === undefined ? undefined : knownTeam(board, team);
  const handler = assigned_to === undefined ? undefined : knownHandler(board, assigned_to);
  const wanted = by?.toLowerCase().split(",");
  return {
    filters: {
      ...(reported_after === undefined ? {} : { reported_after }),
      ...(reported_before === undefined ? {} : { reported_before }),
      ...(teamName === undefined ? {} : { team: teamName }),
      ...(handler === undefined ? {} : { assigned_to: handler }),
      ...(severity === undefined ? {} : { severity: severity.split(",").map(severityOf) }),
      ...(type === undefined ? {} : { type }),
      ...(source === undefined ? {} : { source }),
      ...(label === undefined ? {} : { labels: label.map(labelOf) }),
    },
    by: dimensions.filter((dimension) => wanted === undefined || wanted.includes(dimension)),
    teams: teamName === undefined ? [...board.teams.keys()] : [teamName],
    handlers: handler === undefined ? handlersOf(board, teamName) : [handler],
    format,
    most_groups: limits.statistics_groups,
  };
}

function knownTeam(board: Board, name: string): string {
  const team = board.findTeam(name);
  if (team === undefined) throw new ProblemError("team-not-found", `There is no team ${name.slice(0, 64)}.`);
  return team.team;
}

function knownHandler(board: Board, name: string): string {
  const handler = board.findHandler(name);
  if (handler === undefined) throw new ProblemError("handler-not-found", `There is no handler ${name.slice(0, 64)}.`);
  return handler.handler_id;
}

function handlersOf(board: Board, team: string | undefined): string[] {
  const handlers = [...board.handlers.values()].filter((each) => each.team !== null);
  return handlers.filter((each) => team === undefined || each.team === team).map((each) => each.handler_id);
}

function fileName({ filters: { team, reported_after, reported_before } }: StatisticsQuery): string {
  const days = [reported_after, reported_before].flatMap((instant) => instant?.slice(0, "2026-01-31".length) ?? []);
  return `${["statistics", ...(team === undefined ? [] : [team]), ...days].join("-")}.csv`;
}

function refuseGroups(error: unknown): never {
  if (!(error instanceof TooManyGroups)) throw error;
  const most = limits.statistics_groups;
  throw invalidParameter(
    "by",
    `gives more than ${most} rows by ${error.dimension}; leave it out, or select fewer incidents`,
  );
}
