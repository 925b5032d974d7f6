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

/** How long a row may be under way from the vault to the ledger, in milliseconds. */
export const underWay_ms = 60_000;

/** Somebody else is making a user of this address just now, or has died while doing so. */
export class UserUnderWay extends Error {
  constructor() {
    super("A user with this e-mail address is being added just now. Try again in a minute.");
    this.name = "UserUnderWay";
  }
}

/** What tells and records who is on record. */
export interface UserRecord {
  isOnRecord(user_id: number): boolean;
  /** Learns of what others have put on record. */
  learn(): Promise<void>;
  /** Puts them on record. Throws where that is refused or fails. */
  record(command: CreateUser): Promise<Recorded>;
  /** Whether what `record` has thrown says for certain that nothing was written. */
  isRefusal(error: unknown): boolean;
}

/**
 * Makes a user: first the row of the vault, then their place on record, then the password or the link. Where they are refused,
 * nothing is left. A row that never came on record, because a process ended in between, gives way to whoever comes with its
 * address: nothing of it, neither password nor session, is theirs. Callers see to it that one address is worked on at a time.
 */
export async function makeUser(
  { accounts, links, hashing }: UserStores,
  user: NewUser,
  { isOnRecord, learn, record, isRefusal }: UserRecord,
): Promise<MadeUser> {
  const { email, full_name, phone, password, at, above, role, teams, handler = null } = user;
  const password_hash = password === null ? null : await hashing.hash(password);
  const holder = await accounts.findByEmail(email);
  if (holder !== null && !isOnRecord(holder.user_id)) {
    await learn();
    if (!isOnRecord(holder.user_id)) {
      // One that is young may be another process's, which is about to put it on record.
      if (Date.parse(at) - Date.parse(holder.created_at) < underWay_ms) throw new UserUnderWay();
      await accounts.remove(holder.user_id);
    }
  }
  const created = await accounts.create({ email, full_name, phone, at, above });
  const isOurs = created !== "email-taken";
  const user_id = isOurs ? created : ((await accounts.findByEmail(email))?.user_id ?? null);
  if (user_id === null) throw new Error("an address is taken, and nobody has it");
  let recorded: Recorded;
  try {
    recorded = await record({ kind: "create-user", user: user_id, role, teams, handler });
  } catch (error) {
    if (isOurs && isRefusal(error)) await accounts.remove(user_id);
    throw error;
  }
  if (recorded.is_repeated) {
    if (isOurs && recorded.user_id !== user_id) await accounts.remove(user_id);
    return { user_id: recorded.user_id, invitation: null };
  }
  if (password_hash !== null) await accounts.setPassword(user_id, password_hash, at);
  return { user_id, invitation: password_hash === null ? await links.make(user_id, "invitation") : null };
}
