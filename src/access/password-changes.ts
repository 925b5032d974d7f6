import type { Runtime } from "../runtime/runtime.ts";
import type { AccessKind, AccessLog } from "./access-log.ts";
import type { Accounts } from "./accounts.ts";
import type { Attempts } from "./attempts.ts";
import { WorkRefused } from "./bounded-work.ts";
import type { Devices } from "./device.ts";
import type { Directory } from "./directory.ts";
import type { Links } from "./links.ts";
import type { Notices } from "./notices.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import { faultOfPassword } from "./password-rules.ts";
import type { Origin, Sessions } from "./sessions.ts";
import type { SignedInUser } from "./sign-in.ts";

/** What became of a change of password. */
export type ChangeOutcome =
  | { readonly kind: "changed"; readonly sessions_ended: number }
  | { readonly kind: "throttled"; readonly retry_after_seconds: number }
  | { readonly kind: "wrong" }
  /** The new one will not do; `fault` ends the sentence "The password …". */
  | { readonly kind: "unfit"; readonly fault: string };

/** What became of a link. */
export type LinkOutcome =
  | { readonly kind: "accepted" }
  /** Unknown, used, or too old. */
  | { readonly kind: "invalid" }
  | { readonly kind: "unfit"; readonly fault: string };

/** What changes of passwords stand on. */
export interface PasswordChangesParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly links: Links;
  readonly attempts: Attempts;
  readonly hashing: PasswordHashing;
  readonly devices: Devices;
  readonly notices: Notices;
  readonly directory: Pick<Directory, "user" | "fresh" | "learn">;
  readonly access_log: AccessLog;
  readonly runtime: Pick<Runtime, "now" | "random" | "after">;
  readonly onTrouble: (what: string, error: unknown) => void;
}

/**
 * How long a recovery mail keeps the next one waiting, in milliseconds: who asks again and again neither fills a mailbox nor
 * ends the link that is in it. So much less than the link's life that a mail which was lost can be asked for again.
 */
const recoveryPause_ms = 5 * 60_000;
/** How many recoveries that were asked for may wait for their moment; what comes beyond is dropped. */
const mostRecoveries = 1000;
/** Users are numbered from 1. */
const nobody = 0;

/** Everything that gives somebody another password. */
export class PasswordChanges {
  readonly #parts: PasswordChangesParts;
  #recoveries = 0;

  constructor(parts: PasswordChangesParts) {
    this.#parts = parts;
  }

  /** A password for one who is signed in and knows the present one. Ends all their other sessions and all links. */
  async change(
    { user_id, session_id }: SignedInUser,
    passwords: { readonly current: string; readonly next: string; readonly device: string | null },
    origin: Origin,
  ): Promise<ChangeOutcome> {
    const { accounts, attempts, devices, hashing, sessions, notices } = this.#parts;
    const account = await accounts.get(user_id);
    if (account === null) return { kind: "wrong" };
    const fault = await faultOfPassword(passwords.next, account.email);
    if (fault !== null) return { kind: "unfit", fault };
    const device = devices.nameOf(passwords.device, user_id);
    const attempt = { email: account.email, address: origin.address, device };
    const admission = await attempts.begin(attempt);
    if (admission.kind === "throttled") {
      this.#record("throttled", origin, user_id);
      return admission;
    }
    const isRight = await hashing
      .verify(await accounts.passwordHash(user_id), passwords.current)
      .catch(async (error: unknown) => {
        if (error instanceof WorkRefused) await attempts.undo(attempt);
        throw error;
      });
    if (!isRight) {
      this.#record("sign-in-failed", origin, user_id);
      return { kind: "wrong" };
    }
    await attempts.succeeded(attempt);
    const password_hash = await hashing.hash(passwords.next);
    // The session may have been ended meanwhile, and whoever is in it shall change nothing then.
    if (sessions.isAlive(session_id) === null) return { kind: "wrong" };
    await this.#set(user_id, password_hash);
    const sessions_ended = await sessions.endAll(user_id, session_id);
    this.#record("password-changed", origin, user_id);
    notices.passwordChanged(account, origin.address);
    return { kind: "changed", sessions_ended };
  }

