import type { Command } from "commander";
import { dataDirOption, refuseCutRestore } from "./data-dir.ts";
import { type DirectoryVersions, directoryVersions } from "./directory-versions.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines, table } from "./print.ts";

interface MigrateFlags {
  readonly dataDir: string;
  readonly status?: true;
  readonly json?: true;
}

/** Adds the verb `migrate`. */
export function addMigrate(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("migrate")
    .description(
      "Brings the files of a data directory to the versions that this build writes, or says that there is nothing to do. With --status it only looks, beside a running service too.",
    )
    .addOption(dataDirOption())
    .option("--status", "print which versions are there and what would be done, and do nothing (default: off)")
    .addOption(jsonOption())
    .action(async (flags: MigrateFlags) => {
      refuseCutRestore(flags.dataDir);
      const versions = await directoryVersions(flags.dataDir);
      const [obstacle] = versions.obstacles;
      if (obstacle !== undefined && flags.status !== true) throw new CannotRun(obstacle);
      if (flags.json === true) printJson(versions);
      else printLines(linesOf(versions));
      end(obstacle === undefined ? 0 : 1);
    });
}

function* linesOf({ files, rules, obstacles, at_start }: DirectoryVersions): Generator<string> {
  yield* table(
    ["file", "version", "this build", "state"],
    files.map(({ file, version, known, state }) => [file, version, known, state]),
  );
  yield "";
  if (rules.in_force === null) yield `No rules are in force yet; this build knows up to ${rules.known}.`;
  else yield `Rules ${rules.in_force} are in force; this build knows up to ${rules.known}.`;
  yield* obstacles;
  yield* at_start;
  if (obstacles.length === 0) yield "Nothing is to be migrated.";
}
