import { existsSync, mkdirSync } from "node:fs";
import { type DialectName, limits, readConfig } from "../config.ts";
import { Desk } from "../desk/desk.ts";
import { histories } from "../intake/history/all-histories.ts";
import {
  type FetchedHistory,
  fetchHistory,
  HistoryUnreachable,
  isAddress,
  readHistory,
} from "../intake/history/fetch-history.ts";
import { HistoryFault } from "../intake/history/history.ts";
import { type ImportReport, importHistory } from "../intake/history/import-history.ts";
import { ServeLock } from "../ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { boardAt } from "../readmodels/fold-board.ts";
import { loadLatestSnapshot } from "../readmodels/snapshots.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { ledgerFileIn, refuseDamagedLog } from "./data-dir.ts";
import { openExport } from "./open-export.ts";
import { CannotRun, type ExitCode, FoundWrong } from "./outcome.ts";
import { printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";

interface MoveFlags {
  readonly from: DialectName;
  readonly dataDir: string;
  readonly json?: true;
}

/** Incidents that are printed one by one. */
const shown_incidents = 20;

/** Moves the incidents of another system into the ledger of a data directory, and says what came of it. */
export async function moveHistory(source: string, flags: MoveFlags): Promise<ExitCode> {
  // All of it is read before anything is written.
  const history = await readAll(source, flags.from);
  const report = await withDesk(flags.dataDir, (parts) => moveInto(parts, history, flags.from));
  const { total } = history;
  const missing = total === null ? 0 : Math.max(0, total - report.read);
  if (flags.json === true) printJson({ data_dir: flags.dataDir, from: flags.from, ...report, missing });
  else printLines(linesOf(report, missing, flags));
  return report.refused.length === 0 && missing === 0 ? 0 : 1;
}

async function readAll(source: string, from: DialectName): Promise<FetchedHistory> {
  try {
    if (isAddress(source)) return await fetchHistory(source, histories[from], systemRuntime());
    return readHistory(await textOf(source), source === "-" ? "Standard input" : source, histories[from]);
  } catch (error) {
    if (error instanceof HistoryUnreachable) throw new CannotRun(error.message, { cause: error });
    if (error instanceof HistoryFault) throw new FoundWrong(error.message, { cause: error });
    throw error;
  }
}

async function textOf(file: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of openExport(file)) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes > limits.history_bytes) throw new CannotRun(`${file} is larger than ${limits.history_bytes} bytes.`);
  }
  return Buffer.concat(pieces).toString("utf8");
}

type Parts = Pick<Parameters<typeof importHistory>[1], "desk" | "ledger" | "runtime">;

/** Opens the ledger for work, or makes it. Refuses a directory on which a service runs. */
async function withDesk<Result>(data_dir: string, work: (parts: Parts) => Promise<Result>): Promise<Result> {
  const { handlers } = readConfig({ HANDLERS: process.env.HANDLERS });
  if (!existsSync(data_dir)) mkdirSync(data_dir, { recursive: true, mode: 0o700 });
  const lock = ServeLock.take(data_dir);
  try {
    const runtime = systemRuntime();
    refuseDamagedLog(data_dir);
    const ledger = openSqliteLedger({ file: ledgerFileIn(data_dir), runtime });
    try {
      const loadBoard = async () => boardAt(ledger, { from: await loadLatestSnapshot(data_dir, ledger) });
      const desk = await Desk.open({ ledger, runtime, handlers, loadBoard });
      try {
        return await work({ desk, ledger, runtime });
      } finally {
        await desk.close();
      }
    } finally {
      await ledger.close();
    }
  } finally {
    lock.release();
  }
}

async function moveInto(parts: Parts, { incidents }: FetchedHistory, system: DialectName): Promise<ImportReport> {
  const progress = progressBar("importing");
  try {
    return await importHistory(incidents, {
      ...parts,
      system,
      team: histories[system].team,
      onProgress: progress.show,
    });
  } finally {
    progress.end();
  }
}

function* linesOf(report: ImportReport, missing: number, { from, dataDir }: MoveFlags): Generator<string> {
  const { read, imported, already_there, brought_on, kept, without_handler, altered, refused } = report;
  yield `read        ${read} incidents of ${from}`;
  yield `imported    ${imported} into the team ${histories[from].team}, in ${dataDir}`;
  if (already_there > 0) yield `left        ${already_there} that had been imported before, and are as they are there`;
  if (brought_on > 0) yield `brought on  ${brought_on} that had been imported before and have come on at ${from}`;
  if (kept.length > 0) {
    yield `kept        ${kept.length} that differ at ${from}, but were worked on here: ${listed(kept)}`;
  }
  if (without_handler.length > 0) {
    yield `nobody's    ${without_handler.length} whose handler is unknown or not at work here: ${listed(without_handler)}`;
  }
  if (altered.length > 0) yield `cut         ${altered.length} whose texts do not fit as they were: ${listed(altered)}`;
  if (missing > 0)
    yield `missing     ${missing} that ${from} says it has and this answer does not hold; import the rest as well`;
  if (refused.length > 0) yield `refused     ${refused.length}`;
  for (const { source_id, detail } of refused.slice(0, shown_incidents)) yield `  ${source_id}: ${detail}`;
  if (refused.length > shown_incidents) yield `  and ${refused.length - shown_incidents} more`;
}

function listed(source_ids: readonly string[]): string {
  const left = source_ids.length - shown_incidents;
  return `${source_ids.slice(0, shown_incidents).join(", ")}${left > 0 ? ` and ${left} more` : ""}`;
}
