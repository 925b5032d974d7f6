import type { AccessLog } from "./access-log.ts";
import { type AccessTokens, accessTokenLife_s } from "./access-tokens.ts";
import type { Accounts } from "./accounts.ts";
import type { Attempts } from "./attempts.ts";
import { WorkRefused } from "./bounded-work.ts";
import type { Devices } from "./device.ts";
import type { Directory } from "./directory.ts";
import type { PasswordHashing } from "./password-hashing.ts";
import type { Origin, Session, Sessions } from "./sessions.ts";

/** What a signed-in client gets. */
export interface TokenPair {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** Who a credential stands for. */
export interface SignedInUser {
  readonly user_id: number;
  readonly session_id: string;
}

/** Somebody at the door, with what they say. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** The mark of a device that was signed in with before, as it was presented; else null. */
  readonly device: string | null;
  readonly origin: Origin;
}

/** What became of it. Unknown, wrong and inactive are one. */
export type SignInOutcome =
  | { readonly kind: "signed-in"; readonly tokens: TokenPair; readonly user_id: number; readonly device: string }
  | { readonly kind: "throttled"; readonly retry_after_seconds: number }
  | { readonly kind: "refused" };

/** What sign-in stands on. */
export interface SignInParts {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly tokens: AccessTokens;
  readonly hashing: PasswordHashing;
  readonly devices: Devices;
  readonly directory: Pick<Directory, "user" | "fresh" | "learn">;
  readonly access_log: AccessLog;
}

/** Lets people in, keeps them in, and lets them out. */
export class SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /**
   * Signs somebody in. Whether the address is unknown, the password wrong or the user inactive, the answer is the same and takes as
   * long: exactly one argon2. Throws `WorkRefused` where too many wait for theirs.
   */
  async signIn({ email, password, device, origin }: Credentials): Promise<SignInOutcome> {
    const { accounts, attempts, hashing, devices, sessions } = this.#parts;
    const account = await accounts.findByEmail(email);
    const user_id = account?.user_id ?? 0;
    const attempt = { email, address: origin.address, device: devices.nameOf(device, user_id) };
    const admission = await attempts.begin(attempt);
    if (admission.kind === "throttled") {
      this.#record("throttled", origin, user_id);
      return admission;
    }
    const password_hash = await accounts.passwordHash(user_id);
    const isRight = await hashing.verify(password_hash, password).catch(async (error: unknown) => {
      if (error instanceof WorkRefused) await attempts.undo(attempt);
      throw error;
    });
    if (!isRight || password_hash === null || !(await this.#isActive(user_id))) {
      this.#record("sign-in-failed", origin, user_id);
      return { kind: "refused" };
    }
    await attempts.succeeded(attempt);
    await this.#renewHash(user_id, password_hash, password);
    const { session, refresh_token } = await sessions.begin(user_id, origin);
    // Somebody may have been made inactive, or have changed the password, while it was being verified.
    if (!(await this.#isActive(user_id)) || (await this.#isStale(user_id, password_hash, password))) {
      await sessions.end(session.session_id);
      this.#record("sign-in-failed", origin, user_id);
      return { kind: "refused" };
    }
    this.#record("sign-in", origin, user_id, session.session_id);
    const tokens = await this.#pair(session, refresh_token);
    return { kind: "signed-in", tokens, user_id, device: devices.mark(user_id) };
  }

  /** The next pair of tokens for a refresh token; null where it is none, or not the last of its family. */
  async refresh(refresh_token: string, origin: Origin): Promise<TokenPair | null> {
    const { sessions } = this.#parts;
    // Before the token is used up: a client that is told to come back comes back with it.
    await this.#parts.directory.fresh();
    const rotation = await sessions.rotate(refresh_token, origin);
    if (rotation.kind === "reused") this.#record("refresh-reused", origin, rotation.user_id, rotation.session_id);
    if (rotation.kind !== "rotated") return null;
    const { session } = rotation;
    if (await this.#isActive(session.user_id)) return this.#pair(session, rotation.refresh_token);
    await sessions.end(session.session_id);
    return null;
  }

  /**
   * Who an access token stands for: a user who is active and whose session is alive, else null. Every request with such a token
   * asks this, so nothing in it takes long once a token has been seen.
   */
  async authenticateUser(access_token: string): Promise<SignedInUser | null> {
    const claims = await this.#parts.tokens.verify(access_token);
    if (claims === null) return null;
    const alive = this.#parts.sessions.isAlive(claims.session_id);
    return alive?.user_id === claims.user_id && (await this.#isActive(claims.user_id)) ? claims : null;
  }

  /** Signs out the session of an access token. */
  async signOut({ user_id, session_id }: SignedInUser, origin: Origin): Promise<void> {
    if (await this.#parts.sessions.end(session_id, user_id)) this.#record("signed-out", origin, user_id, session_id);
  }

  /** Signs out the session of a refresh token, if it has one. */
  async signOutByToken(refresh_token: string, origin: Origin): Promise<void> {
    const ended = await this.#parts.sessions.endByToken(refresh_token);
    if (ended !== null) this.#record("signed-out", origin, ended.user_id, ended.session_id);
  }

  /** Ends another session of a user. False where they have no such session. */
  async endSession({ user_id }: SignedInUser, session_id: string, origin: Origin): Promise<boolean> {
    const isEnded = await this.#parts.sessions.end(session_id, user_id);
    if (isEnded) this.#record("session-ended", origin, user_id, session_id);
    return isEnded;
  }

  /** Ends all sessions of a user but the one that asks. Gives how many. */
  async endOthers({ user_id, session_id }: SignedInUser, origin: Origin): Promise<number> {
    const ended = await this.#parts.sessions.endAll(user_id, session_id);
    if (ended > 0) this.#record("session-ended", origin, user_id, `${ended} others`);
    return ended;
  }

  async #pair({ user_id, session_id }: Session, refresh_token: string): Promise<TokenPair> {
    const access_token = await this.#parts.tokens.sign({ user_id, session_id });
    return { access_token, refresh_token, expires_in: accessTokenLife_s };
  }

  /** Hashes anew what was hashed at another cost. It can wait until the next time where there is no room for it now. */
  async #renewHash(user_id: number, password_hash: string, password: string): Promise<void> {
    const { hashing, accounts } = this.#parts;
    if (!hashing.isOutdated(password_hash)) return;
    try {
      await accounts.renewHash(user_id, password_hash, await hashing.hash(password));
    } catch (error) {
      if (!(error instanceof WorkRefused)) throw error;
    }
  }

  /** Whether the password is another by now. Only then is there a second look at it. */
  async #isStale(user_id: number, password_hash: string, password: string): Promise<boolean> {
    const { hashing, accounts } = this.#parts;
    const present = await accounts.passwordHash(user_id);
    return present !== password_hash && !(await hashing.verify(present, password));
  }

  async #isActive(user_id: number): Promise<boolean> {
    const { directory } = this.#parts;
    await directory.fresh();
    if (directory.user(user_id) === null) await directory.learn();
    return directory.user(user_id)?.active === true;
  }

  #record(kind: Parameters<AccessLog["record"]>[0]["kind"], origin: Origin, user_id: number, detail?: string): void {
    const { address, user_agent } = origin;
    this.#parts.access_log.record({
      kind,
      ...(user_id === 0 ? {} : { actor: `user:${user_id}` }),
      address,
      ...(user_agent === null ? {} : { user_agent }),
      ...(detail === undefined ? {} : { detail }),
    });
  }
}
