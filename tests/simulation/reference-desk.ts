import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { DataOf } from "../../events/registry.ts";
import { change, isOpenStatus, loadedOn, type ReferenceIncident, reportedIncident } from "./reference-incident.ts";

export type ReferenceRules = DataOf<"team.created">["rules"];

/** One handler as the reference keeps them; team null: has left. */
export interface ReferenceHandler {
  readonly id: string;
  team: string | null;
  last_team: string;
  capacity: number;
  available: boolean;
  turns: number;
  assignments: number;
  /** Position of the event that last made an incident theirs; 0: never. */
  last: number;
  joined: number;
}

/** Something that will come due. */
export interface ReferenceDue {
  readonly due: string;
  readonly number: number;
  readonly kind: "wake" | "ack-timeout" | "auto-close";
  /** Position of the event that set it. */
  readonly position: number;
  readonly timeout_ms?: number;
}

/** What the reference knows of a text. */
export interface ReferenceText {
  readonly number: number;
  readonly position: number;
  readonly type: string;
  readonly fields: readonly string[];
  is_erased: boolean;
}

/**
 * The desk's state once more, as plain lists that are searched from end to end: what `board` must agree with. It learns
 * by recorded events alone.
 */
export class ReferenceDesk {
  readonly incidents = new Map<number, ReferenceIncident>();
  readonly handlers = new Map<string, ReferenceHandler>();
  readonly teams = new Map<string, ReferenceRules>();
  readonly versions = new Map<string, number>();
  due: ReferenceDue[] = [];
  position = 0;
  at = "";
  /** The commit at hand: its events, what became pending in it, and which event gave whom room. */
  commit: RecordedEvent[] = [];
  became_pending = new Set<number>();
  /** Which events of which incident have, or had, a text. */
  texts: ReferenceText[] = [];
  room_given: { readonly handler: string; readonly offset: number }[] = [];

  apply(event: RecordedEvent): void {
    if (event.meta.offset === 0) {
      this.commit = [];
      this.became_pending = new Set();
      this.room_given = [];
    }
    this.commit.push(event);
    this.position = event.position;
    this.at = event.recorded_at;
    this.versions.set(event.stream, event.version);
    if (event.stream.startsWith("incident/")) {
      this.#noteText(event);
      this.#applyToIncident(event);
    } else this.#applyToPeople(event);
  }

  /** The texts of an incident that are still there. */
  textsOf(number: number): ReferenceText[] {
    return this.texts.filter((text) => text.number === number && !text.is_erased);
  }

