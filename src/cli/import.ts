import { type Command, Option } from "commander";
import type { NotedHead } from "../audit/audit-report.ts";
import { type DialectName, dialectNames } from "../config.ts";
import type { ReadExport } from "../transfer/export-reader.ts";
import { buildingFile, importLedger } from "../transfer/import-ledger.ts";
import { dataDirOption, refuseCutRestore } from "./data-dir.ts";
import { headOption } from "./head-option.ts";
import { removingWhenStopped } from "./interruption.ts";
import { openExport } from "./open-export.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";

interface ImportFlags {
  readonly dataDir: string;
  readonly from?: DialectName;
  readonly head?: NotedHead;
  readonly json?: true;
}

/** Adds the verb `import`. */
export function addImport(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("import")
    .description(
      "Makes a ledger from an export, in a directory that has none. All of it is audited while it is read, and it is put in place only when all of it is right. Keys and the vault are not in an export. With --from it reads the incidents of another system, as its own list shows them, and reports them in the ledger that is there, with their times and states; done again, it changes nothing.",
    )
    .argument(
      "<file|url|->",
      "an export, or - for standard input; with --from the other system's address or its answer",
    )
    .addOption(
      new Option("--from <system>", "the system that the incidents come from (default: an export of this one)").choices(
        dialectNames,
      ),
    )
    .addOption(dataDirOption())
    .addOption(headOption())
    .addOption(jsonOption())
    .action(async (file: string, flags: ImportFlags) => {
      refuseCutRestore(flags.dataDir);
      if (flags.from !== undefined) {
        if (flags.head !== undefined) throw new CannotRun("--head is for exports; leave it out with --from.");
        // An export is imported without all that decides.
        const { moveHistory } = await import("./import-history.ts");
        end(await moveHistory(file, { ...flags, from: flags.from }));
        return;
      }
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
