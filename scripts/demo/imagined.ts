import { OrderedSet } from "../../projections/ordered-set.ts";
import type { Arrival } from "./arrivals.ts";
import { comments, escalations, falseAlarms, handOvers, resolutions, returns } from "./catalogue.ts";
import type { Chance } from "./chance.ts";
import type { Action, Step } from "./step.ts";

interface Person {
  readonly handler: string;
  readonly team: string;
  readonly capacity: number;
  available: boolean;
  readonly work: Set<Case>;
}

interface Case {
  readonly arrival: Arrival;
  readonly number: number;
  readonly team: string;
  severity: number;
  state: "pending" | "assigned" | "acknowledged" | "snoozed" | "over";
  bearer: Person | null;
  /** Grows with every change of state: what was planned for another one does not happen. */
  turn: number;
  /** How much work is left, in seconds. */
  left: number;
  has_slept: boolean;
  has_returned: boolean;
}

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
}

/** A company that exists only while a day is being generated: who is free, what waits, what happens next. */
export class Imagined {
  readonly #chance: Chance;
  readonly #pace: number;
  readonly #emit: (step: Step) => void;
  readonly #plans = new OrderedSet<Planned>((a, b) => a.at - b.at || a.order - b.order);
  readonly #people: Person[] = [];
  readonly #cases = new Map<number, Case>();
  readonly #queues = new Map<string, OrderedSet<Case>>();
  #now = 0;
  #order = 0;

  /** `pace` is how long everything takes, 1 being real life. */
  constructor(chance: Chance, pace: number, emit: (step: Step) => void) {
    this.#chance = chance;
    this.#pace = pace;
    this.#emit = emit;
  }

  hire(handler: string, team: string, capacity: number): void {
    this.#people.push({ handler, team, capacity, available: true, work: new Set() });
  }

  /** Something will happen. */
  plan(at: number, work: () => void): void {
    this.#order += 1;
    this.#plans.add({ at, order: this.#order, work });
  }

  runUntil(end: number): void {
    for (let next = this.#plans.first(); next !== undefined && next.at < end; next = this.#plans.first()) {
      this.#plans.delete(next);
      this.#now = next.at;
      next.work();
    }
  }

  /** Somebody comes or goes. */
  change(step: Extract<Step, { kind: "shift" }>): void {
    this.#does(step);
    const person = this.#people.find(({ handler }) => handler === step.handler);
    if (person === undefined) return;
    person.available = step.available;
    if (step.release) for (const one of [...person.work]) this.#queue(one);
    this.#serve(step.team);
  }

  /** Something is reported. */
  arrive(arrival: Arrival): void {
    const { report, root } = arrival;
    this.#does(report);
    const { incident: number, team, severity, dedup_key } = report;
    const left = this.#chance.skewed([40, 34, 24, 17, 11][severity - 1] ?? 30) * 60 * this.#pace;
    const one: Case = {
      arrival,
      number,
      team,
      severity,
      state: "pending",
      bearer: null,
      turn: 0,
      left,
      has_slept: false,
      has_returned: false,
    };
    this.#cases.set(number, one);
    this.#queue(one);
    this.#serve(team);
    if (dedup_key !== undefined) this.#repeat(one, 3);
    if (root !== null && this.#chance.happens(0.45)) this.#later(4, 18, () => this.#merge(one, root));
  }

  #does(action: Action): void {
    this.#emit({ ...action, at_seconds: Math.round(this.#now * 10) / 10 });
  }

  /** In so many minutes of real life, at the day's pace. */
  #later(low_minutes: number, high_minutes: number, work: () => void): void {
    this.plan(this.#now + this.#chance.between(low_minutes, high_minutes) * 60 * this.#pace, work);
  }

