import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentStream } from "../../events/stream.ts";
import { Desk } from "../../src/desk/desk.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import { IncidentList } from "../../src/readmodels/incident-list.ts";
import type { Command } from "../../src/rules/commands.ts";
import { type Runtime, systemRuntime } from "../../src/runtime/runtime.ts";
import { freshDirectory } from "./run-cli.ts";
import { patience } from "./time-limit.ts";

const start_ms = Date.parse("2023-12-17T10:00:00.000Z");
const minute_ms = 60_000;

/** A clock that moves only when it is told to. */
interface SteppedRuntime extends Runtime {
  step(step_ms: number): void;
}

function steppedRuntime(): SteppedRuntime {
  let now_ms = start_ms;
  return {
    ...systemRuntime(),
    now: () => now_ms,
    elapsed: () => now_ms,
    step: (step_ms) => {
      now_ms += step_ms;
    },
  };
}

/** Everything that can happen to incidents, teams and handlers, at least once; a minute lies between any two. */
function commandsOf(runtime: Runtime): Command[] {
  const report = (severity: number, more: Partial<Extract<Command, { kind: "report" }>> = {}): Command => ({
    kind: "report",
    incident_id: runtime.uuid(),
    severity,
    type: "System Outage",
    title: `something of severity ${severity}`,
    description: "it does not answer",
    ...more,
  });
  return [
    report(1),
    report(3, { labels: { service: "checkout" } }),
    report(2, { source: "prometheus", dedup_key: "disk" }),
    report(4),
    report(1, { timestamp: "2023-12-17T09:30:00.000Z" }),
    { kind: "acknowledge", incident: 1, handler: "Alice" },
    report(1, { dedup_key: "disk" }),
    { kind: "snooze", incident: 2, minutes: 5 },
    { kind: "comment", incident: 4, text: "is this urgent?" },
    { kind: "escalate", incident: 4, severity: 2, reason: "customers call" },
    { kind: "create-team", team: "network", rules: { ack_timeout_seconds: 120 } },
    { kind: "add-handler", handler: "Dora", team: "network", capacity: 2, name: "Dora" },
    { kind: "add-handler", handler: "Emil", team: "network" },
    { kind: "move", incident: 4, team: "network" },
    report(2, { team: "network", title: "a switch" }),
    report(3, { team: "network", title: "the same switch" }),
    { kind: "merge", incident: 7, into: 6 },
    { kind: "resolve", incident: 1, resolution: "switched it off and on" },
    { kind: "comment", incident: 1, text: "thank you" },
    { kind: "close", incident: 1 },
    { kind: "change-handler", handler: "Bob", available: false, release: true, reason: "lunch" },
    { kind: "change-handler", handler: "Charlie", capacity: 2 },
    { kind: "change-handler", handler: "Bob", available: true },
    { kind: "dismiss", incident: 5 },
    { kind: "reopen", incident: 1 },
    { kind: "reopen", incident: 5 },
    { kind: "unassign", incident: 3 },
    { kind: "delete", incident: 5, reason: "a test" },
    { kind: "remove-handler", handler: "Emil" },
    { kind: "update", incident: 2, severity: 5, labels: { service: "cart" } },
  ];
}

/**
 * Writes a small ledger into a data directory through the real desk, with a text erased and `more` further reports;
 * then folds read.db and a snapshot. Returns all its events.
 */
export async function writeExampleHistory(data_dir: string, more = 20): Promise<readonly RecordedEvent[]> {
  // Folded while the ledger is open: who closes it last takes its WAL away, and who only reads cannot.
  return writeLedger(data_dir, more, (file, position) => foldReadModels(data_dir, file, position));
}

/** The same, without what is folded from it. */
export function writeExampleLedger(data_dir: string, more: number): Promise<readonly RecordedEvent[]> {
  return writeLedger(data_dir, more, async () => {});
}

/** The same, without what is folded from it, as it lies there when the process is killed: all after the erasure is in the WAL. */
export function writeKilledLedger(data_dir: string, more: number): Promise<readonly RecordedEvent[]> {
  return writeLedger(freshDirectory(), more, async (file) => {
    for (const end of ["", "-wal"]) copyFileSync(file + end, join(data_dir, `ledger.db${end}`));
  });
}

async function writeLedger(
  data_dir: string,
  more: number,
  whenWritten: (file: string, position: number) => Promise<void>,
): Promise<readonly RecordedEvent[]> {
  const runtime = steppedRuntime();
  const file = join(data_dir, "ledger.db");
  const ledger = openSqliteLedger({ file, runtime, checkpointer: false });
  try {
    const desk = await openDesk(ledger, runtime);
    await submitAll(desk, runtime, commandsOf(runtime));
    // As a second writer would: the desk finds out by itself.
    await eraseText(ledger, runtime);
    await submitAll(desk, runtime, manyReports(runtime, more));
    await desk.close();
    await whenWritten(file, (await ledger.head()).position);
    return await allEvents(ledger);
  } finally {
    await ledger.close();
  }
}

async function submitAll(desk: Desk, runtime: SteppedRuntime, commands: readonly Command[]): Promise<void> {
  for (const command of commands) {
    runtime.step(minute_ms);
    const outcome = await desk.submit({ command, actor: "admin" });
    if (outcome.kind !== "written") throw new Error(`${command.kind} is ${JSON.stringify(outcome)}`);
  }
}

function openDesk(ledger: Ledger, runtime: Runtime): Promise<Desk> {
  return Desk.open({ ledger, runtime, loadBoard: () => boardAt(ledger), handlers: ["Alice", "Bob", "Charlie"] });
}

function manyReports(runtime: Runtime, count: number): Command[] {
  const commands: Command[] = [];
  for (let index = 0; index < count; index += 1) {
    const severity = 1 + (index % 5);
    commands.push({ kind: "report", incident_id: runtime.uuid(), severity, title: `report ${index}` });
    if (index % 3 === 2) commands.push({ kind: "resolve", incident: 8 + index - 2 });
  }
  return commands;
}

/** Erases the text of the first comment. */
async function eraseText(ledger: Ledger, runtime: Runtime): Promise<void> {
  const head = await ledger.head();
  const events = await ledger.read({ types: ["incident.commented"] });
  const comment = events[0];
  if (comment === undefined) throw new Error("there is no comment");
  const number = Number(comment.stream.slice("incident/".length));
  const stream = await ledger.read({ stream: incidentStream(number) });
  const command_id = runtime.uuid();
  const erasure = {
    position: head.position + 1,
    stream: comment.stream,
    version: stream.length + 1,
    type: "text.erased",
    schema_version: 1,
    recorded_at: head.recorded_at,
    actor: "admin",
    command_id,
    meta: { offset: 0, events: 1, rules: head.rules },
    data: { erased: comment.position, incident: number },
    text: null,
  } as const;
  await ledger.append(head.position, [{ command_id, events: [erasure] }]);
}

async function foldReadModels(data_dir: string, ledger_file: string, position: number): Promise<void> {
  const list = IncidentList.open({ data_dir, ledger_file, runtime: systemRuntime(), onFault: () => {} });
  if (!(await list.waitFor(position, 10_000 * patience))) throw new Error("the list was not folded in time");
  if (!(await list.snapshot())) throw new Error("there is no snapshot");
  await list.close();
}

async function allEvents(ledger: Ledger): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await ledger.read({ after: events.length });
    if (page.length === 0) return events;
    events.push(...page);
  }
}
