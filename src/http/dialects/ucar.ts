import type { FastifyRequest } from "fastify";
import type { Status } from "../../../projections/incident.ts";
import type { Refusal } from "../../rules/refusal.ts";
import { titleOf } from "../title-of.ts";
import type { Dialect } from "./dialect.ts";
import type { DialectUpdate, Shown } from "./dialect-desk.ts";
import { type DialectFault, ExactAnswer, type FaultAnswer, plainly } from "./dialect-fault.ts";
import {
  bodyFault,
  bodyOf,
  enumFault,
  type Fault,
  integerFault,
  integerOf,
  invalid,
  missing,
  objectOf,
  rangeFault,
  validationError,
} from "./fastapi.ts";
import { unstorable } from "./json-body.ts";

// A FastAPI service, whose messages are partly in Russian. An incident of it:
const sample = {
  id: 1,
  description: "Самокат не в сети",
  source: "monitoring",
  status: "new",
  created_at: "2026-11-20T23:32:02",
};

// --- Its words and the desk's.

const statuses = {
  new: ["pending", "assigned", "snoozed"],
  in_progress: ["acknowledged"],
  resolved: ["resolved", "dismissed"],
  closed: ["closed", "merged", "deleted"],
} as const satisfies Readonly<Record<string, readonly Status[]>>;
type StatusWord = keyof typeof statuses;
const statusWords: readonly StatusWord[] = ["new", "in_progress", "resolved", "closed"];
const askedStatus = { new: "pending", in_progress: "acknowledged", resolved: "resolved", closed: "closed" } as const;

const sources = ["operator", "monitoring", "partner"] as const;
/** The desk has no incident without a title, and this system no titles. */
const noTitle = "(no description)";

// --- What it shows.

function shown({ ordinal, incident, texts }: Shown): typeof sample {
  return {
    id: ordinal,
    description: texts.description ?? (texts.title === noTitle ? "" : (texts.title ?? "")),
    source: sources.find((source) => source === incident.source) ?? "operator",
    status: statusWords.find((word) => statuses[word].some((one) => one === incident.status)) ?? "closed",
    created_at: (incident.claimed_at ?? incident.timestamp).slice(0, "2026-11-20T23:32:02".length),
  };
}

// --- What it takes, and what FastAPI says of what it does not take.

const longest_description = 65_536;
const highest_skip = Number.MAX_SAFE_INTEGER;

function reportOf(body: unknown): { readonly description: string; readonly source: (typeof sources)[number] } {
  const given = objectOf(body);
  const faults: Fault[] = [];
  const { description } = given;
  if (!Object.hasOwn(given, "description")) faults.push(missing(["body", "description"], given));
  else faults.push(...descriptionFaults(description));
  const source = sources.find((word) => word === given.source);
  if (!Object.hasOwn(given, "source")) faults.push(missing(["body", "source"], given));
  else if (source === undefined) faults.push(enumFault(["body", "source"], given.source, sources));
  if (faults.length > 0 || source === undefined) throw invalid(...faults);
  return { description: String(description), source };
}

function descriptionFaults(description: unknown): Fault[] {
  const loc = ["body", "description"];
  const place = { input: description };
  if (typeof description !== "string") {
    return [{ type: "string_type", loc, msg: "Input should be a valid string", ...place }];
  }
  if (description.length > longest_description) {
    const msg = `String should have at most ${longest_description} characters`;
    return [{ type: "string_too_long", loc, msg, ...place, ctx: { max_length: longest_description } }];
  }
  const fault = unstorable(description);
  return fault === null ? [] : [{ type: "value_error", loc, msg: `Value error, description ${fault}`, ...place }];
}

/** `before`: the faults that were found before the body was looked at. */
function changeOf(body: unknown, before: readonly Fault[]): DialectUpdate {
  const fault = bodyFault(body);
  if (fault !== null) throw invalid(...before, fault);
  const given = objectOf(body);
  const word = statusWords.find((known) => known === given.status);
  const isMissing = !Object.hasOwn(given, "status");
  const loc = ["body", "status"];
  const wrong = isMissing ? missing(loc, given) : enumFault(loc, given.status, statusWords);
  if (word === undefined) throw invalid(...before, wrong);
  if (before.length > 0) throw invalid(...before);
  return { status: askedStatus[word], unless_status: statuses[word], word: { dialect: "ucar", word } };
}

type Query = Readonly<Record<string, string | string[] | undefined>>;

function queryOf(query: Query) {
  const faults: Fault[] = [];
  const one = (name: string): string | undefined => [query[name] ?? []].flat().at(-1);
  const whole = (name: string, standard: number, least: number, most: number): number => {
    const input = one(name);
    if (input === undefined) return standard;
    const fault = rangeFault(["query", name], input, least, most);
    if (fault !== null) faults.push(fault);
    return Number(input);
  };
  const asked = one("status");
  const status = statusWords.find((word) => word === asked);
  if (asked !== undefined && status === undefined) faults.push(enumFault(["query", "status"], asked, statusWords));
  const skip = whole("skip", 0, 0, highest_skip);
  const limit = whole("limit", 100, 1, 1000);
  if (faults.length > 0) throw invalid(...faults);
  return { skip, limit, ...(status === undefined ? {} : { status: statuses[status] }) };
}

const idFault = (input: string): Fault => integerFault(["path", "incident_id"], input);

// --- Its routes.

type ById = FastifyRequest<{ Params: { incident_id: string } }>;

