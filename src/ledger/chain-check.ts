import { eventHash, genesisHash, textDigest } from "./chain.ts";
import type { StoredEvent } from "./ledger.ts";

/** What is wrong with the chain, and where. */
export interface ChainFault {
  readonly position: number;
  /** What is wrong, a clause without a full stop. */
  readonly fault: string;
}

/**
 * Follows the chain over stored events, given one by one from position 1: positions and stream versions without gaps,
 * every hash, every text's digest, and that no text is missing that no `text.erased` names. Keeps the version of each
 * stream, so its memory grows with the number of streams.
 */
export class ChainCheck {
  #position = 0;
  #hash: Uint8Array = new Uint8Array(0);
  readonly #versions = new Map<string, number>();
  /** Where a text is gone and the event that erased it has not come yet. */
  readonly #unexplained = new Set<number>();

  /** The last position that was checked, 0 at first. */
  get position(): number {
    return this.#position;
  }

  /** The hash of the last event, 64 hex digits; an empty string at first. */
  get hash(): string {
    return Buffer.from(this.#hash).toString("hex");
  }

  /** Checks the next event; returns what is wrong with it, or null. After a fault, the check has nothing more to say. */
  next(event: StoredEvent): ChainFault | null {
    const expected = this.#position + 1;
    if (event.position !== expected) return { position: expected, fault: "there is no event at this position" };
    const fault = this.#faultOf(event);
    if (fault !== null) return { position: event.position, fault };
    this.#position = event.position;
    this.#hash = event.hash;
    this.#versions.set(event.stream, event.version);
    this.#explain(event);
    return null;
  }

  /** To be asked after the last event: a text that is missing without an event that erased it, or null. */
  end(): ChainFault | null {
    for (const position of this.#unexplained) {
      return { position, fault: "its text is gone, and no text.erased names it" };
    }
    return null;
  }

  #faultOf(event: StoredEvent): string | null {
    const version = (this.#versions.get(event.stream) ?? 0) + 1;
    const previous = event.position === 1 ? genesisOf(event) : this.#hash;
    if (previous === null) return "it is not the ledger.opened that a ledger begins with";
    if (!same(eventHash(event, previous), event.hash)) {
      return "its hash does not follow from its content and the hash before it";
    }
    if (event.version !== version) return `version ${version} of ${event.stream} is missing`;
    return textFault(event);
  }

  #explain(event: StoredEvent): void {
    if (event.text_digest !== null && event.text === null) this.#unexplained.add(event.position);
    if (event.type !== "text.erased" || this.#unexplained.size === 0) return;
    const data = parse(event.data);
    if (typeof data === "object" && data !== null && "erased" in data && typeof data.erased === "number") {
      this.#unexplained.delete(data.erased);
    }
  }
}

function textFault({ text, text_salt, text_digest }: StoredEvent): string | null {
  if ((text === null) !== (text_salt === null)) return "of its text and its salt only one is there";
  if (text === null || text_salt === null) return null;
  if (text_digest === null) return "it has a text that its hash does not cover";
  return same(textDigest(text_salt, text), text_digest) ? null : "its text is not the one that was recorded";
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
