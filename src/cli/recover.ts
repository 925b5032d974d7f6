import { existsSync } from "node:fs";
import type { Command } from "commander";
import { restoreDirectories } from "../backup/place-restored.ts";
import { type Recovered, recoverLog } from "../backup/recover-log.ts";
import { walDamageTold } from "../ledger/sqlite/wal-damage.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { dataDirOption, ledgerFileIn } from "./data-dir.ts";
import { removingWhenStopped } from "./interruption.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";

interface RecoverFlags {
  readonly dataDir: string;
  readonly cut?: true;
  readonly json?: true;
}

/** Adds the verb `recover`. */
export function addRecover(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("recover")
    .description(
      "Gets back the commits behind damage in ledger.db-wal, which SQLite would drop, in a data directory that no service runs on. What comes of it is audited in a copy before anything is touched; what was there is set aside, never deleted.",
    )
    .addOption(dataDirOption())
    .option("--cut", "end the ledger before the damage instead, and lose the commits behind it (default: off)")
    .addOption(jsonOption())
    .action(async (flags: RecoverFlags) => {
      const recovered = await run(flags);
      if (flags.json === true) printJson(documentOf(recovered, flags));
      else printLines(linesOf(recovered, flags));
      end(0);
    });
}

async function run({ dataDir: data_dir, cut }: RecoverFlags): Promise<Recovered | null> {
  if (!existsSync(ledgerFileIn(data_dir))) {
    throw new CannotRun(`There is no ledger in ${data_dir}; name the directory of one with --data-dir.`);
  }
  const progress = progressBar("auditing");
  const at = new Date(systemRuntime().now()).toISOString();
  const options = { data_dir, cut: cut === true, at, onAudited: progress.show };
  return removingWhenStopped([restoreDirectories(data_dir).gathering], () => recoverLog(options)).finally(progress.end);
}

function documentOf(recovered: Recovered | null, { dataDir: data_dir }: RecoverFlags): object {
  if (recovered === null) return { data_dir, damaged: false };
  const { position, hash, ...rest } = recovered;
  return { data_dir, damaged: true, ...rest, head: `${position}:${hash}` };
}

function* linesOf(recovered: Recovered | null, { dataDir, cut }: RecoverFlags): Generator<string> {
  if (recovered === null) {
    yield "ledger.db-wal is not damaged in a way that is known to lose anything; nothing was touched.";
    return;
  }
  const { ledger_id, damage, position, hash, found_position, is_last_in_doubt, kept_in } = recovered;
  yield `ledger     ${ledger_id}`;
  yield `found      ${walDamageTold(ledgerFileIn(dataDir), damage)}`;
  if (cut === true) yield `lost       what came after position ${position}`;
  else if (position > found_position) yield `recovered  positions ${found_position + 1} to ${position}`;
  else yield "recovered  nothing: all that is right of the log is in ledger.db already";
  if (is_last_in_doubt) yield "in doubt   the last commit in the log, of which not all is there, may be missing";
  yield `head       ${position}:${hash}`;
  yield `kept in    ${kept_in}; delete it when nobody needs it: erasures do not reach it`;
  yield "";
  yield cut === true ? "The ledger ends before the damage, audited." : "The ledger is right up to there, audited.";
}
