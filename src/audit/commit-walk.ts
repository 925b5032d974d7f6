import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import { incidentStream } from "../../events/stream.ts";
import type { FaultList } from "./fault.ts";

/**
 * Puts events together into commits, and checks what a commit is: one command's events, its facts before its
 * decisions, all of one time, actor and rules number; time never runs back, and what a decision follows from is earlier.
 */
export class CommitWalk {
  readonly #faults: FaultList;
  #events: RecordedEvent[] = [];
  /** Desk time of the last event, and the rules in force after it. */
  #recorded_at = "";
  #rules = 0;

  constructor(faults: FaultList) {
    this.#faults = faults;
  }

  /** Whether a commit has begun and not yet ended. */
  get isInside(): boolean {
    return this.#events.length > 0;
  }

  /** Takes the next event. Returns the commit that it ends, or null. */
  next(event: RecordedEvent): readonly RecordedEvent[] | null {
    if (event.meta.offset === 0) this.end();
    const first = this.#events[0] ?? event;
    for (const fault of this.#faultsOf(event, first)) this.#faults.add(event.position, fault);
    this.#recorded_at = event.recorded_at;
    this.#events.push(event);
    if (this.#events.length < first.meta.events) return null;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** To be called where no more events come: says so where the last commit is not whole. */
  end(): void {
    const [first] = this.#events;
    if (first === undefined) return;
    const found = this.#events.length;
    const commit = `the commit that begins at ${first.position} has ${first.meta.events} events`;
    this.#faults.add(first.position + found, `${commit}, of which only ${found} stand before this position`);
    this.#events = [];
  }

  /** Forgets a commit that has begun: an event of it could not be read. */
  drop(): void {
    this.#events = [];
  }

  *#faultsOf(event: RecordedEvent, first: RecordedEvent): Generator<string> {
    const { meta, position, type } = event;
    const offset = this.#events.length;
    if (meta.offset !== offset) yield `it has offset ${meta.offset} in its commit, where ${offset} is next`;
    if (meta.events !== first.meta.events) yield `its commit has ${first.meta.events} events, it says ${meta.events}`;
    if (event.command_id !== first.command_id) yield "its command is not that of its commit";
    if (event.actor !== first.actor) yield `its actor is ${event.actor}, that of its commit ${first.actor}`;
    if (event.recorded_at !== first.recorded_at) {
      yield `its time is ${event.recorded_at}, that of its commit ${first.recorded_at}`;
    } else if (event.recorded_at < this.#recorded_at) {
      yield `its time is ${event.recorded_at}, before that of the event before it, ${this.#recorded_at}`;
    }
    if (offset === 0) yield* this.#rulesFaults(event);
    else if (meta.rules !== first.meta.rules)
      yield `its rules are ${meta.rules}, those of its commit ${first.meta.rules}`;
    if ((type === "ledger.opened") !== (position === 1)) yield "ledger.opened is the first event, and only that";
    if (type === "incident.reported" && event.stream !== incidentStream(event.data.number)) {
      yield `it reports incident ${event.data.number} in the stream ${event.stream}`;
    }
    if (type === "time.passed" && event.data.at > event.recorded_at) {
      yield `it says that it is ${event.data.at}, later than its own time`;
    }
    yield* this.#becauseFaults(event, position - meta.offset);
  }

  *#rulesFaults({ meta, type, data }: RecordedEvent): Generator<string> {
    if (type === "ledger.opened") this.#rules = data.rules;
    if (type === "rules.adopted") this.#rules = data.number;
    // After an event that could not be read it is not known which rules are in force.
    if (this.#rules !== 0 && meta.rules !== this.#rules) {
      yield `its rules are ${meta.rules}, although ${this.#rules} are in force`;
    }
    this.#rules = meta.rules;
  }

  *#becauseFaults({ meta, type }: RecordedEvent, commit_position: number): Generator<string> {
    const { because } = meta;
    if (!isDecision(type)) {
      if (because !== undefined) yield "it is a fact, and yet says what it follows from";
      const before = this.#events.at(-1);
      if (before !== undefined && isDecision(before.type)) yield "it is a fact that stands after a decision";
    } else if (because === undefined) {
      yield "it is a decision that does not say what it follows from";
    } else {
      const isEarlier = "offset" in because ? because.offset < meta.offset : because.position < commit_position;
      if (!isEarlier) yield "it is a decision that follows from something that comes after it";
    }
  }
}
