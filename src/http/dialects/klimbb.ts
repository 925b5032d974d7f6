import type { FastifyRequest } from "fastify";
import { isOpen, type Status } from "../../../projections/incident.ts";
import type { Refusal } from "../../rules/refusal.ts";
import { titleOf } from "../title-of.ts";
import type { Dialect } from "./dialect.ts";
import type { DialectReport, DialectUpdate, Shown } from "./dialect-desk.ts";
import { DialectError, type DialectFault, ExactAnswer, type FaultAnswer } from "./dialect-fault.ts";
import { DjangoFields, type Given, givenOf } from "./django.ts";
import { streamed } from "./streamed-list.ts";

// A Django REST service: Alice, Bob and Charlie take incidents by priority. An incident of it:
const sample = {
  incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
  type: "System Outage",
  severity: 1,
  timestamp: "2023-12-17T10:00:00Z",
  description: "Complete system failure",
  status: "Assigned",
  assigned_to: "Alice" as string | null,
};

// --- Its words and the desk's.

const statuses = {
  Pending: ["pending"],
  Assigned: ["assigned"],
  "In Progress": ["acknowledged"],
  Snoozed: ["snoozed"],
  Resolved: ["resolved"],
  Closed: ["closed", "dismissed", "merged", "deleted"],
} as const satisfies Readonly<Record<string, readonly Status[]>>;
type StatusWord = keyof typeof statuses;
const shownWords: readonly StatusWord[] = ["Pending", "Assigned", "In Progress", "Snoozed", "Resolved", "Closed"];

/** `Open` is taken for "to be worked on", and shown as what that comes to. */
type AskedWord = StatusWord | "Open";
const askedWords: readonly AskedWord[] = [...shownWords, "Open"];

function wordOf(status: Status): StatusWord {
  return shownWords.find((word) => statuses[word].some((one) => one === status)) ?? "Closed";
}

/** What to ask of the desk for a word, as things stand. */
function askedOf(word: AskedWord, { status, assigned_to }: Shown["incident"], names_handler: boolean): DialectUpdate {
  switch (word) {
    case "Pending":
      return { status: "pending", unless_status: statuses.Pending };
    case "Assigned":
      // Where nobody has it, the rules give it to somebody, or it waits.
      return names_handler || (isOpen(status) && assigned_to !== null)
        ? { status: "assigned", unless_status: statuses.Assigned }
        : { status: "pending", unless_status: ["pending", "assigned"] };
    case "In Progress":
      return { status: "acknowledged", unless_status: statuses["In Progress"] };
    case "Snoozed":
      return { status: "snoozed", unless_status: statuses.Snoozed };
    case "Resolved":
      return { status: "resolved", unless_status: statuses.Resolved };
    case "Closed":
      return { status: "closed", unless_status: statuses.Closed };
    case "Open":
      return { status: "pending", unless_status: ["pending", "assigned", "acknowledged"] };
    default:
      return word satisfies never;
  }
}

// --- What it shows.

function shown({ incident, texts }: Shown): typeof sample {
  const time = incident.claimed_at ?? incident.timestamp;
  return {
    incident_id: incident.incident_id,
    type: incident.type ?? "",
    severity: incident.severity,
    timestamp: time.replace(".000Z", "Z").replace(/(\.\d{3})Z$/, "$1000Z"),
    description: texts.description ?? texts.title ?? "",
    status: wordOf(incident.status),
    assigned_to: incident.assigned_to,
  };
}

// --- What it takes, and what Django REST says of what it does not take.

function reportOf(given: Given): DialectReport {
  const fields = new DjangoFields(given);
  const type = fields.text("type", 200);
  const severity = fields.integer("severity", 1, 5);
  const timestamp = fields.time("timestamp");
  const description = fields.text("description", 65_536);
  const word = fields.has("status") ? fields.choice("status", askedWords) : undefined;
  const assigned_to = fields.textOrNull("assigned_to");
  fields.refuseFaults();
  const base = {
    type,
    timestamp,
    description,
    title: titleOf(description) ?? type,
    ...(severity === undefined ? {} : { severity }),
  };
  // What else is asked for is what the rules decide anyway.
  if (word === "Resolved" || word === "Closed") {
    return { ...base, status: word === "Closed" ? "closed" : "resolved", word: { dialect: "klimbb", word } };
  }
  return typeof assigned_to === "string" ? { ...base, assigned_to } : base;
}

/** What of the fields that were sent is to change; they may well be all there are, as they were shown. */
function changeOf(given: Given, { incident }: Shown): DialectUpdate {
  const fields = new DjangoFields(given);
  const severity = fields.has("severity") ? fields.integer("severity", 1, 5) : undefined;
  const word = fields.has("status") ? fields.choice("status", askedWords) : undefined;
  const assigned_to = fields.textOrNull("assigned_to");
  fields.refuseFaults();
  const isSameHandler = assigned_to === undefined || assigned_to?.toLowerCase() === incident.assigned_to?.toLowerCase();
  const isSameWord = word === undefined || word === wordOf(incident.status);
  const staysEnded = !isOpen(incident.status) && (isSameWord || word === "Resolved" || word === "Closed");
  const hands = !isSameHandler && !(staysEnded && assigned_to === null);
  const names_handler = typeof assigned_to === "string" && !isSameHandler;
  return {
    ...(severity === undefined || severity === incident.severity ? {} : { severity }),
    ...(hands ? { assigned_to, force: true } : {}),
    ...(isSameWord ? {} : { ...askedOf(word, incident, names_handler), word: { dialect: "klimbb", word } }),
  };
}

// --- Its routes.

