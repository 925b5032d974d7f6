import type { AccessKey, User } from "./access.ts";
import { Agenda } from "./agenda.ts";
import { type CommitScratch, emptyScratch } from "./commit-scratch.ts";
import type { Handler } from "./handler.ts";
import type { HeldTexts } from "./held-texts.ts";
import type { Incident } from "./incident.ts";
import { OpenTally } from "./open-tally.ts";
import { Queue } from "./queue.ts";
import type { Team } from "./team.ts";
import { Workload } from "./workload.ts";

/** A resolved incident that will be closed by itself, as far as that needs it. */
export interface AwaitingClose {
  readonly incident_id: string;
  readonly number: number;
  readonly team: string;
  readonly version: number;
  readonly due: string;
  /** Position of the event that resolved it. */
  readonly position: number;
}

/**
 * All that the rules need to know: what is open, who handles it, what is due. It changes by `evolve` alone, event by
 * event, and holds no text.
 */
export class Board {
  /** Position of the last event folded; 0: none yet. */
  position = 0;
  /** The number of the rules in force. */
  rules = 0;
  ledger_id = "";
  /** Version of the stream `ledger`. */
  ledger_version = 0;
  last_incident = 0;
  /** Desk time of the last commit; empty: none yet. */
  last_commit_at = "";

  /** The open incidents. */
  readonly incidents = new Map<number, Incident>();
  /** How many of them there are of each kind; changes with them. */
  readonly tally = new OpenTally();
  /** Resolved incidents that await their closing. */
  readonly resolved = new Map<number, AwaitingClose>();
  /**
   * Incidents that are not open, laid here by whoever must decide on them, or left here when they ended. Kept right by
   * `evolve`, in no snapshot and no state hash; may be emptied at any time between commits.
   */
  readonly beside = new Map<number, Incident>();
  /**
   * Which events of an incident have a text, laid here by whoever must decide on them: an erasure has to know. The texts
   * themselves are not here. Kept right by `evolve`, in no snapshot and no state hash, emptied together with `beside`.
   */
  readonly held_texts = new Map<number, HeldTexts>();
  /** The same of the handlers that a user who is being erased has been, by the user's number and the handlers' ids. */
  readonly held_handler_texts = new Map<number, Map<string, HeldTexts>>();
  readonly teams = new Map<string, Team>();
  /** Who signs in, by id; whoever was deactivated or erased, too. */
  readonly users = new Map<number, User>();
  /** The keys of programs, by id; revoked ones, too. */
  readonly keys = new Map<number, AccessKey>();
  readonly workload = new Workload();
  readonly agenda = new Agenda();
  scratch: CommitScratch = emptyScratch();

  readonly #numbers = new Map<string, number>();
  readonly #keys = new Map<string, number>();
  readonly #queues = new Map<string, Queue>();

  get handlers(): ReadonlyMap<string, Handler> {
    return this.workload.handlers;
  }

  /** Takes away whatever was laid beside the board. */
  clearBeside(): void {
    this.beside.clear();
    this.held_texts.clear();
    this.held_handler_texts.clear();
  }

  /** The incident of this number, if it is open or lies beside the board. */
  incident(number: number): Incident | undefined {
    return this.incidents.get(number) ?? this.beside.get(number);
  }

  /** The number of the open incident with this id. */
  numberOf(incident_id: string): number | undefined {
    return this.#numbers.get(incident_id);
  }

  /** The number of the team's open incident to which this key leads. */
  numberOfKey(team: string, dedup_key: string): number | undefined {
    return this.#keys.get(keyOf(team, dedup_key));
  }

  /** The team of this name, whatever its case. */
  findTeam(name: string): Team | undefined {
    const exact = this.teams.get(name);
    if (exact !== undefined) return exact;
    const wanted = name.toLowerCase();
    for (const team of this.teams.values()) if (team.team.toLowerCase() === wanted) return team;
    return undefined;
  }

  /** The handler of this id, whatever its case; one who has left, too. */
  findHandler(handler_id: string): Handler | undefined {
    return this.workload.find(handler_id);
  }

  /** A team's pending incidents. */
  queueOf(team: string): Queue {
    let queue = this.#queues.get(team);
    if (queue === undefined) {
      queue = new Queue(this.incidents);
      this.#queues.set(team, queue);
    }
    return queue;
  }

  /** A team's handlers in the order of joining. */
  handlersOf(team: string): Handler[] {
    return this.workload.handlersOf(team);
  }

  /** The numbers of the incidents a handler has, ascending. */
  workOf(handler_id: string): number[] {
    return this.workload.workOf(handler_id);
  }

  /** How many incidents a handler has. */
  activeOf(handler_id: string): number {
    return this.workload.activeOf(handler_id);
  }

  /** Its place in its team's queue, or null where it is not pending. */
  queuePositionOf(incident: Incident): number | null {
    return incident.status === "pending" ? this.queueOf(incident.team).rankOf(incident) : null;
  }

  /** What comes due first. */
  nextDue(): { readonly at: string; readonly number: number; readonly kind: string } | undefined {
    const item = this.agenda.first();
    return item === undefined ? undefined : { at: item.due, number: item.number, kind: item.kind };
  }

  /** Puts an open incident in the place of what it was, with every index that leads to it. */
  putOpen(before: Incident | null, after: Incident): void {
    if (before === null) this.#numbers.set(after.incident_id, after.number);
    this.incidents.set(after.number, after);
    this.tally.move(before, after);
    this.beside.delete(after.number);
    if (before === null || before.team !== after.team || before.dedup_keys !== after.dedup_keys) {
      if (before !== null) this.#forgetKeys(before);
      for (const key of after.dedup_keys) this.#keys.set(keyOf(after.team, key), after.number);
    }
    const waited = before !== null && before.status === "pending";
    const waits = after.status === "pending";
    if (waited && waits && sameplace(before, after)) return;
    if (waited) this.queueOf(before.team).delete(before);
    if (waits) this.queueOf(after.team).add(after);
  }

  /** Takes an incident off the board; it lies beside it from now on. */
  putAside(before: Incident | null, after: Incident): void {
    if (before !== null) {
      this.#numbers.delete(before.incident_id);
      this.tally.move(before, null);
      this.#forgetKeys(before);
      if (before.status === "pending") this.queueOf(before.team).delete(before);
      this.incidents.delete(before.number);
    }
    this.beside.set(after.number, after);
  }

  #forgetKeys(incident: Incident): void {
    for (const key of incident.dedup_keys) {
      const entry = keyOf(incident.team, key);
      if (this.#keys.get(entry) === incident.number) this.#keys.delete(entry);
    }
  }
}

function keyOf(team: string, dedup_key: string): string {
  return `${team}/${dedup_key}`;
}

function sameplace(before: Incident, after: Incident): boolean {
  return before.team === after.team && before.severity === after.severity && before.timestamp === after.timestamp;
}
