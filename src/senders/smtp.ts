import nodemailer from "nodemailer";
import { canonicalEmail } from "../access/email-address.ts";
import { limits } from "../config.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Mail, Mailer } from "./mailer.ts";

/** Where mails go, and who they are from. */
export interface SmtpOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly runtime: Pick<Runtime, "now" | "after">;
  readonly log: { warn(fields: object, sentence: string): void };
}

/** How long after each try the next one comes, in milliseconds. After the last one the mail is given up. */
const pauses_ms = [1000, 10_000, 60_000, 5 * 60_000];
const connect_timeout_ms = 10_000;
const silence_timeout_ms = 20_000;
/** How long mails that are on their way may take to arrive when the service stops. */
const farewell_ms = 3000;
/** Mails that are on their way at once. */
const mostAtOnce = 4;

/**
 * Sends mails through an SMTP server: a few at once, each up to five times, as many waiting as `limits.waiting_mails`. What goes wrong
 * is logged without address and text. Every mail is marked as automatic (RFC 3834), so that no machine answers it.
 */
export class SmtpMailer implements Mailer {
  readonly is_configured = true;
  readonly #options: SmtpOptions;
  readonly #transport: ReturnType<typeof makeTransport>;
  readonly #waiting: { readonly mail: Mail; readonly tries: number }[] = [];
  readonly #pauses = new Set<() => void>();
  readonly #sending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: SmtpOptions) {
    this.#options = options;
    this.#transport = makeTransport(options.url);
  }

  send(mail: Mail): void {
    if (this.#isClosed) return;
    // The library reads a list of addresses where there is a comma.
    if (canonicalEmail(mail.to) === null) {
      this.#options.log.warn({}, "A mail was given up: it was for no e-mail address.");
      return;
    }
    if (this.#waiting.length + this.#pauses.size >= limits.waiting_mails) {
      this.#options.log.warn({ waiting: this.#waiting.length }, "A mail was given up: too many wait already.");
      return;
    }
    this.#waiting.push({ mail, tries: 0 });
    this.#go();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    for (const cancel of this.#pauses) cancel();
    this.#pauses.clear();
    let cancel = () => {};
    const patience = new Promise<void>((resolve) => {
      cancel = this.#options.runtime.after(farewell_ms, resolve);
    });
    await Promise.race([Promise.all(this.#sending), patience]);
    cancel();
    this.#transport.close();
  }

  #go(): void {
    while (this.#sending.size < mostAtOnce) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const sending = this.#try(next.mail, next.tries).finally(() => {
        this.#sending.delete(sending);
        this.#go();
      });
      this.#sending.add(sending);
    }
  }

  async #try(mail: Mail, tries: number): Promise<void> {
    const { runtime, log, from } = this.#options;
    if (runtime.now() >= (mail.until_ms ?? Number.POSITIVE_INFINITY)) {
      log.warn({ tries }, "A mail was given up: it would have come too late.");
      return;
    }
    try {
      await this.#transport.sendMail({
        from,
        to: { name: "", address: mail.to },
        envelope: { from: from.address, to: [mail.to] },
        subject: mail.subject,
        text: mail.text,
        headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
      });
    } catch (error) {
      const why = { tries: tries + 1, ...faultOf(error) };
      const pause_ms = isFinal(error) ? undefined : pauses_ms[tries];
      if (pause_ms === undefined || this.#isClosed) log.warn(why, "A mail could not be sent and was given up.");
      else {
        log.warn(why, "A mail could not be sent yet; it is tried again.");
        this.#later({ mail, tries: tries + 1 }, pause_ms);
      }
    }
  }

  #later(entry: { readonly mail: Mail; readonly tries: number }, pause_ms: number): void {
    const cancel = this.#options.runtime.after(pause_ms, () => {
      this.#pauses.delete(cancel);
      this.#waiting.push(entry);
      this.#go();
    });
    this.#pauses.add(cancel);
  }
}

function makeTransport(url: string) {
  return nodemailer.createTransport({
    url,
    connectionTimeout: connect_timeout_ms,
    greetingTimeout: connect_timeout_ms,
    socketTimeout: silence_timeout_ms,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** What may be logged of an error: servers quote addresses, and sometimes texts, in their messages. */
function faultOf(error: unknown): object {
  const { code, responseCode, command } = error as { code?: unknown; responseCode?: unknown; command?: unknown };
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof responseCode === "number" ? { smtp_status: responseCode } : {}),
    ...(typeof command === "string" ? { at: command.split(" ", 1)[0] } : {}),
  };
}

/** Whether the server said that it will never take this mail. A wrong login may be mended meanwhile. */
function isFinal(error: unknown): boolean {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
  return typeof responseCode === "number" && responseCode >= 500 && code !== "EAUTH";
}
