/**
 * Prints what an incident takes on disk: writes many through the desk, each with five events and texts as people write
 * them, and measures every file, table and index afterwards.
 *
 *     npm run disk-use                          20,000 incidents
 *     npm run disk-use -- --incidents 100000    more of them
 *     npm run disk-use -- --json                one JSON document for programs
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Desk } from "../src/desk/desk.ts";
import { openSqliteLedger } from "../src/ledger/sqlite/sqlite-ledger.ts";
import { boardAt } from "../src/readmodels/fold-board.ts";
import { IncidentList } from "../src/readmodels/incident-list.ts";
import { systemRuntime } from "../src/runtime/runtime.ts";
import { readOptions, wholeNumber } from "./command-line/script-options.ts";
import { liveThrough, makeReporter } from "./disk-use/life.ts";
import { bodyBytes, bytesOf, type Part, partsOf } from "./disk-use/sizes.ts";

const values = readOptions(import.meta.url, {
  incidents: { type: "string", default: "20000" },
  json: { type: "boolean", default: false },
});
const incidents = wholeNumber("incidents", values.incidents, 1);

/** What each table and index is for. */
const meanings: Readonly<Record<string, string>> = {
  events: "the events: both bodies, hash, digest and salt of the text",
  events_of_incidents: "an incident's own events",
  events_of_other_streams: "those of handlers, teams and the ledger",
  incidents_by_id: "incident_id to number",
  commits_by_command: "a command's id to its commit",
  erasures: "who erased which text",
  idempotency: "keys, for seven days",
  idempotency_by_age: "keys by age, for seven days",
  states: "each incident as a whole, texts included",
  incidents: "what lists filter and sort by",
  labels: "labels to incidents",
};

const at_once = 64;
const data_dir = mkdtempSync(join(tmpdir(), "disk-use-"));
const [ledger_file, read_db] = [join(data_dir, "ledger.db"), join(data_dir, "read.db")];
const peaks = { ledger_wal: 0, read_wal: 0 };

function notePeaks(): void {
  peaks.ledger_wal = Math.max(peaks.ledger_wal, bytesOf(`${ledger_file}-wal`));
  // While the list is built for the first time it has another name.
  peaks.read_wal = Math.max(peaks.read_wal, bytesOf(`${read_db}-wal`), bytesOf(`${read_db}.new-wal`));
}

/** Fills a data directory, with everything that a service has running on it. */
async function fill(): Promise<void> {
  const runtime = systemRuntime();
  const ledger = openSqliteLedger({ file: ledger_file, runtime });
  const handlers = Array.from({ length: 200 }, (_, index) => `handler-${index}`);
  const desk = await Desk.open({ ledger, runtime, loadBoard: () => boardAt(ledger), handlers });
  const list = IncidentList.open({ data_dir, ledger_file, runtime });
  desk.onCommitted(() => list.wake(desk.durable_position));
  await makeReporter(desk);
  for (let done = 0; done < incidents; done += at_once) {
    const count = Math.min(at_once, incidents - done);
    await Promise.all(Array.from({ length: count }, (_, index) => liveThrough(desk, runtime, done + index)));
    notePeaks();
  }
  if (!(await list.waitFor(desk.durable_position, 120_000))) throw new Error("the list did not come up in time");
  notePeaks();
  await list.snapshot();
  await list.close();
  await desk.close();
  await ledger.close();
}

function perIncident(bytes: number): number {
  return Math.round(bytes / incidents);
}

function measured() {
  const part = ({ name, bytes }: Part) => ({ name, bytes_per_incident: perIncident(bytes) });
  const ledger = partsOf(ledger_file).map(part);
  const bodies = bodyBytes(ledger_file);
  const keys = ledger.filter(({ name }) => name.startsWith("idempotency"));
  const sum = (parts: readonly { bytes_per_incident: number }[]) =>
    parts.reduce((total, { bytes_per_incident }) => total + bytes_per_incident, 0);
  return {
    incidents,
    events_per_incident: 5,
    texts_per_incident: perIncident(bodies.text),
    data_per_incident: perIncident(bodies.data),
    ledger: { bytes_per_incident: sum(ledger) - sum(keys), parts: ledger },
    keys: { bytes_per_incident: sum(keys), bytes_per_write: Math.round(sum(keys) / 4) },
    read_db: { bytes_per_incident: perIncident(bytesOf(read_db)), parts: partsOf(read_db).map(part) },
    snapshots_bytes: bytesOf(join(data_dir, "snapshots")),
    wal_peak_bytes: peaks,
  };
}

function print(result: ReturnType<typeof measured>): void {
  const row = (name: string, bytes: number, meaning = "") =>
    console.log(`${name.padEnd(28)} ${String(bytes).padStart(6)}  ${meaning}`);
  console.log(`${incidents} incidents of five events; bytes per incident, whole pages\n`);
  row("texts as written", result.texts_per_incident, "title, description, comment, … as JSON");
  row("data as written", result.data_per_incident, "what the rules read, as JSON");
  console.log();
  row("ledger.db", result.ledger.bytes_per_incident, "for ever; without the keys");
  for (const { name, bytes_per_incident } of result.ledger.parts) {
    if (bytes_per_incident > 0) row(`  ${name}`, bytes_per_incident, meanings[name]);
  }
  row(
    "keys of four writes",
    result.keys.bytes_per_incident,
    `${result.keys.bytes_per_write} bytes each, for seven days`,
  );
  console.log();
  row("read.db", result.read_db.bytes_per_incident, "can be deleted and is made again");
  for (const { name, bytes_per_incident } of result.read_db.parts) {
    if (bytes_per_incident > 0) row(`  ${name}`, bytes_per_incident, meanings[name] ?? "");
  }
  const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
  console.log(`\nsnapshots ${megabytes(result.snapshots_bytes)} in all, by what is open or awaits its closing`);
  console.log(
    `longest WAL: ledger.db-wal ${megabytes(result.wal_peak_bytes.ledger_wal)}, read.db-wal ${megabytes(result.wal_peak_bytes.read_wal)}`,
  );
}

try {
  await fill();
  const result = measured();
  if (values.json) console.log(JSON.stringify(result, null, 2));
  else print(result);
} finally {
  rmSync(data_dir, { recursive: true, force: true });
}