  #noteText(event: RecordedEvent): void {
    const number = Number(event.stream.slice("incident/".length));
    if (event.text !== null) {
      const fields = Object.keys(event.text);
      this.texts.push({ number, position: event.position, type: event.type, fields, is_erased: false });
    }
    if (event.type !== "text.erased") return;
    const { erased } = event.data;
    const known = this.texts.find(({ position }) => position === erased);
    // One that was erased before anybody read it left no more than that.
    if (known === undefined) this.texts.push({ number, position: erased, type: "", fields: [], is_erased: true });
    else known.is_erased = true;
  }

  openIncidents(): ReferenceIncident[] {
    return [...this.incidents.values()].filter(({ status }) => isOpenStatus(status));
  }

  /** Rule 1: severity, then when it happened, then number. */
  pendingOf(team: string): ReferenceIncident[] {
    const waiting = [...this.incidents.values()].filter((one) => one.team === team && one.status === "pending");
    return waiting.sort((a, b) => {
      if (a.severity !== b.severity) return a.severity < b.severity ? -1 : 1;
      if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
      return a.number < b.number ? -1 : 1;
    });
  }

  /** What a handler has, by number. */
  workOf(handler: string): number[] {
    const theirs = [...this.incidents.values()].filter((incident) => loadedOn(incident) === handler);
    return theirs.map(({ number }) => number).sort((a, b) => a - b);
  }

  hasRoom(id: string, team: string): boolean {
    const handler = this.handlers.get(id);
    if (handler === undefined || handler.team !== team || !handler.available) return false;
    return this.workOf(id).length < handler.capacity;
  }

  /** The open incident to which a key leads in a team. */
  openUnder(team: string, key: string): ReferenceIncident | undefined {
    return this.openIncidents().find((incident) => incident.team === team && incident.keys.includes(key));
  }

  dueInOrder(): ReferenceDue[] {
    const rank = ({ due, number, kind }: ReferenceDue) => `${due} ${String(number).padStart(9, "0")} ${kind}`;
    return [...this.due].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }

  #applyToIncident(event: RecordedEvent): void {
    if (event.type === "incident.reported") {
      this.incidents.set(event.data.number, reportedIncident(event.data, event.recorded_at));
      this.became_pending.add(event.data.number);
      return;
    }
    const incident = this.incidents.get(Number(event.stream.slice("incident/".length)));
    if (incident === undefined) throw new Error(`${event.type} happened to an incident that nobody reported`);
    const { status, team } = incident;
    const had = loadedOn(incident);
    change(incident, event, event.recorded_at);
    if (status !== "pending" && incident.status === "pending") this.became_pending.add(incident.number);
    const has = loadedOn(incident);
    if (had !== has) {
      if (had !== null) this.room_given.push({ handler: had, offset: event.meta.offset });
      if (has !== null && event.type !== "incident.woken") this.#takeTurn(has, event.position);
    }
    this.#setDue(incident, team, event);
  }

  #takeTurn(id: string, position: number): void {
    const handler = this.handlers.get(id);
    if (handler === undefined) throw new Error(`an incident became that of ${id}, whom nobody knows`);
    handler.turns += 1;
    handler.assignments += 1;
    handler.last = position;
  }

  #setDue(incident: ReferenceIncident, team: string, event: RecordedEvent): void {
    const { number } = incident;
    const rules = this.#rulesOf(incident.team);
    if (incident.status !== "snoozed") this.#forget("wake", number);
    else if (event.type === "incident.snoozed") this.#plan("wake", number, event, event.data.until);

    if (event.type === "incident.resolved" && rules.auto_close_days > 0) {
      const days = this.#rulesOf(team).auto_close_days;
      this.#plan("auto-close", number, event, later(event.recorded_at, days * 86_400_000));
    }
    if (incident.status !== "resolved") this.#forget("auto-close", number);

    if (incident.status !== "assigned" && incident.status !== "acknowledged") {
      this.#forget("ack-timeout", number);
      return;
    }
    const plain_ms = rules.ack_timeout_seconds === null ? null : rules.ack_timeout_seconds * 1000;
    const starts = ["assigned", "handed-over", "rerouted", "woken", "acknowledged"].includes(event.type.slice(9));
    const isRunning = this.due.some((one) => one.kind === "ack-timeout" && one.number === number);
    const speaks = incident.status === "acknowledged" && isRunning && event.meta.because === undefined;
    if (event.type === "incident.ack-timed-out") this.#wind(number, event, event.data.next_timeout_ms);
    else if (starts && plain_ms === null) this.#forget("ack-timeout", number);
    else if (starts || (speaks && !["incident.repeated", "text.erased"].includes(event.type))) {
      this.#wind(number, event, plain_ms);
    }
  }

  #wind(number: number, event: RecordedEvent, timeout_ms: number | null): void {
    if (timeout_ms === null) return;
    this.#plan("ack-timeout", number, event, later(event.recorded_at, timeout_ms), timeout_ms);
  }

  #plan(kind: ReferenceDue["kind"], number: number, event: RecordedEvent, due: string, timeout_ms?: number): void {
    this.#forget(kind, number);
    const item = { due, number, kind, position: event.position };
    this.due.push(timeout_ms === undefined ? item : { ...item, timeout_ms });
  }

  #forget(kind: ReferenceDue["kind"], number: number): void {
    this.due = this.due.filter((one) => one.kind !== kind || one.number !== number);
  }

  #rulesOf(team: string): ReferenceRules {
    const rules = this.teams.get(team);
    if (rules === undefined) throw new Error(`nobody knows the team ${team}`);
    return rules;
  }

  #applyToPeople(event: RecordedEvent): void {
    switch (event.type) {
      case "team.created":
        this.teams.set(event.data.team, event.data.rules);
        return;
      case "team.rules-changed":
        this.#changeRules(event);
        return;
      case "handler.joined":
        this.#join(event);
        return;
      default:
    }
    const handler = this.handlers.get(event.stream.slice("handler/".length));
    if (handler === undefined) return;
    switch (event.type) {
      case "handler.left":
        handler.team = null;
        handler.available = false;
        return;
      case "handler.capacity-changed":
        if (event.data.capacity > handler.capacity) this.#gaveRoom(handler.id, event);
        handler.capacity = event.data.capacity;
        return;
      case "handler.made-unavailable":
        handler.available = false;
        return;
      case "handler.made-available":
        handler.turns = this.#liftedTurns(handler.id, handler.team ?? "", handler.turns);
        handler.available = true;
        this.#gaveRoom(handler.id, event);
        return;
      default:
    }
  }

  #join(event: RecordedEvent<"handler.joined">): void {
    const { handler: id, team, capacity } = event.data;
    const known = this.handlers.get(id);
    const own = known !== undefined && known.last_team === team ? known.turns : 0;
    this.handlers.set(id, {
      id,
      team,
      last_team: team,
      capacity,
      available: true,
      turns: this.#liftedTurns(id, team, own),
      assignments: known?.assignments ?? 0,
      last: known?.last ?? 0,
      joined: event.position,
    });
    this.#gaveRoom(id, event);
  }

  #liftedTurns(id: string, team: string, own: number): number {
    const others = [...this.handlers.values()].filter((one) => one.team === team && one.id !== id && one.available);
    return others.length === 0 ? own : Math.max(own, Math.min(...others.map(({ turns }) => turns)));
  }

  #gaveRoom(handler: string, event: RecordedEvent): void {
    this.room_given.push({ handler, offset: event.meta.offset });
  }

  #changeRules(event: RecordedEvent<"team.rules-changed">): void {
    const { team, rules } = event.data;
    const before = this.#rulesOf(team);
    this.teams.set(team, rules);
    if (before.ack_timeout_seconds === rules.ack_timeout_seconds) return;
    for (const { kind, number } of [...this.due]) {
      if (kind !== "ack-timeout" || this.incidents.get(number)?.team !== team) continue;
      if (rules.ack_timeout_seconds === null) this.#forget(kind, number);
      else this.#wind(number, event, rules.ack_timeout_seconds * 1000);
    }
  }
}

/** The instant so much later. */
export function later(instant: string, delay_ms: number): string {
  return new Date(Date.parse(instant) + delay_ms).toISOString();
}
