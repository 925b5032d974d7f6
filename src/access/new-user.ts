import type { CreateUser } from "../rules/commands.ts";
import type { Accounts } from "./accounts.ts";
import type { Links } from "./links.ts";
import type { MadeLink } from "./notices.ts";
import type { PasswordHashing } from "./password-hashing.ts";

/** Somebody who is to become a user. What is personal goes into the vault, the rest into the ledger. */
export interface NewUser extends Pick<CreateUser, "role" | "teams" | "handler"> {
  readonly email: string;
  readonly full_name: string | null;
  readonly phone: string | null;
  /** Without one they get a link by which they choose it. */
  readonly password: string | null;
  /** An instant. */
  readonly at: string;
  /** The highest number of a user on record. */
  readonly above: number;
}

/** Where users are made. */
export interface UserStores {
  readonly accounts: Accounts;
  readonly links: Links;
  readonly hashing: PasswordHashing;
}

/** What came of putting a user on record. */
export interface Recorded {
  readonly user_id: number;
  /** It was on record before: this repeats an earlier outcome. */
  readonly is_repeated: boolean;
}

/** What became of it. */
export interface MadeUser {
  readonly user_id: number;
  /** Null where they have a password, and where this repeats an answer that has shown it. */
  readonly invitation: MadeLink | null;
}

/**
 * Makes a user: first the row of the vault, then what `record` puts on record, then the password or the link. where
 * `record` throws, nothing is left.
 * A row whose event never came, because the process ended in between, is used for whoever comes with the same address.
 */
export async function makeUser(
  { accounts, links, hashing }: UserStores,
  user: NewUser,
  record: (command: CreateUser) => Promise<Recorded>,
): Promise<MadeUser> {
  const { email, full_name, phone, password, at, above, role, teams, handler = null } = user;
  const password_hash = password === null ? null : await hashing.hash(password);
  const created = await accounts.create({ email, full_name, phone, at, above });
  const isOurs = created !== "email-taken";
  const held = isOurs ? created : ((await accounts.findByEmail(email))?.user_id ?? null);
  if (held === null) throw new Error("an address is taken, and nobody has it");
  let recorded: Recorded;
  try {
    recorded = await record({ kind: "create-user", user: held, role, teams, handler });
  } catch (error) {
    if (isOurs) await accounts.remove(held);
    throw error;
  }
  const { user_id, is_repeated } = recorded;
  if (is_repeated) {
    if (isOurs && user_id !== held) await accounts.remove(held);
    return { user_id, invitation: null };
  }
  if (!isOurs) await accounts.edit(user_id, { full_name, phone });
  if (password_hash !== null) await accounts.setPassword(user_id, password_hash, at);
  return { user_id, invitation: password_hash === null ? await links.make(user_id, "invitation") : null };
}
