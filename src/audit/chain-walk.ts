import { eventHash, genesisHash, textDigest } from "../ledger/chain.ts";
import type { StoredEvent } from "../ledger/ledger.ts";
import type { FaultList } from "./fault.ts";
import { StreamVersions } from "./stream-versions.ts";

/**
 * Follows the hash chain over stored events, given one by one from the first: positions and stream versions without
 * gaps, every hash, every text's digest. Unlike the check of an adapter it goes on after a fault, with the hash that is
 * recorded, so that one changed event is told from many.
 */
export class ChainWalk {
  readonly #faults: FaultList;
  readonly #versions = new StreamVersions();
  /** Texts that are gone, and no event that erased them has come yet. */
  readonly #unexplained = new Set<number>();
  readonly #erased = new Map<number, number>();
  #position = 0;
  /** Null where the hash before the next event is not known. */
  #hash: Uint8Array | null = null;

  constructor(faults: FaultList) {
    this.#faults = faults;
  }

  /** The last position that was seen, 0 at first. */
  get position(): number {
    return this.#position;
  }

  /** The hash recorded there, 64 hex digits; empty at first. */
  get hash(): string {
    return this.#hash === null ? "" : Buffer.from(this.#hash).toString("hex");
  }

  /** Texts that were erased, and the events that say so. */
  get erased(): readonly Erasure[] {
    return [...this.#erased].map(([erased, by]) => ({ erased, by }));
  }

  /** Texts that are gone without an event so far that says so. */
  get unexplained(): ReadonlySet<number> {
    return this.#unexplained;
  }

  /** Checks the next event. False where the chain is broken here: by a gap before it, or by its own hash. */
  next(event: StoredEvent): boolean {
    const isWhole = this.#checkGap(event) && this.#checkHash(event);
    const version = this.#versions.take(event.stream, event.version);
    if (event.version !== version) {
      this.#faults.add(event.position, `it has version ${event.version} of ${event.stream}, where ${version} is next`);
    }
    this.#checkText(event);
    this.#position = event.position;
    this.#hash = event.hash;
    return isWhole;
  }

  /** Goes past an event that is so damaged that nothing of it can be checked. */
  skip(position: number): void {
    this.#position = position;
    this.#hash = null;
  }

  /** Takes note that the event `by` erased the text of the event `erased`. */
  explain({ erased, by }: Erasure): void {
    if (this.#erased.has(erased)) return;
    this.#erased.set(erased, by);
    if (!this.#unexplained.delete(erased))
      this.#faults.add(erased, `its text was erased by position ${by}, and is there again`);
  }

  #checkGap({ position }: StoredEvent): boolean {
    const expected = this.#position + 1;
    if (position === expected) return true;
    const missing =
      position === expected + 1 ? "there is no event here" : `there is no event from here to ${position - 1}`;
    this.#faults.add(expected, missing);
    return false;
  }

  #checkHash(event: StoredEvent): boolean {
    const previous = event.position === 1 ? genesisOf(event) : this.#hash;
    if (previous === null) {
      if (event.position === 1) this.#faults.add(1, "it is not the ledger.opened that a ledger begins with");
      return false;
    }
    const hash = eventHash(event, previous);
    if (same(hash, event.hash)) return true;
    const found = `its hash is ${hash.toString("hex")}, recorded ${Buffer.from(event.hash).toString("hex")}`;
    this.#faults.add(event.position, `it was changed, moved or put here after it was recorded: ${found}`);
    return false;
  }

  #checkText({ position, text, text_salt, text_digest }: StoredEvent): void {
    if ((text === null) !== (text_salt === null)) {
      this.#faults.add(position, "of its text and the text's salt only one is there");
    } else if (text !== null && text_salt !== null) {
      if (text_digest === null) this.#faults.add(position, "it has a text that its hash does not cover");
      else if (!same(textDigest(text_salt, text), text_digest)) {
        this.#faults.add(position, "its text was changed after it was recorded: its digest is another");
      }
    } else if (text_digest !== null) this.#unexplained.add(position);
  }
}

/** The text of the event at `erased` is gone because of the event at `by`. */
export interface Erasure {
  readonly erased: number;
  readonly by: number;
}

function genesisOf({ type, data }: StoredEvent): Uint8Array | null {
  const opened = type === "ledger.opened" ? parse(data) : null;
  const known = typeof opened === "object" && opened !== null && "ledger_id" in opened;
  return known && typeof opened.ledger_id === "string" ? genesisHash(opened.ledger_id) : null;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
}

function same(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
