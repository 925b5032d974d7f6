import { faultOfText } from "../../http/validation/unstorable-text.ts";
import type { Report } from "../../rules/commands.ts";

/** An incident of another system, as its own list shows it, in the desk's terms. */
export interface HistoricIncident {
  /** What the other system calls it; with the system's name it says which incident this is. */
  readonly source_id: string;
  /** Kept as the incident's own id, where the other system's are UUIDs. */
  readonly incident_id?: string;
  readonly report: Omit<Report, "kind" | "incident_id" | "team" | "doubt_timestamp" | "assigned_to" | "status">;
  /** What it had come to. */
  readonly status: "pending" | "acknowledged" | "snoozed" | "resolved" | "closed";
  /** Who had it; null: nobody, or it does not say. */
  readonly assigned_to: string | null;
  /** Whether a text of it was cut off or had characters that the ledger cannot keep. */
  readonly is_altered: boolean;
}

/** How the list of another system is read. */
export interface HistoryReader {
  /** The team that its incidents go to. */
  readonly team: string;
  /** The incidents of a list answer, oldest first. Throws `HistoryFault` for what is none. */
  readonly read: (answer: unknown) => readonly HistoricIncident[];
  /** Where its list is, seen from its host. */
  readonly list_path: string;
  /** Where a list goes on that was first asked for at this URL, with so many incidents read so far; null: that was all. */
  readonly nextPage: (first: URL, answer: unknown, read: number) => URL | null;
  /** How many incidents the system has, as far as an answer says; null: it does not. */
  readonly total: (answer: unknown) => number | null;
}

/** A list that is not one of that system. The message says which entry and what is wrong with it. */
export class HistoryFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HistoryFault";
  }
}

/** The longest text of the ledger: a description, in UTF-16 code units. */
const longestText = 65_536;

/** One entry of a list, whose fields are read one by one. */
export class Entry {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #place: string;
  #is_altered = false;

  constructor(value: unknown, index: number) {
    this.#place = `entry ${index + 1}`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new HistoryFault(`${this.#place} is no incident: it is not an object.`);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  /** Whether a text that was read so far is not what it was there. */
  get is_altered(): boolean {
    return this.#is_altered;
  }

  /**
   * A text as far as the ledger can keep it: at most so many UTF-16 code units, and without NUL and lone surrogates. The other system
   * had no such limits, and one text is no reason to leave its history behind.
   */
  text(name: string, longest = longestText): string {
    const value = this.#fields[name];
    return typeof value === "string" ? this.kept(value, longest) : this.#wrong(name, "must be a text");
  }

  /** The same of a text that was put together. */
  kept(value: string, longest = longestText): string {
    const storable = faultOfText(value) === null ? value : value.replace(/\0|\p{Surrogate}/gu, "\ufffd");
    const whole = storable.length > longest ? cutOff(storable, longest) : storable;
    if (whole !== value) this.#is_altered = true;
    return whole;
  }

  /** A text, or null. */
  textOrNull(name: string): string | null {
    return this.#fields[name] === null || this.#fields[name] === undefined ? null : this.text(name);
  }

  /** A UUID, in lower case. */
  uuid(name: string): string {
    const text = this.text(name).toLowerCase();
    return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : this.#wrong(name, "must be a UUID");
  }

  /** A whole number. */
  integer(name: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.#fields[name];
    const isFine = typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    return isFine ? value : this.#wrong(name, `must be a whole number ${range}`);
  }

  /** One of some words. */
  word<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.#fields[name];
    return words.find((word) => word === value) ?? this.#wrong(name, `must be one of ${words.join(", ")}`);
  }

  /** A time as an instant; one without a zone is UTC. */
  time(name: string): string {
    const text = this.text(name).replace(" ", "T");
    const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`;
    const isOne = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && isDay(text.slice(0, 10));
    const milliseconds = isOne ? Date.parse(zoned) : Number.NaN;
    const instant = Number.isNaN(milliseconds) ? "" : new Date(milliseconds).toISOString();
    return /^\d{4}-/.test(instant) ? instant : this.#wrong(name, "must be a time");
  }

  #wrong(name: string, what: string): never {
    throw new HistoryFault(`${this.#place}: ${name} ${what}, not ${JSON.stringify(this.#fields[name])?.slice(0, 80)}.`);
  }
}

/** What of a text fits, with a sign that it goes on; no character is cut in half. */
function cutOff(text: string, longest: number): string {
  return `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Whether the calendar has such a day: the 30th of February would be read as one in March. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}

/** The entries of a list; refuses what is no list. */
export function entriesOf(value: unknown, where: string): Entry[] {
  if (!Array.isArray(value)) throw new HistoryFault(`${where} must be a list of incidents.`);
  return value.map((entry, index) => new Entry(entry, index));
}

/** A field of an answer that should be an object. */
export function fieldOf(answer: unknown, name: string): unknown {
  if (typeof answer !== "object" || answer === null || !(name in answer)) return undefined;
  return (answer as Readonly<Record<string, unknown>>)[name];
}