type ById = FastifyRequest<{ Params: { incident_id: string } }>;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The dialect `klimbb`. */
export const klimbb: Dialect = {
  name: "klimbb",
  team: "default",
  about: {
    title: "Incident Prioritisation API",
    version: "1.0.0",
    description: "Incidents are given to Alice, Bob and Charlie by severity and time. Severity 1 is the highest.",
  },
  head: true,
  redoc: false,
  schemas: {
    Incident: {
      type: "object",
      properties: {
        incident_id: { type: "string", format: "uuid" },
        type: { type: "string" },
        severity: { type: "integer", minimum: 1, maximum: 5 },
        timestamp: { type: "string", format: "date-time" },
        description: { type: "string" },
        status: { type: "string", enum: shownWords },
        assigned_to: { type: ["string", "null"] },
      },
      required: Object.keys(sample),
      examples: [sample],
    },
    Faults: {
      type: "object",
      description: "Messages by field",
      additionalProperties: { type: "array", items: { type: "string" } },
      examples: [{ severity: ["A valid integer is required."] }],
    },
    Detail: {
      type: "object",
      properties: { detail: { type: "string" } },
      required: ["detail"],
      examples: [{ detail: "Not found." }],
    },
  },
  answerFault,

  routes(app, desk) {
    const Incident = { description: "The incident", $ref: "Incident#" };
    const Faults = { description: "What is wrong", $ref: "Faults#" };
    const NotFound = { description: "There is no such incident", $ref: "Detail#" };
    const Id = {
      type: "object",
      properties: { incident_id: { type: "string", format: "uuid" } },
      required: ["incident_id"],
    };
    const fields = {
      status: { type: "string", enum: askedWords },
      assigned_to: { type: ["string", "null"] },
      severity: { type: "integer", minimum: 1, maximum: 5 },
    };
    const find = async ({ params }: ById): Promise<Shown> => {
      const found = uuid.test(params.incident_id) ? await desk.findById(params.incident_id) : null;
      if (found === null) throw new ExactAnswer(404, { detail: "Not found." });
      return found;
    };

    app.get("/incidents/", {
      schema: {
        summary: "All incidents, in the order of their creation",
        response: { 200: { description: "All of them", type: "array", items: { $ref: "Incident#" } } },
      },
      handler: async (_request, reply) => streamed(reply, desk.all({}), shown, { before: "[", after: () => "]" }),
    });

    app.post("/incidents/", {
      schema: {
        summary: "Report an incident",
        body: {
          type: "object",
          properties: {
            type: { type: "string" },
            timestamp: { type: "string", format: "date-time" },
            description: { type: "string" },
            ...fields,
          },
          required: ["type", "severity", "timestamp", "description"],
        },
        response: { 201: Incident, 400: Faults },
      },
      handler: async (request, reply) =>
        reply.code(201).send(shown(await desk.report(request, reportOf(await givenOf(request))))),
    });

    app.get("/incidents/:incident_id/", {
      schema: { summary: "One incident", params: Id, response: { 200: Incident, 404: NotFound } },
      handler: async (request: ById) => shown(await find(request)),
    });

    app.put("/incidents/:incident_id/", {
      schema: {
        summary: "Change an incident",
        params: Id,
        body: { type: "object", properties: fields },
        response: { 200: Incident, 400: Faults, 404: NotFound },
      },
      handler: async (request: ById) => {
        const found = await find(request);
        return shown(await desk.update(request, found.incident.number, changeOf(await givenOf(request), found)));
      },
    });
  },
};

function answerFault(fault: DialectFault, request: FastifyRequest): FaultAnswer {
  const detail = (status: number, text: string): FaultAnswer => ({ status, body: { detail: text } });
  switch (fault.kind) {
    case "malformed-json": {
      const { message, line, column, offset } = fault.fault;
      return detail(400, `JSON parse error - ${message}: line ${line} column ${column} (char ${offset})`);
    }
    case "no-such-path":
      return detail(404, "Not found.");
    case "method-not-allowed":
      return detail(405, `Method "${request.method}" not allowed.`);
    case "no-key":
      return detail(
        401,
        "Authentication credentials were not provided: the path must begin with a key of this dialect.",
      );
    case "refused":
      return refusalAnswer(fault.refusal);
    case "unsupported-media-type":
      return detail(415, `Unsupported media type "${fault.media_type}" in request.`);
    case "too-large":
      return detail(413, "Request body is too large.");
    case "bad-request":
      return detail(400, fault.detail);
    case "turned-away": {
      const seconds = fault.headers["retry-after"];
      const throttled = `Request was throttled. Expected available in ${seconds} seconds.`;
      return detail(fault.status, fault.status === 429 ? throttled : fault.detail);
    }
    case "unavailable":
      return detail(503, fault.detail);
    case "internal-error":
      return detail(500, "A server error occurred.");
    default:
      throw new DialectError(fault satisfies never);
  }
}

/** What is merged stays so; the desk's own words would name it by a number that this dialect does not show. */
const merged = "The incident was merged into another one and cannot change any more.";

function refusalAnswer({ code, detail, field }: Refusal): FaultAnswer {
  if (code === "forbidden")
    return { status: 403, body: { detail: "You do not have permission to perform this action." } };
  if (code === "incident-not-found") return { status: 404, body: { detail: "Not found." } };
  if (code === "illegal-transition") return { status: 400, body: { [field ?? "status"]: [merged] } };
  const message = code === "unknown-handler" || code === "handler-has-left" ? "There is no such handler." : detail;
  return { status: 400, body: { [field === undefined ? "non_field_errors" : field]: [message] } };
}
