import type { RecordedEvent } from "../../events/recorded-event.ts";
import { handlerStream, incidentStream, userStream } from "../../events/stream.ts";
import type { Board } from "../../projections/board.ts";
import type { HeldTexts } from "../../projections/held-texts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readCommits } from "../ledger/read-commits.ts";
import { readStream } from "../ledger/read-stream.ts";
import { foldEvent } from "../rules/rules.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { heldTexts, storedIncident } from "./stored-incident.ts";
import { type Submission, unavailable } from "./submission.ts";

/** What keeping a board at the head of its ledger needs. */
export interface LiveBoardOptions {
  readonly ledger: Ledger;
  readonly runtime: Runtime;
  /** Folds the board of the ledger up to its head. */
  readonly loadBoard: () => Promise<Board>;
}

const patience_ms = 5000;

/**
 * The desk's board, and whether it shows only what is durable. It runs ahead while a batch is being decided and
 * written, and after a failure until it is folded anew.
 */
export class LiveBoard {
  readonly #options: LiveBoardOptions;
  #board: Board;
  #isAhead = false;
  #durable_position: number;
  #readers: (() => void)[] = [];

  constructor(options: LiveBoardOptions, board: Board) {
    this.#options = options;
    this.#board = board;
    this.#durable_position = board.position;
  }

  get board(): Board {
    return this.#board;
  }

  get isAhead(): boolean {
    return this.#isAhead;
  }

  get durable_position(): number {
    return this.#durable_position;
  }

  /** From here on the board may hold what the ledger does not. */
  runAhead(): void {
    this.#isAhead = true;
  }

  /** All that the board holds is in the ledger. */
  markDurable(): void {
    this.#board.clearBeside();
    this.#durable_position = this.#board.position;
    this.#isAhead = false;
    for (const reader of this.#readers.splice(0)) reader();
  }

  /** Folds what others appended since, whole commits at a time; gives the events. */
  async *catchUp(): AsyncGenerator<readonly RecordedEvent[]> {
    const { ledger } = this.#options;
    const { position: until } = await ledger.head();
    for await (const events of readCommits(ledger, { after: this.#board.position, until })) {
      for (const event of events) foldEvent(this.#board, event);
      this.markDurable();
      yield events;
    }
  }

  /** Folds the board anew from what is durable; gives the events that were not known to be durable before. */
  async reload(): Promise<readonly RecordedEvent[]> {
    const { ledger, loadBoard } = this.#options;
    const board = await loadBoard();
    const missed: RecordedEvent[] = [];
    const range = { after: this.#durable_position, until: board.position };
    for await (const events of readCommits(ledger, range)) for (const event of events) missed.push(event);
    this.#board = board;
    this.markDurable();
    return missed;
  }

  /**
   * Lays the incidents that a command names and that are not open beside the board, and which texts it may erase: as of the
   * board's position, whatever others have appended since.
   */
  async layBeside({ command }: Submission): Promise<void> {
    const { position } = this.#board;
    const named = "incident" in command ? [command.incident] : [];
    if (command.kind === "merge") named.push(command.into);
    for (const number of named) {
      if (this.#board.incident(number) !== undefined || number > this.#board.last_incident) continue;
      const incident = await storedIncident(this.#options.ledger, number, position);
      if (incident !== null) this.#board.beside.set(number, incident);
    }
    if (command.kind === "redact") {
      const texts = await heldTexts(this.#options.ledger, incidentStream(command.incident), position);
      this.#board.held_texts.set(command.incident, texts);
    }
    if (command.kind === "erase-user") await this.#layHandlerTexts(command.user, position);
  }

  /** The texts of every handler that the user has ever been, as their own events tell. */
  async #layHandlerTexts(user: number, position: number): Promise<void> {
    const { ledger } = this.#options;
    const texts = new Map<string, HeldTexts>();
    for await (const event of readStream(ledger, userStream(user), position)) {
      const has = event.type === "user.created" || event.type === "user.handler-changed";
      const handler = has ? event.data.handler : null;
      if (handler !== null) texts.set(handler, await heldTexts(ledger, handlerStream(handler), position));
    }
    this.#board.held_handler_texts.set(user, texts);
  }

  /** Resolves when the board shows only what is durable. Throws `DeskUnavailable` where that takes too long. */
  async readable(): Promise<void> {
    if (!this.#isAhead) return;
    await new Promise<void>((resolve, reject) => {
      const cancel = this.#options.runtime.after(patience_ms, () => {
        this.#readers = this.#readers.filter((one) => one !== reader);
        reject(unavailable("unreadable"));
      });
      const reader = () => {
        cancel();
        resolve();
      };
      this.#readers.push(reader);
    });
  }
}
