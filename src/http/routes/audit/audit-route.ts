import { type Static, Type } from "@sinclair/typebox";
import type { FastifyReply } from "fastify";
import type { App } from "../../app-type.ts";
import { refusePast } from "../../as-of.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { Time, words } from "../../fields.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { invalidParameter } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { anyCase } from "../../validation/any-case.ts";
import { parseQueryInstant } from "../../validation/query-instant.ts";
import { prefersCsv } from "../statistics/prefers-csv.ts";
import { auditHeading, csvLine, exported, jsonLine } from "./audit-export.ts";
import { Audit, type AuditQuery, placeOf } from "./audit-pages.ts";
import { type AuditJson, AuditRowAnswer, auditExample, auditKinds, auditSources } from "./audit-view.ts";

const AuditParameters = Type.Object({
  actor: Type.Optional(
    Type.String({ maxLength: 200, description: "only what this actor did: `user:7`, `key:3`, `admin`, `cli`" }),
  ),
  kind: Type.Optional(
    Type.String({
      pattern: `^${anyCase(auditKinds)}(?:,${anyCase(auditKinds)})*$`,
      "x-expects": `one or more of ${auditKinds.join(", ")}, separated by commas`,
      description: "only these kinds, separated by commas",
    }),
  ),
  user_id: Type.Optional(
    Type.Integer({ minimum: 1, description: "only what this user did, and what was done to them" }),
  ),
  key_id: Type.Optional(
    Type.Integer({ minimum: 1, description: "only what was done with this key, and what was done to it" }),
  ),
  from: Type.Optional({ ...Time, description: "only what had not ended before this time" }),
  to: Type.Optional({ ...Time, description: "only what began before this time" }),
  source: Type.Optional(words(auditSources, { description: "only the changes in the ledger, or only the access log" })),
  format: Type.Optional(
    words(["json", "csv", "ndjson"], {
      description:
        "`csv` and `ndjson` give everything that matches at once, without pages; without it CSV where Accept would rather have text/csv, else a page of JSON",
    }),
  ),
  ...pageParameters,
});

type Parameters = Static<typeof AuditParameters>;

const description = `Two sources in one list, newest first: the changes of users, keys and rights, which are events of the
ledger and stay for ever; and the access log of the vault, which has sign-ins, refusals, first uses of a key from a network
and changed fields of users, for as long as ACCESS_LOG_DAYS says. Refusals are those of a credential that is not valid
(401) and of a right that is missing (403). \`rate-limited\` has the requests that came more often than RATE_LIMIT or
RATE_LIMIT_UNAUTHENTICATED allows (429), by credential and network, whatever they asked for.

What happens often is one row with a count, from \`at\` to \`last_at\`. Rows that strangers can cause are limited, too: what
is beyond that is counted in a row \`others\`. Names are those of today. Rows of a user who was erased stay, without
address.`;

/** GET /audit. */
export function auditRoute(app: App, services: Services): void {
  app.get(
    "/audit",
    {
      schema: {
        tags: ["access"],
        summary: "Who did what to the access, and who came in or was turned away",
        description: description.replaceAll(/(?<!\n)\n(?!\n)/g, " "),
        operationId: "listAudit",
        querystring: AuditParameters,
        response: { 200: pageSchema("audit", AuditRowAnswer, auditExample) },
      },
      config: {
        right: "administer",
        answers: { 200: "One page of the audit, or all of it as CSV or NDJSON" },
        csv_example: auditHeading + csvLine(auditExample),
        ndjson_example: jsonLine(auditExample),
      },
    },
    async (request, reply) => {
      refusePast(request);
      const format = formatOf(request.query.format, request.headers.accept);
      const audit = await Audit.open(services, queryOf(request.query));
      if (format !== "json") return exportedAs(format, audit, request.query, reply);
      const { limit, cursor, count } = request.query;
      const after = cursor === undefined ? null : readCursor(cursor, ["string", "string", "number"]);
      const { rows, isMore } = await audit.page(after, limit);
      const last = rows.at(-1);
      const next_cursor = isMore && last !== undefined ? writeCursor(placeOf(last)) : null;
      const total = count ? { total: await audit.count() } : {};
      reflect(reply, audit.position);
      reply.header("vary", "accept");
      linkNextPage(request, reply, next_cursor);
      return { audit: [...rows], next_cursor, ...total };
    },
  );
}

type Format = "json" | "csv" | "ndjson";

async function exportedAs(
  format: Exclude<Format, "json">,
  audit: Audit,
  { cursor, count }: Parameters,
  reply: FastifyReply,
): Promise<never> {
  if (cursor !== undefined) throw invalidParameter("cursor", `does not go with ${format}, which has no pages`);
  if (count) throw invalidParameter("count", `does not go with ${format}`);
  const [type, heading, lineOf]: [string, string, (row: AuditJson) => string] =
    format === "csv"
      ? ["text/csv; charset=utf-8; header=present", auditHeading, csvLine]
      : ["application/x-ndjson", "", jsonLine];
  const text = await exported(audit.all(), heading, lineOf);
  reflect(reply, audit.position);
  reply.header("vary", "accept");
  reply.header("content-disposition", `attachment; filename="audit.${format}"`);
  return reply.type(type).send(text as never) as never;
}

function formatOf(format: string | undefined, accept: string | undefined): Format {
  const named = format?.toLowerCase();
  if (named === "csv" || named === "ndjson" || named === "json") return named;
  return prefersCsv(accept) ? "csv" : "json";
}

function queryOf({ actor, kind, user_id, key_id, from, to, source }: Parameters): AuditQuery {
  const since = from === undefined ? undefined : (parseQueryInstant(from) ?? from);
  const until = to === undefined ? undefined : (parseQueryInstant(to) ?? to);
  if (since !== undefined && until !== undefined && since > until) {
    throw invalidParameter("from", `must not be after to (${until})`);
  }
  return {
    source: auditSources.find((each) => each === source?.toLowerCase()) ?? null,
    filter: {
      ...(actor === undefined ? {} : { actor }),
      ...(kind === undefined ? {} : { kinds: kind.toLowerCase().split(",") }),
      ...(user_id === undefined ? {} : { user_id }),
      ...(key_id === undefined ? {} : { key_id }),
      ...(since === undefined ? {} : { from: since }),
      ...(until === undefined ? {} : { to: until }),
    },
  };
}
