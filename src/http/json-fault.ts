/** Where a text stops being JSON, and what was expected there: nothing of the text itself, which may be secret. */
export interface JsonFault {
  /** What would have done, for example `a value`. */
  readonly expected: string;
  /** From 1; a column is a UTF-16 unit. */
  readonly line: number;
  readonly column: number;
}

const space = /[\t\n\r ]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
/** A piece of a string between escapes, and an escape. */
const plain = /[ !#-[\]-\uffff]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Finds where a text stops being JSON (RFC 8259). The parser's own message will not do: it quotes what it was given, and mostly
 * leaves the place out. Null where it is JSON.
 */
export function jsonFault(text: string): JsonFault | null {
  const fault = new Scan(text).run();
  if (fault === null) return null;
  const before = text.slice(0, fault.offset);
  const line_start = before.lastIndexOf("\n") + 1;
  return { expected: fault.expected, line: before.split("\n").length, column: fault.offset - line_start + 1 };
}

interface Fault {
  readonly expected: string;
  readonly offset: number;
}

/** One pass over a text, without recursion: however deep it nests, the stack does not grow. */
class Scan {
  readonly #text: string;
  #offset = 0;
  /** The ends of the objects and arrays that are open. */
  readonly #open: ("}" | "]")[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): Fault | null {
    for (let fault = this.#value(); ; fault = this.#afterValue()) {
      if (fault !== null) return fault;
      if (this.#open.length === 0) {
        this.#skip(space);
        return this.#offset === this.#text.length ? null : this.#fault("the end of the body");
      }
    }
  }

  /** A value, or the beginning of one up to its first scalar. */
  #value(): Fault | null {
    for (;;) {
      this.#skip(space);
      if (this.#take("[")) {
        this.#open.push("]");
        this.#skip(space);
        if (!this.#take("]")) continue;
        this.#open.pop();
        return null;
      }
      if (!this.#take("{")) return this.#scalar();
      this.#open.push("}");
      this.#skip(space);
      if (this.#take("}")) {
        this.#open.pop();
        return null;
      }
      const fault = this.#name();
      if (fault !== null) return fault;
    }
  }

  #scalar(): Fault | null {
    if (this.#text[this.#offset] === '"') return this.#string();
    return this.#skip(number) || this.#skip(word) ? null : this.#fault("a value");
  }

  /** What may come after a value in an object or an array: its end, or a comma and the next value. */
  #afterValue(): Fault | null {
    const end = this.#open.at(-1) ?? "]";
    this.#skip(space);
    if (this.#take(end)) {
      this.#open.pop();
      return null;
    }
    if (!this.#take(",")) return this.#fault(`a comma or ${end}`);
    return (end === "}" ? this.#name() : null) ?? this.#value();
  }

  #name(): Fault | null {
    this.#skip(space);
    if (this.#text[this.#offset] !== '"') return this.#fault("a name in double quotes");
    const fault = this.#string();
    if (fault !== null) return fault;
    this.#skip(space);
    return this.#take(":") ? null : this.#fault("a colon");
  }

  #string(): Fault | null {
    this.#offset += 1;
    do this.#skip(plain);
    while (this.#skip(escaped));
    if (this.#take('"')) return null;
    const next = this.#text[this.#offset];
    if (next === undefined) return this.#fault("the end of a string");
    return this.#fault(next === "\\" ? "an escape that JSON knows" : "an escape in the place of a control character");
  }

  /** Goes on past what matches here; whether that is anything. */
  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#offset;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.#offset += length;
    return length > 0;
  }

  #take(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #fault(expected: string): Fault {
    return { expected, offset: this.#offset };
  }
}
