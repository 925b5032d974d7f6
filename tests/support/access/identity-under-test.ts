import type { User } from "../../../projections/access.ts";
import type { AccessEntry } from "../../../src/access/access-log.ts";
import type { Directory, DirectoryKey, DirectoryUser } from "../../../src/access/directory.ts";
import { type Identity, openIdentity } from "../../../src/access/identity.ts";
import type { Mail, Mailer } from "../../../src/senders/mailer.ts";
import { produced } from "../produced/produced.ts";
import { type VaultUnderTest, vaultUnderTest } from "./vault-under-test.ts";

/** Who is who, as a test says it. */
export class FakeDirectory implements Directory {
  readonly users = new Map<number, DirectoryUser>();
  /** The users of a node's board, where there is one: they are kept alike. */
  board: Map<number, User> | null = null;

  user(user_id: number): DirectoryUser | null {
    return this.users.get(user_id) ?? null;
  }

  async fresh(): Promise<void> {}
  async learn(): Promise<void> {}

  async key(actor: string): Promise<DirectoryKey | null> {
    return { name: actor, role: "admin", teams: [] };
  }

  /** Makes somebody a user, or another sort of one. */
  set(user_id: number, changes: Partial<DirectoryUser> = {}): void {
    const plain = { role: "responder", teams: ["default"], handler: null, active: true };
    const user = { ...plain, ...this.users.get(user_id), ...changes };
    this.users.set(user_id, user);
    const { active: is_active, handler, teams } = user;
    const role = user.role as User["role"];
    const made = { version: 1, is_erased: false, created_at: "2026-01-05T08:00:00.000Z" };
    this.board?.set(user_id, { user: user_id, role, teams, handler, is_active, ...made });
  }

  /** Makes somebody unknown to the ledger. */
  forget(user_id: number): void {
    this.users.delete(user_id);
    this.board?.delete(user_id);
  }
}

/** Keeps what was to be sent. */
export class KeptMails implements Mailer {
  readonly is_configured = true;
  readonly sent: Mail[] = [];

  send(mail: Mail): void {
    produced(`${mail.to}\n${mail.subject}\n${mail.text}`, `the mail "${mail.subject}"`, ["link"]);
    this.sent.push(mail);
  }

  async close(): Promise<void> {}

  /** The token of the link in the last mail. */
  get token(): string {
    const token = /il_link_[\w-]+/.exec(this.sent.at(-1)?.text ?? "")?.[0];
    if (token === undefined) throw new Error("no mail has a link");
    return token;
  }
}

/** What people sign in with, in a world whose time a test moves. */
export interface IdentityUnderTest extends VaultUnderTest {
  readonly identity: Identity;
  readonly directory: FakeDirectory;
  readonly mails: KeptMails;
  readonly entries: AccessEntry[];
  readonly troubles: unknown[];
  /** Makes an active user with this password and gives their number. */
  user(email: string, password: string): Promise<number>;
}

/** Opens all of it. */
export async function identityUnderTest(public_url = "https://incidents.example.com"): Promise<IdentityUnderTest> {
  const test = vaultUnderTest();
  const { vault, runtime } = test;
  const directory = new FakeDirectory();
  const mails = new KeptMails();
  const entries: AccessEntry[] = [];
  const troubles: unknown[] = [];
  const identity = await openIdentity({
    vault,
    runtime,
    directory,
    config: { secret_keys: [], public_url, smtp: null, host: "127.0.0.1", port: 8000 },
    log: { warn: () => {} },
    access_log: { record: (entry) => entries.push(entry) },
    onTrouble: (...trouble) => troubles.push(trouble),
    mailer: mails,
  });
  return {
    ...test,
    identity,
    directory,
    mails,
    entries,
    troubles,
    async user(email, password) {
      const user_id = await vault.accounts.create({ email, at: runtime.instant });
      if (user_id === "email-taken") throw new Error(`${email} is taken`);
      await vault.accounts.setPassword(user_id, await identity.hashing.hash(password), runtime.instant);
      directory.set(user_id);
      return user_id;
    },
  };
}
