import { type Command, InvalidArgumentError, Option } from "commander";
import { UserRole } from "../../events/fields.ts";
import type { User } from "../../projections/access.ts";
import { canonicalEmail } from "../access/email-address.ts";
import { linkUrl } from "../access/link-url.ts";
import { makeUser } from "../access/new-user.ts";
import { highest } from "../access/next-number.ts";
import type { MadeLink } from "../access/notices.ts";
import { PasswordHashing } from "../access/password-hashing.ts";
import { nameOfUser } from "../access/user-names.ts";
import { dataDirOption } from "./data-dir.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines, table } from "./print.ts";
import { teamsOption, teamsText } from "./teams-option.ts";
import { type AccessTools, withDesk } from "./with-desk.ts";

interface UserFlags {
  readonly dataDir: string;
  readonly json?: true;
}

interface LinkFlags extends UserFlags {
  readonly publicUrl?: string;
}

interface AddFlags extends LinkFlags {
  readonly email: string;
  readonly role: User["role"];
  readonly fullName?: string;
  readonly teams?: readonly string[];
  readonly handler?: string;
}

interface RemoveFlags extends UserFlags {
  readonly erase?: true;
}

const roles = UserRole.anyOf.map(({ const: role }) => role);
const usualUrl = "http://127.0.0.1:8000";

/** Adds the verb `user`. */
export function addUser(program: Command, end: (code: ExitCode) => void): void {
  const user = program
    .command("user")
    .description("Adds, lists, deactivates and erases users. A running service honours it at once.")
    .helpCommand(false);
  user
    .command("add")
    .description("Adds a user and prints the link by which they choose a password: once, within seven days.")
    .requiredOption("--email <address>", "the e-mail address they sign in with (required)", emailOf)
    .addOption(new Option("--role <role>", "what they may do").choices(roles).default("admin"))
    .option("--full-name <name>", "what they are called", nameOf)
    .addOption(teamsOption())
    .option("--handler <id>", "the handler as whom they take incidents")
    .addOption(publicUrlOption())
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (flags: AddFlags) => {
      await withDesk(flags.dataDir, (tools) => add(tools, flags));
      end(0);
    });
  user
    .command("invite")
    .description("Makes a new link by which a user chooses a password, and ends the one before.")
    .argument("<id>", "the user's id, a whole number from 1", idOf)
    .addOption(publicUrlOption())
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (user_id: number, flags: LinkFlags) => {
      await withDesk(flags.dataDir, (tools) => invite(tools, user_id, flags));
      end(0);
    });
  user
    .command("list")
    .description("Lists all users, those who were deactivated or erased too.")
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (flags: UserFlags) => {
      await withDesk(flags.dataDir, (tools) => list(tools, flags));
      end(0);
    });
  user
    .command("remove")
    .description("Deactivates a user: they are signed out, and may be made active again over HTTP.")
    .argument("<id>", "the user's id, a whole number from 1", idOf)
    .option("--erase", "takes away everything personal of them, for ever")
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (user_id: number, flags: RemoveFlags) => {
      await withDesk(flags.dataDir, (tools) => remove(tools, user_id, flags));
      end(0);
    });
}

function publicUrlOption(): Option {
  return new Option("--public-url <url>", `what the link starts with (default: ${usualUrl})`).env("PUBLIC_URL");
}

function emailOf(value: string): string {
  if (canonicalEmail(value) === null) throw new InvalidArgumentError("It is no e-mail address.");
  return value;
}

function nameOf(value: string): string {
  if (value.length <= 200 && !/\p{Cc}/u.test(value)) return value;
  throw new InvalidArgumentError("A name has at most 200 characters, on one line.");
}

function idOf(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw new InvalidArgumentError("A user's id is a whole number from 1.");
  return Number(value);
}

async function add({ vault, desk, give }: AccessTools, flags: AddFlags): Promise<void> {
  const { email, role, fullName: full_name = null, handler = null } = flags;
  const stores = { accounts: vault.accounts, links: vault.links, hashing: new PasswordHashing() };
  const teams = flags.teams ?? null;
  const above = highest(desk.board.users.keys());
  const user = { email, role, teams, handler, full_name, phone: null, password: null, at: desk.now(), above };
  const made = await makeUser(stores, user, {
    isOnRecord: (user_id) => desk.board.users.has(user_id),
    learn: () => desk.catchUp(),
    isRefusal: (error) => error instanceof CannotRun,
    record: async (command) => {
      await give(command);
      return { user_id: command.user, is_repeated: false };
    },
  });
  if (made.invitation !== null) printInvitation(made.user_id, made.invitation, flags);
}

async function invite({ vault, desk, give }: AccessTools, user_id: number, flags: LinkFlags): Promise<void> {
  if (desk.board.users.has(user_id) && (await vault.accounts.get(user_id)) === null) {
    throw new CannotRun(
      `The vault does not know user ${user_id}, as after an import; give an address over HTTP first.`,
    );
  }
  await give({ kind: "invite-user", user: user_id });
  printInvitation(user_id, await vault.links.make(user_id, "invitation"), flags);
}

function printInvitation(user_id: number, { token, expires_at }: MadeLink, { publicUrl, json }: LinkFlags): void {
  const invitation_link = linkUrl(publicUrl ?? usualUrl, token);
  if (json === true) {
    printJson({ user_id, invitation_link, invitation_expires_at: expires_at });
    return;
  }
  const assumed = `The link assumes ${usualUrl}: set PUBLIC_URL, or put the service's address in its place.`;
  printLines([
    `User ${user_id} chooses a password here, once, until ${expires_at}:`,
    "",
    invitation_link,
    ...(publicUrl === undefined ? ["", assumed] : []),
  ]);
}

async function list({ vault, desk }: AccessTools, { json }: UserFlags): Promise<void> {
  const users = [];
  for (const user of desk.board.users.values()) {
    const account = await vault.accounts.get(user.user);
    const { user: user_id, role, teams, handler, is_active: active, is_erased: erased } = user;
    const email = account?.email ?? null;
    users.push({ user_id, name: nameOfUser(user, account), email, role, teams, handler, active, erased });
  }
  if (json === true) printJson({ users });
  else if (users.length === 0) printLines(["There is no user yet; user add makes one."]);
  else {
    const rows = users.map(({ user_id, name, email, role, teams, handler, active }) => [
      user_id,
      name,
      email,
      role,
      teamsText(teams),
      handler,
      active ? "yes" : "no",
    ]);
    printLines(table(["id", "name", "e-mail", "role", "teams", "handler", "active"], rows));
  }
}

async function remove(
  { vault, give, whenErased }: AccessTools,
  user: number,
  { erase, json }: RemoveFlags,
): Promise<void> {
  await give(erase === true ? { kind: "erase-user", user } : { kind: "change-user", user, active: false });
  const isGone = erase !== true || ((await vault.accounts.erase(user)) && (await whenErased()));
  await vault.sessions.endAll(user);
  await vault.links.endAll(user);
  const done = erase === true ? "erased" : "deactivated";
  if (json === true) printJson({ user_id: user, [done]: true, files_hold_nothing: isGone });
  else {
    const rest = "A running service reads the files just now; what was erased leaves them with the next checkpoint.";
    printLines([`User ${user} is ${done}.`, ...(isGone ? [] : [rest])]);
  }
}
