import type { Command } from "commander";
import { restoreDirectories } from "../backup/place-restored.ts";
import { type Restored, restoreBackup } from "../backup/restore-backup.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { dataDirOption } from "./data-dir.ts";
import { removingWhenStopped } from "./interruption.ts";
import type { ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";

interface RestoreFlags {
  readonly dataDir: string;
  readonly replace?: true;
  readonly json?: true;
}

/** Adds the verb `restore`. */
export function addRestore(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("restore")
    .description(
      "Puts a backup into a data directory that no service runs on. It is audited before anything is touched; what was there is set aside, never deleted.",
    )
    .argument("<backup>", "the directory that backup made")
    .addOption(dataDirOption())
    .option("--replace", "set aside the ledger and vault that are there (default: refuse)")
    .addOption(jsonOption())
    .action(async (backup: string, flags: RestoreFlags) => {
      const { manifest, before, kept_in } = await run(backup, flags);
      const { ledger_id, head, made_at } = manifest;
      if (flags.json === true) {
        const { position, lost_events } = before;
        printJson({ data_dir: flags.dataDir, ledger_id, head, made_at, before: { position, lost_events }, kept_in });
      } else printLines(linesOf({ manifest, before, kept_in }, flags));
      end(0);
    });
}

async function run(backup: string, { dataDir: data_dir, replace }: RestoreFlags): Promise<Restored> {
  const [copying, auditing] = [progressBar("copying"), progressBar("auditing")];
  const onAudited = (done: number, all: number): void => {
    copying.end();
    auditing.show(done, all);
  };
  const at = new Date(systemRuntime().now()).toISOString();
  const options = { backup, data_dir, replace: replace === true, at, onCopied: copying.show, onAudited };
  try {
    return await removingWhenStopped([restoreDirectories(data_dir).gathering], () => restoreBackup(options));
  } finally {
    copying.end();
    auditing.end();
  }
}

function* linesOf({ manifest, before, kept_in }: Restored, { dataDir }: RestoreFlags): Generator<string> {
  const { ledger_id, head, made_at } = manifest;
  yield `ledger    ${ledger_id}`;
  yield `restored  up to position ${head.position}, as it was backed up at ${made_at}, into ${dataDir}`;
  yield `head      ${head.position}:${head.hash}`;
  if (kept_in !== null) {
    yield `before    ${before.told}`;
    yield `kept in   ${kept_in}; delete it when nobody needs it: erasures do not reach it`;
  }
  yield "";
  if (!manifest.files.some(({ name }) => name === "vault.db")) {
    yield "The backup had no vault.db, so there are no API keys but the administrator's.";
  }
  yield "The backup is in place, audited.";
}