  /**
   * Sends a recovery link, if the address is an active user's who has a password. Returns at once in any case, and does it
   * up to a quarter of a second later: what is done shows neither in the answer nor in how long it takes.
   */
  recover(email: string, origin: Origin): void {
    const { runtime, onTrouble } = this.#parts;
    if (this.#recoveries >= mostRecoveries) return;
    this.#recoveries += 1;
    const [chance = 0] = runtime.random(1);
    runtime.after(chance, () => {
      this.#recover(email, origin)
        .catch((error: unknown) => onTrouble("A recovery link could not be made.", error))
        .finally(() => {
          this.#recoveries -= 1;
        });
    });
  }

  /** A password by means of a link. Ends all sessions and links of its user; it signs nobody in. */
  async accept(
    { token, password, full_name }: { readonly token: string; readonly password: string; readonly full_name?: string },
    origin: Origin,
  ): Promise<LinkOutcome> {
    const { accounts, links, hashing, sessions, notices } = this.#parts;
    const link = await links.find(token);
    const account = link === null ? null : await accounts.get(link.user_id);
    if (account === null || !(await this.#isActive(account.user_id))) return { kind: "invalid" };
    const fault = await faultOfPassword(password, account.email);
    if (fault !== null) return { kind: "unfit", fault };
    const password_hash = await hashing.hash(password);
    // Only now, so that a password that will not do does not cost the link; of several who come so far, one takes it.
    const taken = await links.take(token);
    if (taken === null) return { kind: "invalid" };
    const { user_id, purpose } = taken;
    await this.#set(user_id, password_hash);
    if (purpose === "invitation" && full_name !== undefined) await accounts.edit(user_id, { full_name });
    await sessions.endAll(user_id);
    const named = purpose === "invitation" && full_name !== undefined ? "full_name" : undefined;
    this.#record(purpose === "invitation" ? "invitation-used" : "recovery-used", origin, user_id, named);
    if (purpose === "invitation") notices.passwordChanged(account, origin.address);
    else notices.recoveryUsed(account, origin.address);
    return { kind: "accepted" };
  }

  async #recover(email: string, origin: Origin): Promise<void> {
    const { accounts, links, notices } = this.#parts;
    const account = await accounts.findByEmail(email);
    this.#record("recovery-asked", origin, account?.user_id);
    const isFor = account?.password_changed_at != null && (await this.#isActive(account.user_id));
    if (!notices.are_sent) {
      if (isFor) notices.missed();
      return;
    }
    const user_id = isFor && (await this.#isDue(account.user_id)) ? account.user_id : nobody;
    // For nobody too, so that whoever measures how busy this service is learns nothing.
    const link = await links.make(user_id, "recovery");
    if (account !== null && user_id !== nobody) notices.recovery(account, link);
  }

  /** Whether the last recovery mail of a user is old enough for another one. */
  async #isDue(user_id: number): Promise<boolean> {
    const last = await this.#parts.links.of(user_id, "recovery");
    return last === null || this.#parts.runtime.now() - Date.parse(last.created_at) >= recoveryPause_ms;
  }

  async #set(user_id: number, password_hash: string): Promise<void> {
    const { accounts, links, runtime } = this.#parts;
    await accounts.setPassword(user_id, password_hash, new Date(runtime.now()).toISOString());
    await links.endAll(user_id);
  }

  async #isActive(user_id: number): Promise<boolean> {
    const { directory } = this.#parts;
    await directory.fresh();
    if (directory.user(user_id) === null) await directory.learn();
    return directory.user(user_id)?.active === true;
  }

  #record(kind: AccessKind, { address, user_agent }: Origin, user_id?: number, detail?: string): void {
    this.#parts.access_log.record({
      kind,
      ...(user_id === undefined ? {} : { actor: `user:${user_id}` }),
      address,
      ...(user_agent === null ? {} : { user_agent }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}
