import type { Config } from "../config.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Mailer, noMailer } from "../senders/mailer.ts";
import { type AccessLog, noAccessLog } from "./access-log.ts";
import { AccessTokens } from "./access-tokens.ts";
import { Devices } from "./device.ts";
import type { Directory } from "./directory.ts";
import { Notices } from "./notices.ts";
import { PasswordChanges } from "./password-changes.ts";
import { PasswordHashing } from "./password-hashing.ts";
import { SignIn } from "./sign-in.ts";
import type { Vault } from "./vault.ts";

/** Everything about who people are: what the routes under /auth stand on. */
export interface Identity {
  readonly vault: Pick<Vault, "accounts" | "links" | "sessions">;
  readonly sign_in: SignIn;
  readonly passwords: PasswordChanges;
  readonly hashing: PasswordHashing;
  readonly notices: Notices;
  readonly directory: Directory;
  readonly access_log: AccessLog;
  /** What links start with, without a slash at the end. */
  readonly public_url: string;
  close(): Promise<void>;
}

/** What it is opened with. */
export interface IdentityOptions {
  readonly vault: Vault;
  readonly directory: Directory;
  readonly runtime: Runtime;
  readonly config: Pick<Config, "secret_keys" | "public_url" | "smtp" | "host" | "port">;
  readonly log: { warn(fields: object, sentence: string): void; warn(sentence: string): void };
  readonly access_log?: AccessLog;
  readonly onTrouble: (what: string, error: unknown) => void;
  /** In the place of the one that the configuration asks for. */
  readonly mailer?: Mailer;
  /** In the place of one with the usual limits. */
  readonly hashing?: PasswordHashing;
}

/** Puts together what people sign in with. Closing it leaves the vault open. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { vault, directory, runtime, config, log, access_log = noAccessLog, onTrouble } = options;
  const { accounts, sessions, links, attempts } = vault;
  await vault.signing_keys.configure(config.secret_keys);
  const mailer = options.mailer ?? (await openMailer(options, log));
  const tokens = new AccessTokens({ keys: vault.signing_keys, runtime });
  const hashing = options.hashing ?? new PasswordHashing();
  const devices = new Devices({ secret: await vault.secret("devices"), runtime });
  const notices = new Notices({ mailer, public_url: publicUrl(config), runtime });
  const shared = { accounts, sessions, attempts, hashing, devices, directory, access_log };
  return {
    vault,
    sign_in: new SignIn({ ...shared, tokens }),
    passwords: new PasswordChanges({ ...shared, links, notices, runtime, onTrouble }),
    hashing,
    notices,
    directory,
    access_log,
    public_url: publicUrl(config),
    close: () => mailer.close(),
  };
}

/** What links start with. Never what a request calls this host: whoever asks would choose where a link leads. */
function publicUrl({ public_url, host, port }: IdentityOptions["config"]): string {
  return public_url ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Starts are quicker without what sends mails, and most of them need none. */
async function openMailer({ config, runtime }: IdentityOptions, log: IdentityOptions["log"]): Promise<Mailer> {
  if (config.smtp === null) return noMailer(log);
  const { SmtpMailer } = await import("../senders/smtp.ts");
  return new SmtpMailer({ ...config.smtp, runtime, log });
}
