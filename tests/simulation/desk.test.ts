import { array, assert as assertProperty, asyncProperty, nat, noBias } from "fast-check";
import * as assert from "uvu/assert";
import { boardState } from "../../projections/board-state.ts";
import { Desk } from "../../src/desk/desk.ts";
import { DeskUnavailable, type Outcome, type Submission } from "../../src/desk/submission.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { InterceptedLedger } from "../support/intercepted-ledger.ts";
import { suite } from "../support/suite.ts";
import { checkBoard } from "./check-board.ts";
import { Choices } from "./choices.ts";
import { chooseMove } from "./choose-command.ts";
import { ReferenceDesk } from "./reference-desk.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 20_231_217);
const runs = 60;

interface Written {
  readonly submission: Submission;
  readonly outcome: Extract<Outcome, { kind: "written" }>;
}

/** Two desks that write to one ledger that fails now and then, and the reference that reads it. */
class Desks {
  readonly runtime = new FakeRuntime();
  readonly ledger = new InterceptedLedger(this.runtime);
  readonly reference = new ReferenceDesk();
  readonly written: Written[] = [];
  #desks: readonly [Desk, Desk] | null = null;

  async open(): Promise<void> {
    const { ledger, runtime } = this;
    const options = { ledger, runtime, loadBoard: () => boardAt(ledger), handlers: ["Alice", "Bob"] };
    this.#desks = [await Desk.open(options), await Desk.open(options)];
    await this.#read();
  }

  async move(choices: Choices): Promise<void> {
    const { delay_ms, command } = chooseMove(choices, this.reference);
    this.runtime.sleepThrough(delay_ms);
    const at = new Date(this.runtime.now()).toISOString();
    const submissions = Array.from({ length: choices.percent(20) ? 3 : 1 }, () =>
      this.#submission(choices, command(at)),
    );
    // Those of one batch do not know of each other; two reports would have the same id.
    const batch = submissions.filter(({ command: { kind } }, index) => index === 0 || kind !== "report");
    if (choices.percent(6)) this.ledger.failures = [choices.one(["before", "after"] as const)];
    const [first, second] = this.#both(choices);
    const isContended = choices.percent(50);
    const outcomes = await Promise.all(
      batch.map((submission, index) => this.#submit(isContended && index > 0 ? second : first, submission)),
    );
    this.ledger.failures = [];
    await this.#read();
    for (const [index, submission] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome?.kind === "written") this.written.push({ submission, outcome });
    }
    const folded = boardState(await boardAt(this.ledger));
    for (const desk of [first, second]) {
      await desk.catchUp();
      checkBoard(desk.board, this.reference);
      assert.equal(boardState(desk.board), folded);
    }
    if (this.written.length > 0 && choices.percent(30)) await this.repeat(choices.one(this.written), choices);
  }

  /** A command that wrote something, sent again to either desk, gives what it gave and changes nothing. */
  async repeat({ submission, outcome }: Written, choices: Choices): Promise<void> {
    const [desk] = this.#both(choices);
    await desk.catchUp();
    const before = { head: await this.ledger.head(), state: boardState(desk.board) };
    const again = await desk.submit(submission);
    assert.equal({ head: await this.ledger.head(), state: boardState(desk.board) }, before);
    assert.ok(again.kind === "written", `a repeated command was ${again.kind}`);
    assert.is(again.position, outcome.position);
    assert.equal(
      again.events.map(({ position, type }) => ({ position, type })),
      outcome.events.map(({ position, type }) => ({ position, type })),
    );
    const isRemembered = submission.idempotency !== undefined && again.repeated !== undefined;
    if (isRemembered) assert.is(again.queue_position, outcome.queue_position);
    if (isRemembered) assert.equal(again.incident, outcome.incident);
  }

  /** The desks, one or the other first. */
  #both(choices: Choices): readonly [Desk, Desk] {
    if (this.#desks === null) throw new Error("the desks are not open");
    const [one, other] = this.#desks;
    return choices.percent(50) ? [one, other] : [other, one];
  }

  /** As a good client does: where it is not known whether a command was recorded, the same again. */
  async #submit(desk: Desk, submission: Submission): Promise<Outcome> {
    for (;;) {
      try {
        return await desk.submit(submission);
      } catch (error) {
        if (!(error instanceof DeskUnavailable)) throw error;
        await this.runtime.pass(200);
      }
    }
  }

  #submission(choices: Choices, command: Submission["command"]): Submission {
    const command_id = this.runtime.uuid();
    const submission = { command, actor: "admin", command_id };
    if (choices.percent(50)) return submission;
    const fingerprint = "a".repeat(64);
    return { ...submission, idempotency: { scope: "admin", key: command_id, fingerprint, statusOf: () => 200 } };
  }

  async #read(): Promise<void> {
    for (;;) {
      const events = await this.ledger.read({ after: this.reference.position });
      for (const event of events) this.reference.apply(event);
      if (events.length === 0) return;
    }
  }
}

const it = suite("random sequences of commands through two desks on one ledger");

it(
  "give the board that the ledger folds to; a command that wrote something changes nothing when it comes again",
  async () => {
    console.log(`\n${runs} runs of at least 50 commands, seed ${seed} (SIMULATION_SEED)`);
    const moves = array(noBias(nat()), { minLength: 50, maxLength: 60 });
    const holds = asyncProperty(moves, async (list) => {
      const desks = new Desks();
      await desks.open();
      for (const move of list) await desks.move(new Choices(move));
      const choices = new Choices(list.length);
      for (const written of desks.written) await desks.repeat(written, choices);
    });
    await assertProperty(holds, { numRuns: runs, seed, endOnFailure: true, includeErrorInReport: true });
  },
  { timeout_ms: 110_000 },
);
