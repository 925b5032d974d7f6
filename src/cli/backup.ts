import { existsSync } from "node:fs";
import type { Command } from "commander";
import { makeBackup } from "../backup/make-backup.ts";
import type { Manifest } from "../backup/manifest.ts";
import { partDirectory, removeDeadParts } from "../backup/part-directory.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { aboutBuild } from "./about.ts";
import { dataDirOption, ledgerFileIn, refuseCutLog, refuseCutRestore } from "./data-dir.ts";
import { removingWhenStopped } from "./interruption.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines, table } from "./print.ts";
import { progressBar } from "./progress.ts";

interface BackupFlags {
  readonly dataDir: string;
  readonly verify: boolean;
  readonly json?: true;
}

/** Adds the verb `backup`. */
export function addBackup(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("backup")
    .description(
      "Copies the ledger, the vault and the administrator's key, beside a running service too, and audits the copy. Whoever can read a backup can do everything: it is for its owner only.",
    )
    .argument("<directory>", "a directory that does not exist yet, outside of the data directory")
    .addOption(dataDirOption())
    .option("--no-verify", "leave out the audit of the copy (default: it is audited)")
    .addOption(jsonOption())
    .action(async (target: string, flags: BackupFlags) => {
      const manifest = await run(target.replace(/(?<=.)\/+$/, ""), flags);
      if (flags.json === true) printJson({ directory: target, verified: flags.verify, ...manifest });
      else printLines(linesOf(target, manifest, flags));
      end(0);
    });
}

async function run(target: string, { dataDir: data_dir, verify: verified }: BackupFlags): Promise<Manifest> {
  refuseCutRestore(data_dir);
  if (!existsSync(ledgerFileIn(data_dir))) {
    throw new CannotRun(`There is no ledger in ${data_dir}; name the directory of one with --data-dir.`);
  }
  refuseCutLog(data_dir);
  const runtime = systemRuntime();
  const { name, version } = aboutBuild();
  const [copying, auditing] = [progressBar("copying"), progressBar("auditing")];
  removeDeadParts(target);
  const part = partDirectory(target);
  const made = { made_by: `${name} ${version}`, made_at: new Date(runtime.now()).toISOString() };
  const onAudited = (done: number, all: number): void => {
    copying.end();
    auditing.show(done, all);
  };
  const backup = { data_dir, target, part, ...made, verified, onCopied: copying.show, onAudited };
  try {
    return await removingWhenStopped([part], () => makeBackup(backup));
  } finally {
    copying.end();
    auditing.end();
  }
}

function* linesOf(target: string, manifest: Manifest, { verify }: BackupFlags): Generator<string> {
  const { ledger_id, head, files } = manifest;
  yield `ledger  ${ledger_id}`;
  yield `head    ${head.position}:${head.hash}`;
  yield "";
  yield* table(
    ["file", "bytes", "SHA-256"],
    files.map(({ name, bytes, sha256 }) => [name, bytes, sha256]),
  );
  yield "";
  yield `The backup is in ${target}${verify ? ", audited" : ", not audited"}.`;
}
