import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import * as assert from "uvu/assert";
import { SmtpMailer } from "../../src/senders/smtp.ts";
import { DrawingRuntime } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("mails");

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string;
}

interface Post {
  readonly server: SMTPServer;
  readonly received: Received[];
  readonly mailer: SmtpMailer;
  readonly runtime: DrawingRuntime;
  readonly logged: unknown[];
  close(): Promise<void>;
}

const mail = { to: "ana@example.com", subject: "Grüße", text: "A heron.\n\nhttps://x/auth/link#il_link_hush\n" };

/** A real SMTP server on a port of its own, and a mailer that sends through it. */
async function post(options: SMTPServerOptions = {}, credentials = ""): Promise<Post> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : (mailFrom?.address ?? "");
        const to = rcptTo.map(({ address }) => address);
        received.push({ from, to, content: Buffer.concat(chunks).toString("utf8") });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const runtime = new DrawingRuntime();
  const logged: unknown[] = [];
  const url = `smtp://${credentials}127.0.0.1:${port}`;
  const from = { name: "Incident Ledger", address: "ledger@example.com" };
  const mailer = new SmtpMailer({ url, from, runtime, log: { warn: (...line) => logged.push(line) } });
  return {
    server,
    received,
    mailer,
    runtime,
    logged,
    async close() {
      await mailer.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

it("come to one address, from the configured one, as text, marked as automatic", async () => {
  const { mailer, received, logged, close } = await post();
  mailer.send(mail);
  await until(() => received.length === 1);
  const [{ from, to, content } = { from: "", to: [], content: "" }] = received;
  assert.equal({ from, to }, { from: "ledger@example.com", to: ["ana@example.com"] });
  for (const line of [
    /^From: Incident Ledger <ledger@example\.com>\r$/m,
    /^To: ana@example\.com\r$/m,
    /^Subject: =\?UTF-8\?Q\?Gr=C3=BC=C3=9Fe\?=\r$/m,
    /^Auto-Submitted: auto-generated\r$/m,
    /^Content-Type: text\/plain; charset=utf-8\r$/m,
    /^https:\/\/x\/auth\/link#il_link_hush\r$/m,
  ]) {
    assert.match(content, line);
  }
  assert.not.match(content, /text\/html/);
  assert.equal(logged, []);
  await close();
});

it("cannot be given other headers or readers by an address or a subject", async () => {
  const { mailer, received, close } = await post();
  const evil = "\r\nBcc: eve@example.com\r\nX-Evil: 1\r\n\r\nbody";
  mailer.send({ ...mail, subject: `Hello${evil}` });
  mailer.send({ ...mail, to: "ana@example.com, eve@example.com" });
  mailer.send({ ...mail, to: `ana@example.com${evil}` });
  mailer.send({ ...mail, to: "ana@example.com>\r\nRCPT TO:<eve@example.com" });
  mailer.send({ ...mail, subject: "last" });
  await until(() => received.some(({ content }) => content.includes("Subject: last")));
  for (const { to, content } of received) {
    const head = content.split("\r\n\r\n", 1)[0] ?? "";
    assert.not.match(head, /^(?:Bcc|X-Evil):/im);
    assert.not(to.includes("eve@example.com"));
  }
  await close();
});

it("are tried again with growing pauses, and arrive once", async () => {
  let failures = 0;
  const { mailer, received, runtime, logged, close } = await post({
    onMailFrom(_address, _session, done) {
      failures += 1;
      if (failures <= 3) done(Object.assign(new Error("try later, ana@example.com"), { responseCode: 451 }));
      else done();
    },
  });
  mailer.send(mail);
  for (const [index, pause_ms] of [1000, 10_000, 60_000].entries()) {
    await until(() => logged.length === index + 1 && runtime.timers === 1);
    await runtime.pass(pause_ms - 1);
    assert.is(failures, index + 1);
    await runtime.pass(1);
  }
  await until(() => received.length === 1);
  const lines = JSON.stringify(logged);
  assert.match(lines, /"smtp_status":451/);
  assert.not.match(lines, /ana@|il_link|heron/);
  await close();
});

it("are given up when the server never takes them, or when they would come too late", async () => {
  const { mailer, runtime, logged, close } = await post({
    onRcptTo({ address }, _session, done) {
      const responseCode = address.startsWith("ana") ? 550 : 450;
      done(Object.assign(new Error(`no ${address}`), { responseCode }));
    },
  });
  mailer.send(mail);
  await until(() => logged.length === 1);
  assert.is(runtime.timers, 0);
  mailer.send({ ...mail, to: "bo@example.com", until_ms: runtime.now() + 5000 });
  await until(() => runtime.timers === 1);
  await runtime.pass(1000);
  await until(() => runtime.timers === 1);
  await runtime.pass(10_000);
  await until(() => logged.length === 4);
  assert.match(JSON.stringify(logged.at(-1)), /too late/);
  assert.not.match(JSON.stringify(logged), /ana@|bo@/);
  assert.is(runtime.timers, 0);
  await close();
});

it("log neither password nor address where the server refuses to let the service in", async () => {
  const { mailer, logged, close } = await post(
    { authOptional: false, onAuth: (_auth, _session, done) => done(new Error("no ledger hush")) },
    "ledger:hush-hush@",
  );
  mailer.send(mail);
  await until(() => logged.length === 1);
  assert.not.match(JSON.stringify(logged), /hush|ana@|ledger/);
  await close();
});

it("wait in a bounded line while there is no server, and hold nobody up", async () => {
  const { server, mailer, runtime, logged, close } = await post();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  for (let count = 0; count < 1010; count += 1) mailer.send({ ...mail, text: String(count) });
  await until(() => JSON.stringify(logged).includes("too many wait"));
  await until(() => runtime.timers > 900);
  await close();
  assert.is(runtime.timers, 0);
  mailer.send(mail);
});

it("hold up no farewell where the server has gone silent", async () => {
  let isAsked = false;
  const { mailer, server, runtime } = await post({
    onMailFrom() {
      isAsked = true;
    },
  });
  mailer.send(mail);
  await until(() => isAsked);
  let isClosed = false;
  const closing = mailer.close().then(() => {
    isClosed = true;
  });
  await runtime.pass(2999);
  assert.is(isClosed, false);
  await runtime.pass(1);
  await closing;
  server.close();
});
