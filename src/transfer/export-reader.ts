import { boardFormat } from "../../projections/board-state.ts";
import type { NotedHead } from "../audit/audit-report.ts";
import type { Erasure } from "../audit/chain-walk.ts";
import { EventCheck } from "../audit/event-check.ts";
import type { Fault } from "../audit/fault.ts";
import { stateHash } from "../readmodels/state-hash.ts";
import { type EventLine, storedEventOf } from "./event-line.ts";
import { EventShape, ExportEnd, ExportHeader, fits, type Line, parseLine, readLine } from "./line-shapes.ts";
import { WrongContent } from "./wrong-content.ts";

/** What is done while an export is read. */
export interface ExportReading {
  /** A head that was noted elsewhere, and must be in the export. */
  readonly noted_head?: NotedHead;
  /** Takes every event as soon as it is known to follow from those before it. */
  readonly onEvent?: (event: EventLine) => void;
  readonly onProgress?: (done: number, all: number) => void;
}

/** What an export that is right holds. */
export interface ReadExport {
  readonly ledger_id: string;
  readonly events: number;
  readonly commits: number;
  readonly decisions: number;
  readonly head: NotedHead;
  readonly rules: number;
  /** The board's state hash, folded from the events. */
  readonly state_hash: string;
  /** Whether the export told the same; false where it tells that of another build, which cannot be compared. */
  readonly state_compared: boolean;
  readonly erased: readonly Erasure[];
}

/**
 * Reads a whole export line by line and audits it. Throws `WrongContent`, which names the line, at the first thing that is
 * wrong: an event altered, missing, doubled or out of order, a decision that does not follow, a file that was cut off.
 */
export class ExportReader {
  readonly #reading: ExportReading;
  readonly #check = new EventCheck();
  #header: { readonly ledger_id: string; readonly head: NotedHead; readonly rules: number } | null = null;
  #last_line = 0;
  #result: ReadExport | null = null;

  constructor(reading: ExportReading) {
    this.#reading = reading;
  }

  /** Takes some lines, in order. */
  take(lines: readonly Line[]): void {
    for (const line of lines) {
      this.#last_line = line.number;
      if (this.#header === null) this.#takeHeader(line);
      else if (this.#result === null) this.#takeRest(line);
      else throw WrongContent.at(line.number, "it stands after the closing line");
    }
    if (this.#header !== null) this.#reading.onProgress?.(this.#check.position, this.#header.head.position);
  }

  /** To be called where the file ends. */
  end(): ReadExport {
    if (this.#result !== null) return this.#result;
    throw WrongContent.at(this.#last_line + 1, "the file ends before its closing line: it was cut off");
  }

  #takeHeader(line: Line): void {
    const header = readLine(line, parseLine(line), ExportHeader, "the first line of an export");
    this.#header = header;
  }

  #takeRest(line: Line): void {
    const value = parseLine(line);
    if (fits(value, ExportEnd)) this.#takeEnd(line, value);
    else this.#takeEvent(line, readLine(line, value, EventShape, "an event"));
  }

  #takeEvent(line: Line, event: EventLine): void {
    const expected = this.#check.position + 1;
    if (event.position !== expected) {
      throw WrongContent.at(line.number, `it has the event of position ${event.position}, where ${expected} is next`);
    }
    this.#refuse(this.#check.next(storedEventOf(event)), line.number);
    const { noted_head, onEvent } = this.#reading;
    if (expected === noted_head?.position && event.hash !== noted_head.hash) {
      throw WrongContent.at(line.number, `its hash is ${event.hash}, noted was ${noted_head.hash}`);
    }
    if (expected === 1 && ledgerIdOf(event) !== this.#header?.ledger_id) {
      throw WrongContent.at(1, `the ledger's id is ${ledgerIdOf(event)}, not ${this.#header?.ledger_id}`);
    }
    onEvent?.(event);
  }

  #takeEnd(line: Line, value: unknown): void {
    const { end } = readLine(line, value, ExportEnd, "the closing line");
    const { position, hash } = this.#check;
    if (end.events !== position || end.head.position !== position) {
      const told = `${end.events} events up to position ${end.head.position}`;
      throw WrongContent.at(line.number, `the export is to have ${told}, before this line are ${position}`);
    }
    if (end.head.hash !== hash) throw WrongContent.at(line.number, `the last event's hash is ${hash}, not the head's`);
    this.#refuse(this.#check.end(), line.number);
    this.#checkHeader(end.head);
    const { noted_head } = this.#reading;
    if (noted_head !== undefined && noted_head.position > position) {
      const told = `the head that was noted at position ${noted_head.position} is not here`;
      throw WrongContent.at(line.number, `${told}: the export ends at position ${position}`);
    }
    const state_hash = stateHash(this.#check.board);
    if (end.board_format > boardFormat) {
      throw WrongContent.at(line.number, `a newer build wrote it (board format ${end.board_format}); use that one`);
    }
    const state_compared = end.board_format === boardFormat;
    if (state_compared && end.state_hash !== state_hash) {
      throw WrongContent.at(line.number, `the state hash is ${state_hash}, the export tells ${end.state_hash}`);
    }
    const { commits, decisions, erased } = this.#check;
    const { ledger_id, rules } = this.#check.board;
    const head = { position, hash };
    const counted = { events: position, commits, decisions };
    this.#result = { ledger_id, ...counted, head, rules, state_hash, state_compared, erased };
  }

  #checkHeader(found: NotedHead): void {
    const in_force = this.#check.board.rules;
    const { head, rules } = this.#header ?? { head: found, rules: in_force };
    if (head.position !== found.position || head.hash !== found.hash) {
      throw WrongContent.at(1, `the header tells the head ${head.position}:${head.hash}, the export ends elsewhere`);
    }
    if (rules !== in_force) {
      throw WrongContent.at(1, `the header tells rules ${rules}, in force at the end are ${in_force}`);
    }
  }

  /** Event n stands in line n + 1. What is wrong with a commit's end shows only in the line that is read. */
  #refuse(fault: Fault | null, line: number): void {
    if (fault === null) return;
    throw WrongContent.at(fault.position === null ? line : Math.min(fault.position + 1, line), fault.fault);
  }
}

/** Only for events that were checked. */
function ledgerIdOf({ data }: EventLine): string {
  const { ledger_id }: { ledger_id: string } = JSON.parse(data);
  return ledger_id;
}
