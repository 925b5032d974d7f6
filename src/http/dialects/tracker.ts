import type { FastifyRequest } from "fastify";
import type { Status } from "../../../projections/incident.ts";
import type { Refusal } from "../../rules/refusal.ts";
import type { Dialect } from "./dialect.ts";
import type { DialectUpdate, Shown } from "./dialect-desk.ts";
import { type DialectFault, ExactAnswer, type FaultAnswer, plainly } from "./dialect-fault.ts";
import { isObject, jsonBody, unstorable } from "./json-body.ts";
import { streamed } from "./streamed-list.ts";

// A Flask service: no credentials, no paging, no trailing slash. An incident of it:
const sample = {
  id: 1,
  title: "Payment Gateway Down",
  description: "Cards are declined since ten.",
  reported_by: "jane",
  severity: "High",
  status: "Open",
  timestamp: "2025-09-06T20:52:35.521060",
};

// --- Its words and the desk's.

const statuses = {
  Open: ["pending", "assigned", "snoozed"],
  "In Progress": ["acknowledged"],
  Resolved: ["resolved", "closed", "dismissed", "merged", "deleted"],
} as const satisfies Readonly<Record<string, readonly Status[]>>;
type StatusWord = keyof typeof statuses;
const statusWords: readonly StatusWord[] = ["Open", "In Progress", "Resolved"];
const askedStatus = { Open: "pending", "In Progress": "acknowledged", Resolved: "resolved" } as const;

/** What a word is recorded as, and what it reads. */
const severities = {
  Low: { recorded: 4, read: [4, 5] },
  Medium: { recorded: 3, read: [3] },
  High: { recorded: 2, read: [1, 2] },
} as const;
type SeverityWord = keyof typeof severities;
const severityWords: readonly SeverityWord[] = ["Low", "Medium", "High"];

// --- What it shows.

function shown({ ordinal, incident, texts }: Shown): typeof sample {
  return {
    id: ordinal,
    title: texts.title ?? "",
    description: texts.description ?? "",
    reported_by: texts.reported_by ?? "",
    severity: severityWords.find((word) => [...severities[word].read].some((n) => n === incident.severity)) ?? "Low",
    status: statusWordOf(incident.status),
    timestamp: `${(incident.claimed_at ?? incident.timestamp).slice(0, -1)}000`,
  };
}

function statusWordOf(status: Status): StatusWord {
  return statusWords.find((word) => statuses[word].some((one) => one === status)) ?? "Resolved";
}

// --- What it takes.

const required = ["title", "description", "reported_by", "severity"] as const;
/** The longest that the desk records, in UTF-16 code units. */
const longest = { title: 500, description: 65_536, reported_by: 200 } as const;

function reportOf(body: unknown) {
  const given = objectOf(body);
  const blank = (field: string): boolean => {
    const value = given[field];
    // What is no text can be no title either; of a severity it is said that it is none.
    if (typeof value !== "string") return field !== "severity" || !value;
    return value.trim() === "";
  };
  const missing = required.filter(blank);
  if (missing.length > 0) throw new ExactAnswer(400, { error: "Missing required field(s)", missing });
  const [title, description, reported_by, word] = required.map((field) =>
    typeof given[field] === "string" ? given[field] : "",
  );
  const severity = severityWords.find((known) => known === word);
  if (severity === undefined) throw invalid("severity", `Severity must be ${listed(severityWords)}`);
  const report = { title: title ?? "", description: description ?? "", reported_by: reported_by ?? "", severity };
  for (const field of ["title", "description", "reported_by"] as const) {
    if (report[field].length > longest[field]) {
      throw invalid(field, `${field} must have at most ${longest[field]} characters`);
    }
    const fault = unstorable(report[field]);
    if (fault !== null) throw invalid(field, `${field} ${fault}`);
  }
  return report;
}

/** The body, which must be a JSON object with something in it. */
function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  if (isObject(body) && Object.keys(body).length > 0) return body;
  throw new ExactAnswer(400, { error: "No JSON data provided" });
}

function changeOf(body: unknown): DialectUpdate {
  const { status } = objectOf(body);
  if (status === undefined) return {};
  const word = statusWords.find((known) => known === status);
  if (word === undefined) throw invalid("status", `Status must be ${listed(statusWords)}`);
  return { status: askedStatus[word], unless_status: statuses[word], word: { dialect: "tracker", word } };
}

function invalid(field: string, message: string): ExactAnswer {
  return new ExactAnswer(400, { error: `Invalid ${field}`, message });
}

/** A list in the way of Python. */
function listed(words: readonly string[]): string {
  return `[${words.map((word) => `'${word}'`).join(", ")}]`;
}

// --- Its routes.

type ById = FastifyRequest<{ Params: { id: string } }>;
const notFound = { error: "Incident not found" };

