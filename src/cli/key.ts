import { type Command, InvalidArgumentError, Option } from "commander";
import { KeyRole } from "../../events/fields.ts";
import type { AccessKey } from "../../projections/access.ts";
import type { KnownKey } from "../access/keys.ts";
import { highest } from "../access/next-number.ts";
import { type DialectName, dialectNames } from "../config.ts";
import { parseInstant } from "../http/rfc3339.ts";
import { dataDirOption } from "./data-dir.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines, table } from "./print.ts";
import { teamsOption, teamsText } from "./teams-option.ts";
import { type AccessTools, withDesk } from "./with-desk.ts";

interface KeyFlags {
  readonly dataDir: string;
  readonly json?: true;
}

interface CreateFlags extends KeyFlags {
  readonly name: string;
  readonly role: AccessKey["role"];
  readonly teams?: readonly string[];
  readonly expiresAt?: string;
  readonly dialect?: DialectName;
}

const roles = KeyRole.anyOf.map(({ const: role }) => role);

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
      new Option("--role <role>", "what it may do; integration: only report, into its one team")
        .choices(roles)
        .default("admin"),
    )
    .addOption(teamsOption())
    .option("--expires-at <time>", "when it ends by itself (default: it does not)", timeOf)
    .addOption(
      new Option(
        "--dialect <dialect>",
        "a key for the paths of this dialect, and nothing else (default: the service's own interface)",
      ).choices(dialectNames),
    )
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (flags: CreateFlags) => {
      await withDesk(flags.dataDir, (tools) => create(tools, flags));
      end(0);
    });
  key
    .command("list")
    .description("Lists all keys that ever were, without the keys themselves.")
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (flags: KeyFlags) => {
      await withDesk(flags.dataDir, (tools) => list(tools, flags));
      end(0);
    });
  key
    .command("revoke")
    .description("Revokes a key from now on.")
    .argument("<id>", "the key's id, a whole number from 1", idOf)
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (key_id: number, flags: KeyFlags) => {
      await withDesk(flags.dataDir, (tools) => revoke(tools, key_id, flags));
      end(0);
    });
}

function nameOf(value: string): string {
  const isName = value.trim() !== "" && value.length <= 200 && !/\p{Cc}/u.test(value);
  if (!isName) throw new InvalidArgumentError("A key's name has 1 to 200 characters.");
  return value;
}

function timeOf(value: string): string {
  const instant = parseInstant(value);
  if (instant === null) throw new InvalidArgumentError("It is a time such as 2026-01-31T09:15:00Z.");
  return instant;
}

function idOf(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw new InvalidArgumentError("A key's id is a whole number from 1.");
  return Number(value);
}

async function create({ vault, desk, give }: AccessTools, flags: CreateFlags): Promise<void> {
  const { name, role, dialect = null, expiresAt: expires_at = null, json } = flags;
  const teams = flags.teams ?? null;
  const created_at = desk.now();
  const above = highest(desk.board.keys.keys());
  const made = await vault.keys.create({ name, at: created_at, above, ...(dialect === null ? {} : { dialect }) });
  const { key_id, key } = made;
  try {
    await give({ kind: "create-key", key: key_id, role, teams, dialect, expires_at });
  } catch (error) {
    await vault.keys.remove(key_id);
    throw error;
  }
  if (json === true) printJson({ key_id, name, role, teams, dialect, created_at, expires_at, key });
  else
    printLines([
      ...table(["id", "name", "role", "key"], [[key_id, name, role, key]]),
      "",
      "The key is not shown again.",
    ]);
}

async function list({ vault, desk }: AccessTools, { json }: KeyFlags): Promise<void> {
  const known = await vault.keys.list();
  const keys = known.map((key) => {
    const { role = null, teams = null, expires_at = null } = desk.board.keys.get(key.key_id) ?? {};
    return { ...key, role, teams, expires_at };
  });
  if (json === true) printJson({ keys });
  else printLines(listLines(keys));
}

interface ListedKey extends KnownKey {
  readonly role: string | null;
  readonly teams: readonly string[] | null;
  readonly expires_at: string | null;
}

function listLines(keys: readonly ListedKey[]): string[] {
  if (keys.length === 0) return ["There is no key yet."];
  const rows = keys.map(({ key_id, name, role, teams, dialect, created_at, expires_at, revoked_at }) => [
    key_id,
    name,
    role,
    teamsText(teams),
    dialect,
    created_at,
    expires_at,
    revoked_at,
  ]);
  return table(["id", "name", "role", "teams", "dialect", "created", "expires", "revoked"], rows);
}

async function revoke({ vault, desk, give }: AccessTools, key_id: number, { json }: KeyFlags): Promise<void> {
  const revoked_at = desk.now();
  if ((await vault.keys.get(key_id))?.revoked_at !== null) {
    throw new CannotRun(`There is no key ${key_id} that could still be revoked; key list shows all keys.`);
  }
  await give({ kind: "revoke-key", key: key_id });
  await vault.keys.revoke(key_id, revoked_at);
  if (json === true) printJson({ key_id, revoked_at });
  else printLines([`Key ${key_id} is revoked.`]);
}
