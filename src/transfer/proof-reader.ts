import { incidentStream } from "../../events/stream.ts";
import type { NotedHead } from "../audit/audit-report.ts";
import type { Erasure } from "../audit/chain-walk.ts";
import { readStoredEvent } from "../audit/stored-reading.ts";
import { eventHash, textDigest } from "../ledger/chain.ts";
import { type EventLine, type HashedLine, storedEventOf } from "./event-line.ts";
import { EventShape, fits, HashedShape, type Line, ProofEnd, ProofHeader, parseLine, readLine } from "./line-shapes.ts";
import { WrongContent } from "./wrong-content.ts";

/** What a proof that is right proves: these events stand, unchanged and complete, in the chain that leads to this head. */
export interface ReadProof {
  readonly incident: number;
  readonly events: number;
  readonly others: number;
  /** Where the incident's first and last event stand. */
  readonly first: number;
  readonly last: number;
  readonly head: NotedHead;
  /** Texts of the incident that were erased, each with the event that says so. */
  readonly erased: readonly Erasure[];
  /** Positions whose text is not in the file, and no event in it says why. */
  readonly left_out: readonly number[];
}

/**
 * Checks the proof of one incident line by line, with nothing but the file. Throws `WrongContent`, which names the line, at
 * the first thing that is wrong.
 */
export class ProofReader {
  readonly #noted_head: NotedHead | undefined;
  #incident = 0;
  /** The incident's events so far: the version of the last one is their number. */
  #events = 0;
  #others = 0;
  #first = 0;
  #last = 0;
  #position = 0;
  #hash: Buffer = Buffer.alloc(0);
  #last_line = 0;
  readonly #missing = new Set<number>();
  readonly #erased: Erasure[] = [];
  #result: ReadProof | null = null;

  constructor(noted_head?: NotedHead) {
    this.#noted_head = noted_head;
  }

  /** Takes some lines, in order. */
  take(lines: readonly Line[]): void {
    for (const line of lines) {
      this.#last_line = line.number;
      if (this.#incident === 0) this.#takeHeader(line);
      else if (this.#result === null) this.#takeRest(line);
      else throw WrongContent.at(line.number, "it stands after the closing line");
    }
  }

  /** To be called where the file ends. */
  end(): ReadProof {
    if (this.#result !== null) return this.#result;
    throw WrongContent.at(this.#last_line + 1, "the file ends before its closing line: it was cut off");
  }

  #takeHeader(line: Line): void {
    const header = readLine(line, parseLine(line), ProofHeader, "the first line of a proof");
    this.#incident = header.incident;
    this.#hash = Buffer.from(header.previous_hash, "hex");
  }

  #takeRest(line: Line): void {
    const value = parseLine(line);
    if (fits(value, ProofEnd)) this.#takeEnd(line, value);
    else if (fits(value, EventShape)) this.#takeOwn(line, readLine(line, value, EventShape, "an event"));
    else this.#takeOther(line, readLine(line, value, HashedShape, "an event"));
  }

  #takeOwn(line: Line, event: EventLine): void {
    const stream = incidentStream(this.#incident);
    if (event.stream !== stream) throw WrongContent.at(line.number, `it is whole, and not an event of ${stream}`);
    if (event.version !== this.#events + 1) {
      throw WrongContent.at(
        line.number,
        `it has version ${event.version} of ${stream}, where ${this.#events + 1} is next`,
      );
    }
    if (this.#events === 0) this.#position = event.position - 1;
    this.#follow(line, event);
    this.#checkText(line, event);
    const read = readStoredEvent(storedEventOf(event));
    if ("unreadable" in read) throw WrongContent.at(line.number, `it cannot be read: ${read.unreadable}`);
    if (read.type === "text.erased" && this.#missing.delete(read.data.erased)) {
      this.#erased.push({ erased: read.data.erased, by: read.position });
    }
    if (this.#events === 0) this.#first = event.position;
    this.#events += 1;
    this.#last = event.position;
  }

  #takeOther(line: Line, event: HashedLine): void {
    if (this.#events === 0) throw WrongContent.at(line.number, "the first event is not the incident's, or not whole");
    if (event.stream === incidentStream(this.#incident)) {
      throw WrongContent.at(line.number, "it is an event of the incident, and not whole");
    }
    this.#follow(line, event);
    this.#others += 1;
  }

  #follow(line: Line, event: HashedLine): void {
    const expected = this.#position + 1;
    if (event.position !== expected) {
      throw WrongContent.at(line.number, `it has the event of position ${event.position}, where ${expected} is next`);
    }
    const text_digest = event.text_digest === null ? null : Buffer.from(event.text_digest, "hex");
    const hash = eventHash({ ...event, text_digest }, this.#hash);
    if (hash.toString("hex") !== event.hash) {
      const found = `its hash is ${hash.toString("hex")}, told ${event.hash}`;
      throw WrongContent.at(line.number, `it, or what is before it, was altered: ${found}`);
    }
    this.#position = expected;
    this.#hash = hash;
    const noted = this.#noted_head;
    if (noted?.position === expected && noted.hash !== event.hash) {
      throw WrongContent.at(line.number, `its hash is ${event.hash}, noted was ${noted.hash}`);
    }
  }

  #checkText(line: Line, { position, text, text_salt, text_digest }: EventLine): void {
    if ((text === null) !== (text_salt === null)) {
      throw WrongContent.at(line.number, "of its text and the text's salt only one is there");
    }
    if (text === null || text_salt === null) {
      if (text_digest !== null) this.#missing.add(position);
    } else if (textDigest(Buffer.from(text_salt, "hex"), text).toString("hex") !== text_digest) {
      throw WrongContent.at(line.number, "its text was altered: its digest is another");
    }
  }

  #takeEnd(line: Line, value: unknown): void {
    const { end } = readLine(line, value, ProofEnd, "the closing line");
    if (end.events !== this.#events || end.others !== this.#others) {
      const found = `before this line are ${this.#events} and ${this.#others}`;
      throw WrongContent.at(line.number, `it tells ${end.events} events and ${end.others} of others, ${found}`);
    }
    const head = { position: this.#position, hash: this.#hash.toString("hex") };
    if (end.head.position !== head.position || end.head.hash !== head.hash) {
      throw WrongContent.at(
        line.number,
        `the chain ends at ${head.position}:${head.hash}, not in the head that it tells`,
      );
    }
    this.#checkNoted(line);
    const { events, others } = end;
    const places = { first: this.#first, last: this.#last };
    const left_out = [...this.#missing].sort((a, b) => a - b);
    this.#result = { incident: this.#incident, events, others, ...places, head, erased: this.#erased, left_out };
  }

  #checkNoted({ number }: Line): void {
    const noted = this.#noted_head;
    if (noted === undefined) return;
    const covered = `the proof has positions ${this.#first} to ${this.#position}`;
    if (noted.position > this.#position) {
      throw WrongContent.at(number, `the head that was noted at position ${noted.position} is not here: ${covered}`);
    }
    if (noted.position < this.#last) {
      const told = `the head that was noted at position ${noted.position} is older than the incident's last event`;
      throw WrongContent.at(number, `${told} at ${this.#last}, and cannot vouch for it: ${covered}`);
    }
  }
}
