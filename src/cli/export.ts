import { once } from "node:events";
import { type Command, InvalidArgumentError } from "commander";
import type { Ledger } from "../ledger/ledger.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { writeWholeFile } from "../transfer/whole-file.ts";
import { ErasedMeanwhile, exportLines } from "../transfer/write-export.ts";
import { proofLines } from "../transfer/write-proof.ts";
import { dataDirOption, refuseCutLog, withLedger } from "./data-dir.ts";
import { incidentNumber, incidentOf } from "./incident-argument.ts";
import { removingWhenStopped } from "./interruption.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";
import { lastPosition, type Until, untilOption } from "./until.ts";

interface ExportFlags {
  readonly dataDir: string;
  readonly out?: string;
  readonly incident?: string;
  readonly until?: Until;
  readonly json?: true;
}

/** How often an export to a file begins again because a text was erased meanwhile. */
const attempts = 3;

/** Adds the verb `export`. */
export function addExport(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("export")
    .description(
      "Writes the ledger as NDJSON, every event with its hash, as import and verify --file read it. Texts that were erased are not in it, and neither are idempotency keys and the vault. It reads only, beside a running service too.",
    )
    .addOption(dataDirOption())
    .option("--out <file>", "write to this file, which must not exist (default: standard output)", fileOf)
    .option(
      "--incident <number|id>",
      "only this incident, with proof: its events, and what ties them to the head (default: the whole ledger)",
      incidentOf,
    )
    .addOption(untilOption("with --incident: tie it to this position or time instead (default: the head)"))
    .addOption(jsonOption())
    .action(async (flags: ExportFlags) => {
      if (flags.until !== undefined && flags.incident === undefined) {
        throw new CannotRun("--until goes with --incident only: the whole ledger is exported up to its head.");
      }
      refuseCutLog(flags.dataDir);
      await withLedger(flags.dataDir, (ledger) => run(ledger, flags));
      end(0);
    });
}

function fileOf(value: string): string {
  if (value.trim() === "") throw new InvalidArgumentError("It is empty.");
  return value;
}

async function run(ledger: Ledger, flags: ExportFlags): Promise<void> {
  const begin = await piecesOf(ledger, flags);
  if (flags.out === undefined) await print(begin);
  else tell({ file: flags.out, ...(await writeFile(flags.out, begin)) }, flags);
}

type Pieces = AsyncGenerator<string, object>;

async function piecesOf(ledger: Ledger, { incident, until }: ExportFlags): Promise<() => Pieces> {
  const progress = progressBar("exporting");
  const shown = async function* (pieces: Pieces): Pieces {
    try {
      return yield* pieces;
    } finally {
      progress.end();
    }
  };
  if (incident === undefined) return () => shown(exportLines(ledger, progress.show));
  const last = await lastPosition(ledger, until);
  const number = await incidentNumber(ledger, incident, last);
  return () => shown(proofLines(ledger, number, last, progress.show));
}

/** Waits where the reader is slow; where it has gone, main ends the process. */
async function print(begin: () => Pieces): Promise<void> {
  for await (const piece of begin()) {
    if (!process.stdout.write(piece)) await once(process.stdout, "drain");
  }
}

async function writeFile(file: string, begin: () => Pieces): Promise<object> {
  const part = `${file}.${systemRuntime().uuid()}.part`;
  return removingWhenStopped([part], async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await writeWholeFile(file, part, begin());
      } catch (error) {
        if (!(error instanceof ErasedMeanwhile) || attempt === attempts) throw error;
      }
    }
  });
}

function tell(exported: object, { json }: ExportFlags): void {
  if (json === true) printJson(exported);
  else printLines(linesOf(exported));
}

function* linesOf(exported: object): Generator<string> {
  for (const [name, value] of Object.entries(exported)) {
    const shown = typeof value === "object" && value !== null ? `${value.position}:${value.hash}` : String(value);
    yield `${name.replace("_", " ").padEnd(11)} ${shown}`;
  }
}
