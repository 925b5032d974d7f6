import type { Runtime } from "../runtime/runtime.ts";
import type { Mailer } from "../senders/mailer.ts";
import type { Account } from "./accounts.ts";
import { linkUrl } from "./link-url.ts";

/** A link that was just made. */
export interface MadeLink {
  readonly token: string;
  /** An instant. */
  readonly expires_at: string;
}

/** What notices stand on. */
export interface NoticesOptions {
  readonly mailer: Mailer;
  readonly public_url: string;
  readonly runtime: Pick<Runtime, "now">;
}

type Reader = Pick<Account, "email">;

/** The mails that users get about their account. Only those with a link in them hold anything secret. */
export class Notices {
  readonly #options: NoticesOptions;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  /** Whether mails are sent at all. */
  get are_sent(): boolean {
    return this.#options.mailer.is_configured;
  }

  /** A mail would be sent now if mails were: the log is told. */
  missed(): void {
    this.#options.mailer.send({ to: "", subject: "", text: "" });
  }

  /** Somebody was made a user, and may choose a password. */
  invitation({ email }: Reader, link: MadeLink): void {
    this.#send(
      email,
      "You are invited",
      `You have been invited to Incident Ledger at ${this.#options.public_url}.

To choose your password, follow this link. It works once, until ${minute(link.expires_at)}.

${linkUrl(this.#options.public_url, link.token)}

If you expected no invitation, ignore this mail.`,
      Date.parse(link.expires_at),
    );
  }

  /** Somebody, perhaps the owner, has forgotten the password. */
  recovery({ email }: Reader, link: MadeLink): void {
    this.#send(
      email,
      "Choose a new password",
      `Somebody, perhaps you, asked for a new password for ${email} at ${this.#options.public_url}.

To choose one, follow this link. It works once, until ${minute(link.expires_at)}.

${linkUrl(this.#options.public_url, link.token)}

If it was not you, ignore this mail: your password stays as it is.`,
      Date.parse(link.expires_at),
    );
  }

  /** The password was changed by who is signed in, or chosen for the first time. */
  passwordChanged({ email }: Reader, address: string): void {
    this.#tell(email, "Your password was changed", `The password of ${email} was changed`, address);
  }

  /** The password was changed by means of a recovery link. */
  recoveryUsed({ email }: Reader, address: string): void {
    const what = `A new password for ${email} was chosen by a recovery link, and every session was ended`;
    this.#tell(email, "Your password was recovered", what, address);
  }

  /** The address was changed: both are told. */
  emailChanged(old_email: string, new_email: string): void {
    const what = "The e-mail address of your account was changed";
    this.#tell(old_email, "Your e-mail address was changed", `${what}; mails go to another one from now on`, null);
    this.#tell(new_email, "Your e-mail address was changed", `${what} to ${new_email}`, null);
  }

  #tell(to: string, subject: string, what: string, address: string | null): void {
    const { public_url, runtime } = this.#options;
    const when = minute(new Date(runtime.now()).toISOString());
    const from = address === null ? "" : `, from the address ${address}`;
    this.#send(
      to,
      subject,
      `${what} on ${when}${from}, at ${public_url}.

If that was not you, tell an administrator at once.`,
    );
  }

  #send(to: string, subject: string, text: string, until_ms?: number): void {
    const mail = { to, subject: `Incident Ledger: ${subject}`, text: `${text}\n` };
    this.#options.mailer.send(until_ms === undefined ? mail : { ...mail, until_ms });
  }
}

/** `2026-01-31 09:15 UTC` */
function minute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}
