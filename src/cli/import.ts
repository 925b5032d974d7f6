import { createReadStream, statSync } from "node:fs";
import type { Command } from "commander";
import type { NotedHead } from "../audit/audit-report.ts";
import type { ReadExport } from "../transfer/export-reader.ts";
import { buildingFile, importLedger } from "../transfer/import-ledger.ts";
import { dataDirOption, refuseCutRestore } from "./data-dir.ts";
import { headOption } from "./head-option.ts";
import { removingWhenStopped } from "./interruption.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";

interface ImportFlags {
  readonly dataDir: string;
  readonly head?: NotedHead;
  readonly json?: true;
}

/** Adds the verb `import`. */
export function addImport(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("import")
    .description(
      "Makes a ledger from an export, in a directory that has none. All of it is audited while it is read, and it is put in place only when all of it is right. Keys and the vault are not in an export.",
    )
    .argument("<file|->", "an export, or - for standard input")
    .addOption(dataDirOption())
    .addOption(headOption())
    .addOption(jsonOption())
    .action(async (file: string, flags: ImportFlags) => {
      refuseCutRestore(flags.dataDir);
      const imported = await run(file, flags);
      if (flags.json === true) printJson({ data_dir: flags.dataDir, ...imported });
      else printLines(linesOf(imported, flags));
      end(0);
    });
}

async function run(file: string, { dataDir: data_dir, head }: ImportFlags): Promise<ReadExport> {
  const source = openExport(file);
  const progress = progressBar("importing");
  const building = buildingFile(data_dir);
  const parts = ["-wal", "-shm", "-journal", ""].map((ending) => building + ending);
  const noted = head === undefined ? {} : { noted_head: head };
  try {
    return await removingWhenStopped(parts, () =>
      importLedger({ data_dir, source, onProgress: progress.show, ...noted }),
    );
  } finally {
    progress.end();
  }
}

const piece_bytes = 1_048_576;

/** An export's bytes, piece by piece. Refuses what is no file that can be read. */
export function openExport(file: string): AsyncIterable<Uint8Array> {
  if (file === "-") return process.stdin;
  try {
    if (statSync(file).isDirectory())
      throw new CannotRun(`${file} is a directory; name a file, or - for standard input.`);
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    throw new CannotRun(`There is no file ${file} that can be read.`, { cause: error });
  }
  return read(file);
}

async function* read(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: piece_bytes });
  } catch (error) {
    throw new CannotRun(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}

function* linesOf(imported: ReadExport, { dataDir }: ImportFlags): Generator<string> {
  const { ledger_id, events, commits, decisions, erased, head, state_hash, state_compared } = imported;
  yield `ledger      ${ledger_id}`;
  yield `imported    ${events} events in ${commits} commits, into ${dataDir}`;
  yield `decisions   ${decisions} made again as they are recorded`;
  if (erased.length > 0) yield `erased      ${erased.length} texts, which are not in the export`;
  yield `head        ${head.position}:${head.hash}`;
  yield `state hash  ${state_hash}${state_compared ? ", the same as the exported ledger's" : ""}`;
  if (!state_compared) yield "note        Another build exported it; its state hash could not be compared.";
  yield "";
  yield "The ledger is in place. Keys and the vault are not in an export: the service makes new ones at its start.";
}
