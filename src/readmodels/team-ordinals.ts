import type { RecordedEvent } from "../../events/recorded-event.ts";
import { type Appearance, appearanceOf } from "../../projections/appearance.ts";
import { BoundedCache } from "./bounded-cache.ts";
import type { IncidentList } from "./incident-list.ts";
import type { ListConnection } from "./list-connection.ts";
import { lastOrdinal, numberOf, ordinalOf } from "./team-page.ts";

/** What the ordinals of one team are known from. */
export interface TeamOrdinalsOptions {
  /** The team's name as it is written, once there is a team. */
  readonly team: () => string;
  readonly list: Pick<IncidentList, "ask">;
  /** The last position that was acknowledged. */
  readonly durablePosition: () => number;
}

/** Of the newest and of those that were asked for last so many are answered from memory; the list has all. */
const kept_ordinals = 20_000;

/**
 * The ordinals of a team's incidents: `1` is the first that ever appeared there. The list keeps them, and is always a
 * little behind the ledger; those of the newest incidents are counted here, so that a report is answered at once.
 */
export class TeamOrdinals {
  readonly #options: TeamOrdinalsOptions;
  /** How many have been given; null: not known, because nobody asked yet or an incident was moved here. */
  #count: number | null = null;
  /** What comes into the team while the list is asked for the count; null: it is not being asked. */
  #meanwhile: Appearance[] | null = null;
  #counting: Promise<void> | null = null;
  /** An ordinal never changes, so that what is known of one stays right. */
  readonly #ordinals = new BoundedCache<number, number>(kept_ordinals, kept_ordinals, () => 1);
  readonly #numbers = new BoundedCache<number, number>(kept_ordinals, kept_ordinals, () => 1);

  constructor(options: TeamOrdinalsOptions) {
    this.#options = options;
  }

  /** Takes in committed events. To be called for every commit, in order. */
  note(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const appearance = appearanceOf(event);
      if (appearance !== null && appearance.team === this.#options.team()) this.#place(appearance);
    }
  }

  /** Makes sure that what is reported from now on gets its ordinal at once. Throws `ListUnavailable`. */
  async ready(): Promise<void> {
    while (this.#count === null) {
      this.#counting ??= this.#learnCount().finally(() => {
        this.#counting = null;
      });
      await this.#counting;
    }
  }

  /** The ordinal of an incident that is, or was, in the team; null where it never was. Throws `ListUnavailable`. */
  async ordinalOf(number: number): Promise<number | null> {
    const known = this.#ordinals.get(number);
    if (known !== undefined) return known;
    const ordinal = await this.#ask((connection) => ordinalOf(connection, this.#options.team(), number));
    if (ordinal !== null) this.#keep(ordinal, number);
    return ordinal;
  }

  /** The number of the incident with this ordinal; null where there is none. Throws `ListUnavailable`. */
  async numberOf(ordinal: number): Promise<number | null> {
    if (this.#count !== null && ordinal > this.#count) return null;
    const known = this.#numbers.get(ordinal);
    if (known !== undefined) return known;
    const number = await this.#ask((connection) => numberOf(connection, this.#options.team(), ordinal));
    if (number !== null) this.#keep(ordinal, number);
    return number;
  }

  /** The list is asked as of all that was committed before, so that only what is committed meanwhile is to be added. */
  async #learnCount(): Promise<void> {
    this.#meanwhile = [];
    let later: readonly Appearance[] = [];
    const { last, position } = await this.#ask((connection) => ({
      last: lastOrdinal(connection, this.#options.team()),
      position: connection.number("SELECT position AS n FROM checkpoint", []),
    })).finally(() => {
      later = this.#meanwhile ?? [];
      this.#meanwhile = null;
    });
    this.#count = last;
    for (const appearance of later) if (appearance.position > position) this.#place(appearance);
  }

  #ask<Result>(work: (connection: ListConnection) => Result): Promise<Result> {
    const { list, durablePosition } = this.#options;
    return list.ask((connection) => connection.consistently(async () => work(connection)), durablePosition());
  }

  #place(appearance: Appearance): void {
    if (this.#count === null || !(appearance.is_first || this.#ordinals.peek(appearance.number) !== undefined)) {
      // Whether an incident that is moved here has been here before, the list alone knows.
      this.#count = null;
      this.#meanwhile?.push(appearance);
      return;
    }
    if (!appearance.is_first) return;
    this.#count += 1;
    this.#keep(this.#count, appearance.number);
  }

  #keep(ordinal: number, number: number): void {
    this.#ordinals.set(number, ordinal);
    this.#numbers.set(ordinal, number);
  }
}
