import type { EventName } from "../../../events/registry.ts";
import { handlerStream, incidentOfStream, incidentStream } from "../../../events/stream.ts";
import { type Incident, isOpen } from "../../../projections/incident.ts";
import { foldIncident, reopenedData } from "../../../projections/incident-fold.ts";
import type { Commit, Ledger } from "../../../src/ledger/ledger.ts";
import { commitOf, headOf, instantOf, opening, uuidOf } from "../ledger/example-commits.ts";

/** Numbers below 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface NewEvent {
  readonly type: EventName;
  readonly stream: string;
  readonly data: object;
  readonly text?: object;
}

const teams = ["default", "network", "payments"];
const handlers = ["Alice", "Bob", "Charlie"];
const types = ["System Outage", "Slow", 'it\'s "quoted" \\ and ü'];
const sources = ["operator", "prometheus"];
const labelKeys = ["service", "region", "a.b", 'quo"ted', "back\\slash", "__proto__"];

/** What the texts are made of: some begin others, in several languages. */
export const vocabulary = (
  "the server Störung check checkout 東京都 disk full сбой CHECKED Сервера db-01.example.com dis 京都 Größe ελλάδας error 障害発生 " +
  "İstanbul e-mail out rare"
).split(" ");

/**
 * Appends commits at random: each event may follow on the incident's status, but nobody decides well. It keeps the versions
 * of the streams, so that the ledger takes them.
 */
export class RandomHistory {
  readonly ledger: Ledger;
  readonly #random: () => number;
  /** What is written comes from numbers of its own, so that what happens does not depend on it. */
  readonly #randomWords: () => number;
  readonly #versions = new Map<string, number>();
  readonly #incidents = new Map<number, Incident>();
  readonly #texts: { readonly position: number; readonly number: number }[] = [];
  position = 0;
  incidents = 0;

  constructor(ledger: Ledger, seed: number) {
    this.ledger = ledger;
    this.#random = seededRandom(seed);
    this.#randomWords = seededRandom(seed + 1_000_000);
  }

  /** Opens the ledger with its team and three handlers. */
  async open(): Promise<void> {
    const commit = opening();
    this.position = headOf(await this.ledger.append(0, [commit])).position;
    this.#versions.set("ledger", 1).set("team/default", 1);
    for (const handler of handlers) {
      const data = { handler, team: "default", capacity: 3 };
      await this.append([{ type: "handler.joined", stream: handlerStream(handler), data, text: { name: handler } }]);
    }
  }

