import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { KnownKey } from "../access/keys.ts";
import { openVault, type Vault } from "../access/vault.ts";
import { type DialectName, dialectNames } from "../config.ts";
import { type Runtime, systemRuntime } from "../runtime/runtime.ts";
import { dataDirOption, refuseCutRestore } from "./data-dir.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines, table } from "./print.ts";

interface KeyFlags {
  readonly dataDir: string;
  readonly json?: true;
}

interface CreateFlags extends KeyFlags {
  readonly name: string;
  readonly dialect?: DialectName;
}

/** Adds the verb `key`. */
export function addKey(program: Command, end: (code: ExitCode) => void): void {
  const key = program
    .command("key")
    .description("Makes, lists and revokes API keys. A running service honours it at once.")
    .helpCommand(false);
  key
    .command("create")
    .description("Makes a key and prints it, once and never again.")
    .requiredOption("--name <name>", "what the key is for, 1 to 200 characters (required)", nameOf)
    .addOption(
      new Option(
        "--dialect <dialect>",
        "a key for the paths of this dialect, and nothing else (default: the service's own interface)",
      ).choices(dialectNames),
    )
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (flags: CreateFlags) => {
      await withVault(flags.dataDir, (vault, runtime) => create(vault, instantOf(runtime), flags));
      end(0);
    });
  key
    .command("list")
    .description("Lists all keys that ever were, without the keys themselves.")
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (flags: KeyFlags) => {
      const keys = await withVault(flags.dataDir, (vault) => vault.keys.list());
      if (flags.json === true) printJson({ keys });
      else printLines(listLines(keys));
      end(0);
    });
  key
    .command("revoke")
    .description("Revokes a key from now on.")
    .argument("<id>", "the key's id, a whole number from 1", idOf)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (key_id: number, flags: KeyFlags) => {
      await withVault(flags.dataDir, (vault, runtime) => revoke(vault, key_id, instantOf(runtime), flags));
      end(0);
    });
}

function nameOf(value: string): string {
  const isName = value.trim() !== "" && value.length <= 200 && !/\p{Cc}/u.test(value);
  if (!isName) throw new InvalidArgumentError("A key's name has 1 to 200 characters.");
  return value;
}

function idOf(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw new InvalidArgumentError("A key's id is a whole number from 1.");
  return Number(value);
}

function instantOf(runtime: Runtime): string {
  return new Date(runtime.now()).toISOString();
}

async function withVault<Result>(
  data_dir: string,
  work: (vault: Vault, runtime: Runtime) => Promise<Result>,
): Promise<Result> {
  refuseCutRestore(data_dir);
  const file = join(data_dir, "vault.db");
  if (!existsSync(file)) {
    throw new CannotRun(`There is no vault in ${data_dir}; start the service there once, or name another --data-dir.`);
  }
  const runtime = systemRuntime();
  const vault = openVault({ file, runtime });
  try {
    return await work(vault, runtime);
  } finally {
    await vault.close();
  }
}

async function create(vault: Vault, at: string, { name, dialect, json }: CreateFlags): Promise<void> {
  const { key_id, key } = await vault.keys.create({ name, at, ...(dialect === undefined ? {} : { dialect }) });
  if (json === true) printJson({ key_id, name, dialect: dialect ?? null, created_at: at, key });
  else printLines([...table(["id", "name", "key"], [[key_id, name, key]]), "", "The key is not shown again."]);
}

function listLines(keys: readonly KnownKey[]): string[] {
  if (keys.length === 0) return ["There is no key yet."];
  const rows = keys.map(({ key_id, name, dialect, created_at, revoked_at }) => [
    key_id,
    name,
    dialect,
    created_at,
    revoked_at,
  ]);
  return table(["id", "name", "dialect", "created", "revoked"], rows);
}

async function revoke(vault: Vault, key_id: number, at: string, { json }: KeyFlags): Promise<void> {
  if (!(await vault.keys.revoke(key_id, at))) {
    throw new CannotRun(`There is no key ${key_id} that could still be revoked; key list shows all keys.`);
  }
  if (json === true) printJson({ key_id, revoked_at: at });
  else printLines([`Key ${key_id} is revoked.`]);
}