  #enter(one: Case, state: Case["state"]): number {
    one.state = state;
    one.turn += 1;
    return one.turn;
  }

  #queue(one: Case): void {
    one.bearer?.work.delete(one);
    one.bearer = null;
    const turn = this.#enter(one, "pending");
    this.#queueOf(one.team).add(one);
    this.#later(15, 40, () => {
      if (one.turn === turn && one.severity > 1 && this.#chance.happens(0.4)) this.#escalate(one);
    });
  }

  #queueOf(team: string): OrderedSet<Case> {
    const queue =
      this.#queues.get(team) ?? new OrderedSet<Case>((a, b) => a.severity - b.severity || a.number - b.number);
    this.#queues.set(team, queue);
    return queue;
  }

  /** The free get what waits. */
  #serve(team: string): void {
    const queue = this.#queueOf(team);
    for (let one = queue.first(); one !== undefined; one = queue.first()) {
      const person = this.#freest(team);
      if (person === null) return;
      queue.delete(one);
      this.#assign(one, person);
    }
  }

  #freest(team: string): Person | null {
    const free = this.#people.filter((one) => one.team === team && one.available && one.work.size < one.capacity);
    const load = (one: Person) => one.work.size / one.capacity;
    return free.reduce<Person | null>((best, one) => (best === null || load(one) < load(best) ? one : best), null);
  }

  #assign(one: Case, person: Person): void {
    one.bearer?.work.delete(one);
    one.bearer = person;
    person.work.add(one);
    const turn = this.#enter(one, "assigned");
    this.#later(1, 6, () => {
      if (one.turn === turn) this.#acknowledge(one);
    });
  }

  #acknowledge(one: Case): void {
    const { number: incident, team } = one;
    this.#does({ kind: "acknowledge", incident, team });
    const turn = this.#enter(one, "acknowledged");
    const soon = (share: number, probability: number, work: () => void): void => {
      if (!this.#chance.happens(probability)) return;
      this.plan(this.#now + one.left * share, () => {
        if (one.turn === turn) work();
      });
    };
    soon(0.25, 0.35, () => this.#does({ kind: "comment", incident, team, text: this.#chance.pick(comments) }));
    soon(0.4, 0.05, () => this.#handOver(one));
    soon(0.5, one.has_slept ? 0 : 0.08, () => this.#snooze(one));
    soon(0.7, 0.15, () => this.#does({ kind: "comment", incident, team, text: this.#chance.pick(comments) }));
    soon(0.75, one.severity > 1 ? 0.03 : 0, () => this.#escalate(one));
    soon(1, 1, () => this.#end(one));
  }

  #escalate(one: Case): void {
    const waits = one.state === "pending";
    if (waits) this.#queueOf(one.team).delete(one);
    one.severity -= 1;
    if (waits) this.#queueOf(one.team).add(one);
    this.#does({ kind: "escalate", incident: one.number, team: one.team, reason: this.#chance.pick(escalations) });
  }

  #handOver(one: Case): void {
    const others = this.#people.filter(
      (person) => person.team === one.team && person.available && person !== one.bearer,
    );
    if (others.length === 0) return;
    const person = this.#chance.pick(others);
    const reason = this.#chance.pick(handOvers);
    this.#does({ kind: "hand-over", incident: one.number, team: one.team, handler: person.handler, reason });
    this.#assign(one, person);
    this.#serve(one.team);
  }

  #snooze(one: Case): void {
    const minutes = Math.round(this.#chance.between(30, 120) * this.#pace * 10) / 10;
    this.#does({ kind: "snooze", incident: one.number, team: one.team, minutes });
    const person = one.bearer;
    person?.work.delete(one);
    one.bearer = null;
    one.has_slept = true;
    one.left /= 2;
    const turn = this.#enter(one, "snoozed");
    this.#serve(one.team);
    this.plan(this.#now + minutes * 60, () => {
      if (one.turn !== turn) return;
      if (person?.available && person.work.size < person.capacity) this.#assign(one, person);
      else this.#queue(one);
      this.#serve(one.team);
    });
  }

  #merge(one: Case, root: number): void {
    const cause = this.#cases.get(root);
    if (one.state === "over" || cause === undefined || cause.state === "over" || cause.team !== one.team) return;
    this.#does({ kind: "merge", incident: one.number, team: one.team, into: root });
    this.#leave(one);
  }

  #end(one: Case): void {
    const { number: incident, team } = one;
    if (this.#chance.happens(0.06)) {
      this.#does({ kind: "dismiss", incident, team, reason: this.#chance.pick(falseAlarms) });
    } else {
      this.#does({ kind: "resolve", incident, team, resolution: this.#chance.pick(resolutions) });
      if (!one.has_returned && this.#chance.happens(0.05)) this.#later(20, 90, () => this.#reopen(one));
    }
    this.#leave(one);
  }

  #reopen(one: Case): void {
    one.has_returned = true;
    this.#does({ kind: "reopen", incident: one.number, team: one.team, reason: this.#chance.pick(returns) });
    this.#queue(one);
    this.#serve(one.team);
  }

  #leave(one: Case): void {
    if (one.state === "pending") this.#queueOf(one.team).delete(one);
    one.bearer?.work.delete(one);
    one.bearer = null;
    this.#enter(one, "over");
    this.#serve(one.team);
  }

  #repeat(one: Case, most: number): void {
    this.#later(3, 20, () => {
      if (one.state === "over" || one.has_returned) return;
      this.#does(one.arrival.report);
      if (most > 1 && this.#chance.happens(0.6)) this.#repeat(one, most - 1);
    });
  }
}