  /** Appends so many random commits, many in one transaction. */
  async grow(commits: number): Promise<void> {
    for (let left = commits; left > 0; left -= 100) {
      const batch: Commit[] = [];
      const start = this.position;
      for (let made = 0; made < Math.min(left, 100); made += 1) batch.push(this.#commit(this.#anything()));
      headOf(await this.ledger.append(start, batch));
    }
  }

  /** Appends one commit of these events. */
  async append(events: readonly NewEvent[]): Promise<void> {
    const start = this.position;
    headOf(await this.ledger.append(start, [this.#commit(events)]));
  }

  /** A report and the decision to queue it. */
  report(fields: object = {}, text: object = {}): NewEvent[] {
    this.incidents += 1;
    const number = this.incidents;
    const stream = incidentStream(number);
    const data = { incident_id: uuidOf(1_000_000 + number), number, team: "default", severity: 3, ...fields };
    const timed = { timestamp: instantOf(this.position), ...data };
    return [
      {
        type: "incident.reported",
        stream,
        data: timed,
        text: { title: `Incident ${number} ${this.#sentence(4)}`, ...text },
      },
      { type: "incident.queued", stream, data: {} },
    ];
  }

  #commit(events: readonly NewEvent[]): Commit {
    const facts = events.map((event) => {
      const version = (this.#versions.get(event.stream) ?? 0) + 1;
      this.#versions.set(event.stream, version);
      return { ...event, version };
    });
    const after = this.position;
    // Several commits share an instant now and then.
    const commit = commitOf(after, uuidOf(9_000_000 + after), facts, Math.floor(after / 3));
    this.position += facts.length;
    for (const event of commit.events) {
      const number = incidentOfStream(event.stream);
      if (number === null) continue;
      if (event.text !== null) this.#texts.push({ position: event.position, number });
      const incident = foldIncident(this.#incidents.get(number) ?? null, event);
      if (incident !== null) this.#incidents.set(number, incident);
    }
    return commit;
  }

  #anything(): NewEvent[] {
    const roll = this.#random();
    if (this.incidents === 0 || roll < 0.3) return this.#report();
    const number = 1 + Math.floor(this.#random() * this.incidents);
    return this.#change(number);
  }

  #report(): NewEvent[] {
    const labels = Object.fromEntries(
      labelKeys.filter(() => this.#random() < 0.3).map((key) => [key, this.#pick(["x", "y", "ü\"'"])]),
    );
    const optional = {
      ...(this.#random() < 0.7 ? { type: this.#pick(types) } : {}),
      ...(this.#random() < 0.7 ? { source: this.#pick(sources) } : {}),
      ...(this.#random() < 0.7 ? { labels } : {}),
    };
    const times = { timestamp: instantOf(Math.floor(this.#random() * 50)) };
    return this.report(
      { team: this.#pick(teams), severity: 1 + Math.floor(this.#random() * 5), ...times, ...optional },
      this.#random() < 0.5 ? { description: this.#sentence(30 * this.#random()) } : {},
    );
  }

  #change(number: number): NewEvent[] {
    const stream = incidentStream(number);
    const handler = this.#pick(handlers);
    const one = (type: EventName, data: object = {}, text?: object): NewEvent[] => [
      { type, stream, data, ...(text === undefined ? {} : { text }) },
    ];
    const team = this.#pick(teams);
    const incident = this.#incidents.get(number);
    if (incident === undefined || incident.status === "deleted") return this.#erase();
    const always = [
      () => one("incident.commented", {}, { text: this.#sentence(8) }),
      () => (this.#random() < 0.3 ? one("incident.deleted") : this.#erase()),
    ];
    if (incident.status === "merged") return this.#pick(always)();
    const edit = () =>
      one("incident.edited", { type: null, labels: { service: this.#pick(["x", "y"]) } }, { title: this.#sentence(3) });
    if (!isOpen(incident.status)) {
      const reopen = () => [...one("incident.reopened", reopenedData(incident)), ...one("incident.queued")];
      const close = () => (incident.status === "resolved" ? one("incident.closed") : edit());
      return this.#pick([...always, edit, reopen, close])();
    }
    return this.#pick<() => NewEvent[]>([
      ...always,
      edit,
      () => one("incident.assigned", { handler }),
      () => one("incident.assigned", { handler }),
      () => one("incident.acknowledged", { by: "admin", handler }),
      () => one("incident.snoozed", { until: instantOf(100_000), from: handler }),
      () => [...one("incident.woken", { handler: null }), ...one("incident.queued")],
      () => [...one("incident.handed-back", { handler: incident.assigned_to }), ...one("incident.queued")],
      () => one("incident.severity-changed", { from: 3, to: 1 + Math.floor(this.#random() * 5) }, { reason: "so" }),
      () => [...one("incident.moved", { from: incident.team, to: team }), ...one("incident.queued")],
      () => one("incident.resolved", {}, { resolution: "restarted" }),
      () => [...one("incident.resolved", {}), ...one("incident.closed")],
      () => one("incident.dismissed", {}, { reason: "a test" }),
      () => one("incident.merged", { into: 1 }),
      () => this.#erase(),
      () => one("incident.repeated", { timestamp: instantOf(1) }, { title: "again" }),
    ])();
  }

  /** Some words, the first of them much more often than the last. */
  #sentence(words: number): string {
    return Array.from({ length: Math.ceil(words) }, () => {
      const index = Math.floor(vocabulary.length * this.#randomWords() ** 2);
      return `${vocabulary[index]}${this.#randomWords() < 0.1 ? ", " : " "}`;
    }).join("");
  }

  #erase(): NewEvent[] {
    const text = this.#pick(this.#texts);
    const data = { erased: text.position, incident: text.number };
    return [{ type: "text.erased", stream: incidentStream(text.number), data }];
  }

  #pick<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.#random() * values.length)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  }
}
