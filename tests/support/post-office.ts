import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A real SMTP server that keeps what it is given. */
export interface PostOffice {
  /** For SMTP_URL. */
  readonly url: string;
  readonly mails: readonly string[];
  /** Waits until it has so many. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens one on a free port of this machine. */
export async function openPostOffice(): Promise<PostOffice> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString("utf8"));
        done();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    async until(count) {
      while (mails.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
