import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { boardState } from "../../projections/board-state.ts";
import { Desk, type DeskOptions } from "../../src/desk/desk.ts";
import type { IdempotencyKey, Outcome } from "../../src/desk/submission.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import type { Command } from "../../src/rules/commands.ts";
import { FakeRuntime } from "./fake-runtime.ts";
import { InterceptedLedger } from "./intercepted-ledger.ts";

/** A desk over a ledger in memory, in a world without time of its own. */
export interface DeskUnderTest {
  readonly desk: Desk;
  readonly ledger: InterceptedLedger;
  readonly runtime: FakeRuntime;
  /** Every event that listeners heard of, in order. */
  readonly heard: RecordedEvent[];
  /** What the log heard. */
  readonly troubles: string[];
  /** Submits as `admin`. */
  readonly run: (command: Command, more?: { command_id?: string; idempotency?: IdempotencyKey }) => Promise<Outcome>;
  /** A report of its own id. */
  readonly report: (more?: Partial<Extract<Command, { kind: "report" }>>) => Promise<Outcome>;
}

type Options = Partial<Omit<DeskOptions, "ledger" | "runtime">> & {
  readonly ledger?: InterceptedLedger;
  readonly runtime?: FakeRuntime;
};

export async function openDesk(options: Options = {}): Promise<DeskUnderTest> {
  const runtime = options.runtime ?? new FakeRuntime();
  const ledger = options.ledger ?? new InterceptedLedger(runtime);
  const troubles: string[] = [];
  const heard: RecordedEvent[] = [];
  const desk = await Desk.open({
    handlers: ["Alice", "Bob"],
    loadBoard: () => boardAt(ledger),
    onTrouble: (what) => troubles.push(what),
    ...options,
    ledger,
    runtime,
  });
  desk.onCommitted((events) => heard.push(...events));
  const run: DeskUnderTest["run"] = (command, more) => desk.submit({ command, actor: "admin", ...more });
  const report: DeskUnderTest["report"] = (more) => run({ kind: "report", incident_id: runtime.uuid(), ...more });
  return { desk, ledger, runtime, heard, troubles, run, report };
}

/** The board must be exactly what a fold of the ledger gives. */
export async function mustMatchLedger({ desk, ledger }: DeskUnderTest): Promise<void> {
  assert.equal(boardState(desk.board), boardState(await boardAt(ledger)));
  assert.is(desk.durable_position, (await ledger.head()).position);
}

/** Listeners must have heard of every event after a position, once, in order. */
export async function mustHaveHeardAll({ heard, ledger }: DeskUnderTest, after: number): Promise<void> {
  const recorded = await ledger.read({ after });
  assert.equal(
    heard.map(({ position }) => position),
    recorded.map(({ position }) => position),
  );
}

/** An idempotency key of `admin` for a request of this body. */
export function keyOf(key: string, body = "a"): IdempotencyKey {
  return { scope: "admin", key, fingerprint: body.padEnd(64, "0"), statusOf: () => 201 };
}
