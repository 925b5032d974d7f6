/** A mail of plain text. */
export interface Mail {
  /** One address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** When it is of no use any more, in milliseconds since 1970; missing: never. */
  readonly until_ms?: number;
}

/** Sends mails in the background: whoever hands one over neither waits for it nor learns what became of it. */
export interface Mailer {
  /** Whether there is a server to send through. */
  readonly is_configured: boolean;
  send(mail: Mail): void;
  /** Returns when nothing is under way any more, or after a few seconds; what waits for another try is given up. */
  close(): Promise<void>;
}

/** Sends nothing, and says so once. */
export function noMailer(log: { warn(sentence: string): void }): Mailer {
  let hasSaid = false;
  return {
    is_configured: false,
    send() {
      if (!hasSaid) log.warn("A mail was to be sent, but SMTP_URL is not set: no mail is.");
      hasSaid = true;
    },
    close: async () => {},
  };
}
