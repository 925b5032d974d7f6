#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { WrongContent } from "../transfer/wrong-content.ts";
import { aboutBuild } from "./about.ts";
import { type ExitCode, FoundWrong } from "./outcome.ts";

/** Every verb adds itself to the program; `end` is told how it ended. */
type AddVerb = (program: Command, end: (code: ExitCode) => void) => void;

/** In the order of the help. Only the one that is named is loaded: each starts sooner without what the others need. */
const verbs: Readonly<Record<string, () => Promise<AddVerb>>> = {
  serve: async () => (await import("./serve.ts")).addServe,
  replay: async () => (await import("./replay.ts")).addReplay,
  verify: async () => (await import("./verify.ts")).addVerify,
  scenario: async () => (await import("./scenario.ts")).addScenario,
  export: async () => (await import("./export.ts")).addExport,
  import: async () => (await import("./import.ts")).addImport,
  backup: async () => (await import("./backup.ts")).addBackup,
  restore: async () => (await import("./restore.ts")).addRestore,
  recover: async () => (await import("./recover.ts")).addRecover,
  migrate: async () => (await import("./migrate.ts")).addMigrate,
  key: async () => (await import("./key.ts")).addKey,
  user: async () => (await import("./user.ts")).addUser,
};

const program = new Command("incident-ledger")
  .description("An incident desk whose every decision can be replayed.")
  .version(aboutBuild().version, "--version", "prints the version of this build")
  .addHelpText("after", "\nA verb ends with 0: done, 1: found something wrong, 2: could not run.")
  .helpCommand(false)
  .showHelpAfterError(false)
  .exitOverride()
  .configureOutput({ outputError: () => {} });
const [first = ""] = process.argv.slice(2);
const named = Object.hasOwn(verbs, first) ? verbs[first] : undefined;
for (const load of named === undefined ? Object.values(verbs) : [named]) {
  const add = await load();
  add(program, (code) => {
    process.exitCode = code;
  });
}

// Whoever reads the output may stop reading: `replay | head` is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  process.stderr.write(`Standard output cannot be written: ${error.message}.\n`);
  process.exit(2);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

/** Says on standard error, in one sentence, why nothing more was done. Help that was asked for is no error. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    process.stderr.write(`${sentenceOf(error)}\n`);
    return 2;
  }
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof FoundWrong || error instanceof WrongContent ? 1 : 2;
}

/** Commander's own sentences begin with "error:" and may have a suggestion on a line of its own. */
function sentenceOf({ code, message }: CommanderError): string {
  if (code === "commander.help") return "Name a verb; --help lists them.";
  const told = message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.?$/, "");
  return `${told.charAt(0).toUpperCase()}${told.slice(1)}; --help lists what there is.`;
}