/** The dialect `ucar`. */
export const ucar: Dialect = {
  name: "ucar",
  team: "ucar",
  about: {
    title: "Incident API",
    version: "1.0.0",
    description: "API для учёта инцидентов: создать, найти, изменить статус.",
  },
  head: false,
  redoc: true,
  schemas: {
    Incident: {
      type: "object",
      properties: {
        id: { type: "integer" },
        description: { type: "string" },
        source: { type: "string", enum: sources },
        status: { type: "string", enum: statusWords },
        created_at: { type: "string", description: "UTC, whole seconds, without a zone" },
      },
      required: Object.keys(sample),
      examples: [sample],
    },
    NotFound: {
      type: "object",
      properties: { detail: { type: "string" } },
      required: ["detail"],
      examples: [{ detail: notFound(999) }],
    },
    HTTPValidationError: validationError,
  },
  answerFault,

  routes(app, desk) {
    const Incident = { description: "The incident", $ref: "Incident#" };
    const NotFound = { description: "There is no such incident", $ref: "NotFound#" };
    const Invalid = { description: "What is wrong", $ref: "HTTPValidationError#" };
    const Id = { type: "object", properties: { incident_id: { type: "integer" } }, required: ["incident_id"] };
    const find = async <Found>(id: bigint, by: (id: number) => Promise<Found | null>): Promise<Found> => {
      const found = id >= 1n && id <= Number.MAX_SAFE_INTEGER ? await by(Number(id)) : null;
      if (found === null) throw new ExactAnswer(404, { detail: notFound(id) });
      return found;
    };

    app.post("/incidents/", {
      schema: {
        summary: "Create Incident",
        body: {
          type: "object",
          properties: { description: { type: "string" }, source: { type: "string", enum: sources } },
          required: ["description", "source"],
        },
        response: { 201: Incident, 422: Invalid },
      },
      handler: async (request, reply) => {
        const { description, source } = reportOf(bodyOf(request));
        const title = titleOf(description) ?? noTitle;
        return reply.code(201).send(shown(await desk.report(request, { title, description, source })));
      },
    });

    app.get<{ Querystring: Query }>("/incidents/", {
      schema: {
        summary: "Get Incidents",
        querystring: {
          type: "object",
          properties: {
            status: { type: "string", enum: statusWords },
            skip: { type: "integer", minimum: 0, default: 0 },
            limit: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
          },
        },
        response: {
          200: {
            description: "Those that match, by id; total counts all of them",
            type: "object",
            properties: {
              incidents: { type: "array", items: { $ref: "Incident#" } },
              total: { type: "integer" },
            },
            required: ["incidents", "total"],
          },
          422: Invalid,
        },
      },
      handler: async (request) => {
        const { rows, total } = await desk.list(queryOf(request.query));
        return { incidents: rows.map(shown), total };
      },
    });

    app.get("/incidents/:incident_id", {
      schema: { summary: "Get Incident", params: Id, response: { 200: Incident, 404: NotFound, 422: Invalid } },
      handler: async (request: ById) => {
        const id = integerOf(request.params.incident_id);
        if (id === null) throw invalid(idFault(request.params.incident_id));
        return shown(await find(id, (ordinal) => desk.find(ordinal)));
      },
    });

    app.patch("/incidents/:incident_id", {
      schema: {
        summary: "Update Incident Status",
        params: Id,
        body: { type: "object", properties: { status: { type: "string", enum: statusWords } }, required: ["status"] },
        response: { 200: Incident, 404: NotFound, 422: Invalid },
      },
      handler: async (request: ById) => {
        // FastAPI validates the path and the body before the service looks for the incident.
        const id = integerOf(request.params.incident_id);
        const change = changeOf(bodyOf(request), id === null ? [idFault(request.params.incident_id)] : []);
        const found = await find(id ?? 0n, (ordinal) => desk.locate(ordinal));
        return shown(await desk.update(request, found, change));
      },
    });

    const about = (summary: string, description: string) => ({
      schema: { summary, response: { 200: { description, type: "object" } } },
    });
    app.get("/", about("Root", "Where things are"), async () => ({
      message: "Incident API",
      version: "1.0.0",
      docs: "/docs",
      endpoints: {
        create_incident: "POST /incidents/",
        get_incidents: "GET /incidents/",
        get_incident: "GET /incidents/{incident_id}",
        update_incident_status: "PATCH /incidents/{incident_id}",
      },
    }));
    app.get("/health", about("Health", "It is healthy"), async () => ({ status: "healthy", service: "incident-api" }));
  },
};

function notFound(id: number | bigint): string {
  return `Инцидент с ID ${id} не найден`;
}

/** What is merged stays so; the desk's own words would name it by another number. */
function conflictOf({ code, detail }: Refusal): string {
  return code === "illegal-transition" ? "Инцидент объединён с другим, его статус изменить нельзя" : detail;
}

function answerFault(fault: DialectFault, request: FastifyRequest): FaultAnswer {
  switch (fault.kind) {
    case "malformed-json": {
      const { message, offset } = fault.fault;
      const detail = [
        { type: "json_invalid", loc: ["body", offset], msg: "JSON decode error", input: {}, ctx: { error: message } },
      ];
      return { status: 422, body: { detail } };
    }
    case "no-such-path":
      return { status: 404, body: { detail: "Not Found" } };
    case "method-not-allowed":
      return { status: 405, body: { detail: "Method Not Allowed" } };
    case "no-key":
      return { status: 401, body: { detail: "Not authenticated: the path must begin with a key of this dialect" } };
    case "refused":
      if (fault.refusal.code === "forbidden") return { status: 403, body: { detail: fault.refusal.detail } };
      return fault.refusal.code === "incident-not-found"
        ? { status: 404, body: { detail: notFound(integerOf((request as ById).params.incident_id) ?? 0) } }
        : { status: 409, body: { detail: conflictOf(fault.refusal) } };
    default: {
      const { status, phrase, detail = phrase } = plainly(fault);
      return { status, body: { detail } };
    }
  }
}
