import type { FastifyRequest } from "fastify";
import { isOpen, type Status } from "../../../projections/incident.ts";
import type { Refusal } from "../../rules/refusal.ts";
import { parseInstant } from "../rfc3339.ts";
import { titleOf } from "../title-of.ts";
import type { Dialect } from "./dialect.ts";
import type { DialectReport, DialectUpdate, Shown } from "./dialect-desk.ts";
import { DialectError, type DialectFault, ExactAnswer, type FaultAnswer } from "./dialect-fault.ts";
import { formOf } from "./form-body.ts";
import { isObject, jsonBody, unstorable } from "./json-body.ts";
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

/** Messages by field. */
type Faults = Record<string, string[]>;
type Given = Readonly<Record<string, unknown>>;

const longest = { type: 200, description: 65_536 } as const;

class Reading {
  readonly faults: Faults = {};
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  /** A text that must be there. */
  text(field: keyof typeof longest): string {
    const value = this.#present(field);
    if (value === undefined) return "";
    if (typeof value !== "string" && typeof value !== "number") return this.#fault(field, "Not a valid string.", "");
    const text = String(value).trim();
    if (text === "") return this.#fault(field, "This field may not be blank.", "");
    if (text.length > longest[field]) {
      return this.#fault(field, `Ensure this field has no more than ${longest[field]} characters.`, "");
    }
    const wrong = unstorable(text);
    return wrong === null ? text : this.#fault(field, `This field ${wrong}.`, "");
  }

  /** A severity; undefined where there may be none and is none. */
  severity(isRequired: boolean): number | undefined {
    if (!isRequired && !this.#has("severity")) return undefined;
    const value = this.#present("severity");
    if (value === undefined) return undefined;
    const digits = typeof value === "number" || typeof value === "string" ? String(value).trim() : "";
    if (!/^-?\d{1,15}(\.0*)?$/.test(digits)) return this.#fault("severity", "A valid integer is required.", undefined);
    const severity = Number(digits);
    if (severity < 1) return this.#fault("severity", "Ensure this value is greater than or equal to 1.", undefined);
    if (severity > 5) return this.#fault("severity", "Ensure this value is less than or equal to 5.", undefined);
    return severity;
  }

  /** A time that must be there, as an instant. One without a zone is UTC. */
  timestamp(): string {
    const value = this.#present("timestamp");
    if (value === undefined) return "";
    const instant = typeof value === "string" ? instantOf(value.trim()) : null;
    const formats = "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]";
    return (
      instant ??
      this.#fault("timestamp", `Datetime has wrong format. Use one of these formats instead: ${formats}.`, "")
    );
  }

  status(): AskedWord | undefined {
    if (!this.#has("status")) return undefined;
    const value = this.#present("status");
    if (value === undefined) return undefined;
    const text =
      typeof value === "string"
        ? value
            .trim()
            .replace(/[\s_-]+/g, " ")
            .toLowerCase()
        : "";
    const word = askedWords.find((known) => known.toLowerCase() === text);
    if (word !== undefined) return word;
    const said = typeof value === "string" ? value : JSON.stringify(value);
    return this.#fault("status", `"${said}" is not a valid choice.`, undefined);
  }

  /** A handler; null: nobody; undefined: nothing is said of it. */
  assignedTo(): string | null | undefined {
    if (!this.#has("assigned_to")) return undefined;
    const value = this.#given.assigned_to;
    if (value === null || value === "") return null;
    return typeof value === "string" ? value.trim() : this.#fault("assigned_to", "Not a valid string.", undefined);
  }

  #has(field: string): boolean {
    return Object.hasOwn(this.#given, field);
  }

  #present(field: string): unknown {
    if (!this.#has(field)) return this.#fault(field, "This field is required.", undefined);
    return this.#given[field] ?? this.#fault(field, "This field may not be null.", undefined);
  }

  #fault<Value>(field: string, message: string, instead: Value): Value {
    this.faults[field] = [message];
    return instead;
  }
}

/** A time as Django takes it. */
function instantOf(text: string): string | null {
  const match =
    /^(\d{4}-\d\d?-\d\d?)[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i.exec(text);
  if (match === null) return null;
  const [, date = "", hour = "", minute, second = "00", fraction = "0", zone = "Z"] = match;
  const day = date
    .split("-")
    .map((part) => part.padStart(2, "0"))
    .join("-");
  const offset = /^z$/i.test(zone) ? "Z" : `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
  return parseInstant(`${day}T${hour.padStart(2, "0")}:${minute}:${second}.${fraction}${offset}`);
}

function reportOf(given: Given): DialectReport {
  const reading = new Reading(given);
  const type = reading.text("type");
  const severity = reading.severity(true);
  const timestamp = reading.timestamp();
  const description = reading.text("description");
  const word = reading.status();
  const assigned_to = reading.assignedTo();
  refuse(reading.faults);
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
  const reading = new Reading(given);
  const severity = reading.severity(false);
  const word = reading.status();
  const assigned_to = reading.assignedTo();
  refuse(reading.faults);
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

function refuse(faults: Faults): void {
  if (Object.keys(faults).length > 0) throw new ExactAnswer(400, faults);
}

/** The fields of a body, sent as JSON or as a form. */
async function givenOf(request: FastifyRequest): Promise<Given> {
  const media_type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "application/json";
  const form = await formOf(request);
  if (form !== null) return form;
  if (!/^application\/(.+\+)?json$/.test(media_type) && Buffer.isBuffer(request.body) && request.body.length > 0) {
    throw new DialectError({ kind: "unsupported-media-type", media_type });
  }
  const body = jsonBody(request);
  if (body === undefined || isObject(body)) return body ?? {};
  const kind = body === null ? "NoneType" : Array.isArray(body) ? "list" : typeNames[typeof body];
  throw new ExactAnswer(400, { non_field_errors: [`Invalid data. Expected a dictionary, but got ${kind}.`] });
}

const typeNames: Readonly<Record<string, string>> = { string: "str", number: "int", boolean: "bool" };

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
    case "unavailable":
      return detail(503, fault.detail);
    case "internal-error":
      return detail(500, "A server error occurred.");
    default:
      throw new DialectError(fault satisfies never);
  }
}

function refusalAnswer({ code, detail, field }: Refusal): FaultAnswer {
  if (code === "incident-not-found") return { status: 404, body: { detail: "Not found." } };
  return { status: 400, body: { [field === undefined ? "non_field_errors" : field]: [detail] } };
}