/** The dialect `tracker`. */
export const tracker: Dialect = {
  name: "tracker",
  team: "tracker",
  about: {
    title: "Incident Tracker API",
    version: "1.0.0",
    description:
      "Report, list, update and delete incidents. Severities are Low, Medium, High; statuses are Open, In Progress, Resolved.",
  },
  head: true,
  redoc: false,
  schemas: {
    Incident: {
      type: "object",
      properties: {
        id: { type: "integer" },
        title: { type: "string" },
        description: { type: "string" },
        reported_by: { type: "string" },
        severity: { type: "string", enum: severityWords },
        status: { type: "string", enum: statusWords },
        timestamp: { type: "string", description: "UTC, without a zone" },
      },
      required: Object.keys(sample),
      examples: [sample],
    },
    Error: {
      type: "object",
      properties: {
        error: { type: "string" },
        message: { type: "string" },
        missing: { type: "array", items: { type: "string" } },
      },
      required: ["error"],
      examples: [notFound],
    },
  },
  answerFault,

  routes(app, desk) {
    const Incident = { $ref: "Incident#" };
    const Fault = { $ref: "Error#" };
    const Id = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };
    const find = async <Found>({ params }: ById, by: (id: number) => Promise<Found | null>): Promise<Found> => {
      const found = /^\d{1,15}$/.test(params.id) ? await by(Number(params.id)) : null;
      if (found === null) throw new ExactAnswer(404, notFound);
      return found;
    };

    app.post("/incidents", {
      schema: {
        summary: "Report an incident",
        body: {
          type: "object",
          properties: {
            title: { type: "string" },
            description: { type: "string" },
            reported_by: { type: "string" },
            severity: { type: "string", enum: severityWords },
          },
          required,
        },
        response: {
          201: { description: "The incident", ...Incident },
          400: { description: "What is wrong", ...Fault },
        },
      },
      handler: async (request, reply) => {
        const { severity, ...texts } = reportOf(jsonBody(request));
        const incident = await desk.report(request, { ...texts, severity: severities[severity].recorded });
        return reply.code(201).send(shown(incident));
      },
    });

    app.get<{ Querystring: Readonly<Record<string, string | string[] | undefined>> }>("/incidents", {
      schema: {
        summary: "All incidents, the newest first",
        querystring: {
          type: "object",
          properties: {
            status: { type: "string", enum: statusWords },
            severity: { type: "string", enum: severityWords },
          },
        },
        response: {
          200: {
            description: "Those that match",
            type: "object",
            properties: { incidents: { type: "array", items: Incident }, total: { type: "integer" } },
          },
        },
      },
      handler: async (request, reply) => {
        const status = filterOf(request.query.status, statusWords);
        const severity = filterOf(request.query.severity, severityWords);
        // A word that it does not know matches nothing; an empty one is no filter.
        if (status === null || severity === null) return { incidents: [], total: 0 };
        const pages = desk.all({
          newest_first: true,
          ...(status === undefined ? {} : { status: statuses[status] }),
          ...(severity === undefined ? {} : { severity: severities[severity].read }),
        });
        return streamed(reply, pages, shown, { before: '{"incidents":[', after: (total) => `],"total":${total}}` });
      },
    });

    app.patch("/incidents/:id", {
      schema: {
        summary: "Change the status of an incident",
        params: Id,
        body: { type: "object", properties: { status: { type: "string", enum: statusWords } } },
        response: {
          200: { description: "The incident", ...Incident },
          400: { description: "What is wrong", ...Fault },
          404: { description: "There is no such incident", ...Fault },
        },
      },
      handler: async (request: ById) => {
        const found = await find(request, (id) => desk.locate(id));
        return shown(await desk.update(request, found, changeOf(jsonBody(request))));
      },
    });

    app.delete("/incidents/:id", {
      schema: {
        summary: "Delete an incident",
        params: Id,
        response: {
          200: {
            description: "It is deleted",
            type: "object",
            properties: { message: { type: "string" }, deleted_incident: Incident },
          },
          404: { description: "There is no such incident", ...Fault },
        },
      },
      handler: async (request: ById) => {
        const removed = await desk.remove(request, await find(request, (id) => desk.find(id)));
        return { message: "Incident deleted successfully", deleted_incident: shown(removed) };
      },
    });
  },
};

function filterOf<Word extends string>(
  asked: string | string[] | undefined,
  words: readonly Word[],
): Word | null | undefined {
  // Flask reads the first of several.
  const word = Array.isArray(asked) ? asked[0] : asked;
  if (word === undefined || word === "") return undefined;
  return words.find((known) => known === word) ?? null;
}

/** What is merged stays so; the desk's own words would name it by another number. */
function conflictOf({ code, detail }: Refusal): string {
  return code === "illegal-transition" ? "The incident was merged into another one and cannot change" : detail;
}

function answerFault(fault: DialectFault): FaultAnswer {
  switch (fault.kind) {
    case "malformed-json":
      return { status: 400, body: { error: "No JSON data provided" } };
    case "no-such-path":
      return { status: 404, body: { error: "Not found" } };
    case "method-not-allowed":
      return { status: 405, body: { error: "Method not allowed" } };
    case "no-key":
      return {
        status: 401,
        body: { error: "Unauthorized", message: "The path must begin with a key of this dialect" },
      };
    case "refused":
      if (fault.refusal.code === "forbidden") {
        return { status: 403, body: { error: "Forbidden", message: fault.refusal.detail } };
      }
      return fault.refusal.code === "incident-not-found"
        ? { status: 404, body: notFound }
        : { status: 409, body: { error: "Conflict", message: conflictOf(fault.refusal) } };
    default: {
      const { status, phrase: error, detail: message } = plainly(fault);
      return { status, body: message === undefined ? { error } : { error, message } };
    }
  }
}
