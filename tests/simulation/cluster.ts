import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { boardState } from "../../projections/board-state.ts";
import { auditLedger } from "../../src/audit/audit.ts";
import { Desk } from "../../src/desk/desk.ts";
import { DeskUnavailable, type Outcome, type Submission } from "../../src/desk/submission.ts";
import { MemoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import type { Command } from "../../src/rules/commands.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { Choices } from "./choices.ts";
import { chooseMove } from "./choose-command.ts";
import { MortalLedger } from "./mortal-ledger.ts";
import { Witness } from "./witness.ts";

/** What a run went through. */
export interface ClusterFigures {
  commands: number;
  /** Of these it was answered that they were written. */
  written: number;
  crashes: number;
  /** Appends that failed before they took effect, or after. */
  failures: number;
}

/** What a client wants done, however often it has to ask. */
interface Wish {
  readonly command: Command;
  readonly actor: string;
  /** Present where the client sends an idempotency key: then each attempt is another command, as over HTTP. */
  readonly key: string | undefined;
  readonly command_ids: string[];
  outcomes: Outcome[];
  /** When it was answered first. */
  answered_ms: number | null;
}

interface Node {
  readonly ledger: MortalLedger;
  desk: Desk | null;
}

const node_count = 3;
const most_skew_ms = 90_000;
const retry_ms = 200;
/** Less than the seven days that a key is kept, by all that clocks may differ. */
const key_life_ms = 6 * 24 * 3_600_000;
/** So much time passes before a run is given up, in which nobody was answered. */
const patience_ms = 400_000;

/**
 * Plays one run from a seed: nodes that write to one ledger, each with a clock of its own, die between any two of their calls or
 * within one, and are started again; appends fail before or after they take effect; clients ask at once, ask twice, and ask
 * again elsewhere. Rejects at the first thing that does not hold.
 */
export async function playCluster(seed: number, rounds: number, figures: ClusterFigures): Promise<void> {
  const cluster = new Cluster(new Choices(seed), figures);
  await cluster.open();
  for (let round = 0; round < rounds; round += 1) await cluster.round();
  await cluster.finish();
}

class Cluster {
  readonly #choices: Choices;
  readonly #figures: ClusterFigures;
  readonly #runtime = new FakeRuntime();
  readonly #ledger = new MemoryLedger({ runtime: this.#runtime });
  readonly #witness = new Witness(this.#ledger);
  readonly #wishes: Wish[] = [];
  readonly #nodes: Node[];
  #failure: unknown = null;

  constructor(choices: Choices, figures: ClusterFigures) {
    this.#choices = choices;
    this.#figures = figures;
    this.#nodes = Array.from({ length: node_count }, () => this.#begin());
  }

  /** All nodes begin at once, on a ledger that nobody has opened. */
  async open(): Promise<void> {
    this.#upset();
    for (let index = 0; index < node_count; index += 1) await this.#until(this.#deskOf(index));
  }

  /** Some clients ask at once, and some things go wrong, until all are answered. */
  async round(): Promise<void> {
    const choices = this.#choices;
    this.#upset();
    const wishes = Array.from({ length: 1 + choices.below(3) }, (_, index) => this.#wish(index));
    const asked = wishes.flatMap((wish) => {
      const once = this.#fulfil(wish);
      // Some do not wait for their answer and ask somebody else.
      return choices.percent(15) ? [once, this.#fulfil(wish)] : [once];
    });
    await this.#until(Promise.all(asked));
    await this.#witness.look();
    if (choices.percent(30) && this.#wishes.length > 0) await this.#repeat(choices.one(this.#wishes));
  }

  /** Nothing goes wrong any more: all nodes agree, every answer holds, and the audit finds nothing. */
  async finish(): Promise<void> {
    for (const { ledger } of this.#nodes) ledger.heal();
    for (const wish of this.#wishes) await this.#repeat(wish);
    // The first to come does what is due by the clock that is ahead of all; the others learn of it in the second round.
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < node_count; index += 1) await this.#until(this.#caughtUp(index));
    }
    await this.#witness.look();
    const expected = boardState(this.#witness.board);
    deepStrictEqual(boardState(await boardAt(this.#ledger)), expected);
    for (const { desk } of this.#nodes) deepStrictEqual(desk === null ? null : boardState(desk.board), expected);
    const audit = await auditLedger(this.#ledger);
    strictEqual(audit.fault_count, 0, JSON.stringify(audit.faults.slice(0, 3)));
  }

  async #caughtUp(index: number): Promise<void> {
    for (;;) {
      const desk = await this.#deskOf(index);
      const isDone = await desk.catchUp().then(() => true, unlessBroken);
      if (isDone !== null) return;
      await new Promise<void>((resolve) => this.#runtime.after(retry_ms, resolve));
    }
  }

  #begin(): Node {
    const ledger = new MortalLedger(this.#ledger, this.#choices, () => this.#witness.look());
    const node: Node = { ledger, desk: null };
    const skew_ms = this.#choices.below(2 * most_skew_ms) - most_skew_ms;
    const runtime = skewed(this.#runtime, skew_ms);
    const loadBoard = () => boardAt(ledger);
    const open = async (): Promise<void> => {
      while (node.desk === null && !ledger.isDead) {
        node.desk = await Desk.open({ ledger, runtime, loadBoard, handlers: ["Alice", "Bob"] }).catch(() => null);
      }
    };
    open().catch((error: unknown) => {
      this.#failure ??= error;
    });
    void ledger.death.then(() => {
      this.#figures.crashes += 1;
      const place = this.#nodes.indexOf(node);
      if (place !== -1) this.#nodes[place] = this.#begin();
    });
    return node;
  }

  /** Something may go wrong at each node. */
  #upset(): void {
    const choices = this.#choices;
    for (const { ledger } of this.#nodes) {
      if (choices.percent(20)) ledger.dieAfter(choices.below(14));
      if (!choices.percent(12)) continue;
      ledger.failures = [choices.one(["before", "after"] as const)];
      ledger.failing_probes = choices.below(3);
      ledger.failing_reopens = choices.below(2);
      this.#figures.failures += 1;
    }
  }

  #wish(index: number): Wish {
    const { delay_ms, command } = chooseMove(this.#choices, this.#witness.reference);
    if (index === 0) this.#runtime.sleepThrough(delay_ms);
    const wanted = command(new Date(this.#runtime.now()).toISOString());
    const key = this.#choices.percent(50) ? this.#runtime.uuid() : undefined;
    const wish: Wish = {
      // Two that report at once do not report the same.
      command: wanted.kind === "report" ? { ...wanted, incident_id: this.#runtime.uuid() } : wanted,
      actor: "admin",
      key,
      command_ids: [],
      outcomes: [],
      answered_ms: null,
    };
    if (key === undefined) wish.command_ids.push(this.#runtime.uuid());
    this.#wishes.push(wish);
    this.#figures.commands += 1;
    return wish;
  }

  /** As a good client does: where it is not known whether a command was recorded, the same again, somewhere. */
  async #fulfil(wish: Wish): Promise<void> {
    for (;;) {
      const index = this.#choices.below(node_count);
      const desk = await this.#deskOf(index);
      const { ledger } = this.#nodes[index] ?? {};
      const death = ledger?.death.then(() => null) ?? Promise.resolve(null);
      const outcome = await Promise.race([desk.submit(this.#submission(wish)).catch(unlessBroken), death]);
      if (outcome !== null) {
        wish.outcomes.push(outcome);
        wish.answered_ms ??= this.#runtime.elapsed();
        if (outcome.kind === "written") this.#figures.written += 1;
        return;
      }
      await new Promise<void>((resolve) => this.#runtime.after(retry_ms, resolve));
    }
  }

  #submission({ command, actor, key, command_ids }: Wish): Submission {
    if (key === undefined) return { command, actor, command_id: command_ids[0] ?? "" };
    const command_id = this.#runtime.uuid();
    command_ids.push(command_id);
    const fingerprint = "a".repeat(64);
    const named = command.kind === "report" ? { ...command, incident_id: this.#runtime.uuid() } : command;
    return { command: named, actor, command_id, idempotency: { scope: actor, key, fingerprint, statusOf: () => 200 } };
  }

  /** What was written is there once, and whoever asks for it again is told the same, and nothing is written. */
  async #repeat(wish: Wish): Promise<void> {
    const written = wish.outcomes.filter((outcome) => outcome.kind === "written");
    const [first] = written;
    const times = wish.command_ids.reduce((sum, id) => sum + (this.#witness.commits.get(id) ?? 0), 0);
    ok(times <= 1, `a command was recorded ${times} times: ${JSON.stringify(wish.command)}`);
    if (first === undefined) return;
    const age_ms = this.#runtime.elapsed() - (wish.answered_ms ?? 0);
    // An older key is forgotten, and would be decided anew.
    if (wish.key !== undefined && age_ms > key_life_ms) return;
    strictEqual(times, 1, `an answered command is not in the ledger: ${JSON.stringify(wish.command)}`);
    for (const { position } of written) strictEqual(position, first.position, "two answers to the same command differ");
    await this.#until(this.#fulfil(wish));
    const again = wish.outcomes.at(-1);
    ok(again?.kind === "written", `a repeated command was ${again?.kind}`);
    strictEqual(again.position, first.position);
    deepStrictEqual(typesOf(again), typesOf(first));
    const now = wish.command_ids.reduce((sum, id) => sum + (this.#witness.commits.get(id) ?? 0), 0);
    strictEqual(now, 1, "a repeated command was recorded again");
  }

  /** The desk of a node, as soon as one that is there has opened it. */
  async #deskOf(index: number): Promise<Desk> {
    for (;;) {
      const { desk, ledger } = this.#nodes[index] ?? {};
      if (desk != null && ledger?.isDead === false) return desk;
      await new Promise<void>((resolve) => this.#runtime.after(retry_ms, resolve));
    }
  }

  /** Lets time pass until something has come about. */
  async #until<Result>(awaited: Promise<Result>): Promise<Result> {
    let isOver = false;
    const settled = awaited.finally(() => {
      isOver = true;
    });
    settled.catch(() => {});
    for (let passed_ms = 0; !isOver; passed_ms += retry_ms) {
      if (this.#failure !== null) throw this.#failure;
      ok(passed_ms < patience_ms, "somebody is never answered");
      await this.#runtime.pass(retry_ms);
    }
    return settled;
  }
}

function typesOf({ events }: Extract<Outcome, { kind: "written" }>): readonly string[] {
  return events.map(({ position, type }) => `${position} ${type}`);
}

/** Null where the desk could not take it, or does not know whether it did. */
function unlessBroken(error: unknown): null {
  if (error instanceof DeskUnavailable) return null;
  throw error;
}

function skewed(runtime: FakeRuntime, skew_ms: number): Runtime {
  return {
    now: () => runtime.now() + skew_ms,
    elapsed: () => runtime.elapsed(),
    uuid: () => runtime.uuid(),
    random: (length) => runtime.random(length),
    after: (delay_ms, callback) => runtime.after(delay_ms, callback),
  };
}
