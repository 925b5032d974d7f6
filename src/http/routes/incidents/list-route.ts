import { Type } from "@sinclair/typebox";
import type { Board } from "../../../../projections/board.ts";
import { listedStatuses } from "../../../../projections/incident.ts";
import { limits } from "../../../config.ts";
import { InvalidCursor } from "../../../readmodels/list-cursor.ts";
import { type ListQuery, type ListSort, listSorts } from "../../../readmodels/list-query.ts";
import { countWords, parseSearch, type Search } from "../../../readmodels/search/search-query.ts";
import type { App } from "../../app-type.ts";
import { refusePast } from "../../as-of.ts";
import { severityLabels, severityNumber, Time } from "../../fields.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { invalidParameter } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { anyCase } from "../../validation/any-case.ts";
import { parseQueryInstant } from "../../validation/query-instant.ts";
import { IncidentAnswer, incidentExample, incidentView } from "./incident-view.ts";

const statusWords = ["open", ...listedStatuses] as const;

/** Words of a list, separated by commas. */
function commaList(pattern: string, expects: string, description: string) {
  return Type.Optional(Type.String({ pattern: `^${pattern}(?:,${pattern})*$`, "x-expects": expects, description }));
}

const searchDescription = [
  "full text: what titles, descriptions and comments must say, in any language, case and accents aside.",
  "Every word must be there, or be the beginning of one that is (`check` finds checkout).",
  'Quotes make a phrase of whole words (`"disk full"`), and so do signs between words (`db-01.example.com`).',
  "A minus before a word or a phrase leaves out what has it (`-test`).",
  "Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are found by any part of a text.",
  `At most ${limits.search_words} words, which are told apart by their first 48 characters;`,
  "phrases are found in the first 65,535 words of an incident's description and of its comments.",
  "The order is, unless `sort` says otherwise: all words in the title, then in title or description, then comments too;",
  "within each whole words before beginnings, then the newest first.",
].join(" ");

/** The filters that lists of incidents and statistics share. */
export const filterParameters = {
  severity: commaList(
    `(?:[1-5]|${anyCase(severityLabels)})`,
    `one or more of 1 to 5 or ${severityLabels.join(", ")}, separated by commas`,
    "any of these, separated by commas",
  ),
  assigned_to: Type.Optional(Type.String({ maxLength: 200, description: "a handler_id, whatever its case" })),
  type: Type.Optional(Type.String({ maxLength: 200, description: "exactly this type" })),
  source: Type.Optional(Type.String({ maxLength: 200, description: "exactly this source" })),
  label: Type.Optional(
    Type.Array(Type.String({ pattern: "^[^:]+:", "x-expects": "key:value" }), {
      maxItems: 64,
      description: "`key:value`; given several times, all must hold",
    }),
  ),
};

const ListParameters = Type.Object({
  status: commaList(
    anyCase(statusWords),
    `one or more of ${statusWords.join(", ")}, separated by commas`,
    "any of these, separated by commas; `open` stands for the four open ones",
  ),
  team: Type.Optional(Type.String({ maxLength: 200, description: "a team's name, whatever its case" })),
  ...filterParameters,
  reported_after: Type.Optional({ ...Time, description: "at or after this time" }),
  reported_before: Type.Optional({ ...Time, description: "before this time" }),
  q: Type.Optional(Type.String({ maxLength: limits.search_characters, description: searchDescription })),
  sort: Type.Optional(
    Type.Unsafe<ListSort>({
      type: "string",
      enum: [...listSorts, "relevance"],
      description:
        "`number` as they were reported, `severity` the most urgent first, `timestamp` the longest ago first; a minus turns it round; `relevance` the best match first, only with `q`. Without it `relevance` where there is a `q`, else `-number`",
    }),
  ),
  ...pageParameters,
});

type Parameters = (typeof ListParameters)["static"];

/** GET /incidents. */
export function listRoute(app: App, services: Services): void {
  app.get(
    "/incidents",
    {
      schema: {
        tags: ["incidents"],
        summary: "All incidents, by any of their fields and by full text",
        querystring: ListParameters,
        response: { 200: pageSchema("incidents", IncidentAnswer, incidentExample) },
      },
      config: {
        right: "read",
        answers: { 200: "One page of the incidents that match" },
        problems: ["list-unavailable"],
      },
    },
    async (request, reply) => {
      refusePast(request);
      const page = await services.list
        .page(queryOf(services.desk.board, request.query), services.desk.durable_position)
        .catch(refuseCursor);
      reflect(reply, page.position);
      linkNextPage(request, reply, page.next_cursor);
      return {
        incidents: page.rows.map(({ incident, texts, queue_position }) =>
          incidentView(incident, texts, queue_position),
        ),
        next_cursor: page.next_cursor,
        ...(page.total === undefined ? {} : { total: page.total }),
      };
    },
  );
}

/** The query of the list that the parameters stand for. Teams and handlers are found whatever the case. */
function queryOf(board: Board, parameters: Parameters): ListQuery {
  const { q, status, severity, team, assigned_to, type, source, label, reported_after, reported_before, ...page } =
    parameters;
  if (page.sort === "relevance" && q === undefined) throw invalidParameter("sort", "`relevance` needs a search, `q`");
  const statuses = status?.toLowerCase().split(",");
  return {
    ...page,
    ...(q === undefined ? {} : { search: searchOf(q) }),
    ...(statuses === undefined ? {} : { status: statusWords.filter((word) => statuses.includes(word)) }),
    ...(severity === undefined ? {} : { severity: severity.split(",").map(severityOf) }),
    ...(team === undefined ? {} : { team: board.findTeam(team)?.team ?? team }),
    ...(assigned_to === undefined ? {} : { assigned_to: board.findHandler(assigned_to)?.handler_id ?? assigned_to }),
    ...(type === undefined ? {} : { type }),
    ...(source === undefined ? {} : { source }),
    ...(label === undefined ? {} : { labels: label.map(labelOf) }),
    ...(reported_after === undefined ? {} : { reported_after: parseQueryInstant(reported_after) ?? reported_after }),
    ...(reported_before === undefined
      ? {}
      : { reported_before: parseQueryInstant(reported_before) ?? reported_before }),
  };
}

function searchOf(q: string): Search {
  const search = parseSearch(q);
  if (search === null) {
    throw invalidParameter("q", "must have a letter, a digit or an emoji to look for, not only what to leave out");
  }
  if (countWords(search) > limits.search_words) {
    throw invalidParameter("q", `must have at most ${limits.search_words} words`);
  }
  return search;
}

/** The number of a severity in a list. */
export function severityOf(word: string): number {
  return severityNumber(/^\d$/.test(word) ? Number(word) : word);
}

/** The label that `key:value` stands for. */
export function labelOf(text: string): { readonly key: string; readonly value: string } {
  const colon = text.indexOf(":");
  return { key: text.slice(0, colon), value: text.slice(colon + 1) };
}

function refuseCursor(error: unknown): never {
  throw error instanceof InvalidCursor
    ? invalidParameter("cursor", "must be a `next_cursor` of this sort, this search and these filters")
    : error;
}
