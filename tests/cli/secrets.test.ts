import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { freshDirectory } from "../support/run-cli.ts";
import { startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("secrets in the log");

const log = fileURLToPath(new URL("../../dist/src/cli/log.js", import.meta.url));

/** What one logger writes of these fields, in a process of its own. */
function written(format: string, code: string): string {
  const script = `
    import { openLog } from ${JSON.stringify(log)};
    const logger = openLog({ log_level: "trace", log_format: "${format}" });
    ${code}
  `;
  const args = ["--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.is(stderr, "");
  return stdout;
}

it("are masked whoever logs them, and however", () => {
  const code = `
    const headers = { authorization: "Bearer hush-1-hush", cookie: "session=hush-2-hush", "set-cookie": ["x"] };
    logger.info({ headers, password: 'hush-3-"\\\\hush', token: "hush-4-hush" }, "with Basic aHVzaC01LWh1c2g=");
    logger.error(new Error('of {"password":"hush-6-hush","title":"kept"} at /compat/ucar/il_hush-7-hush/incidents'));
    logger.warn("Authorization: bearer%20hush-8-hush and il_admin_hush9hush, a basic fault");
  `;
  for (const format of ["json", "pretty"]) {
    const out = written(format, code);
    assert.not.match(out, /hush|aHVzaC01/, out);
    assert.match(out, "kept");
    assert.match(out, "a basic fault");
    if (format === "json") for (const line of out.trim().split("\n")) JSON.parse(line);
  }
});

/** Everything that can be sent with a secret in it, and with what might make a line of one's own. */
function hostileRequests(secret: string, port: string): readonly string[] {
  const json = JSON.stringify({ title: "x", password: `${secret}-body` });
  const lines = (first: string, more: string, body = ""): string =>
    `${first} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
  return [
    lines("GET /queue", `Authorization: Bearer ${secret}\r\n`),
    lines("GET /queue", `Authorization: Basic ${Buffer.from(`me:${secret}`).toString("base64")}\r\n`),
    lines("POST /incidents", `Cookie: session=${secret}\r\nContent-Type: application/json\r\n`, json),
    lines(`GET /queue?token=${secret}`, ""),
    lines(`GET /nowhere?password=${secret}`, ""),
    lines(`POST /compat/ucar/il_${secret}/incidents/`, "Content-Type: application/json\r\n", json),
    lines(`GET /compat/ucar/il_${secret}/nowhere`, ""),
    lines(`GET /compat/nope/il_${secret}/x`, ""),
    lines("GET /queue", `X-Request-Id: forged\tline {"level":60} ${secret}\r\n`),
    lines("GET /nowhere%0a%7b%22level%22:60%7d", ""),
    lines("GET /nowhere\x1b[2J", ""),
    lines("GET /queue", `X-Forwarded-For: ${secret}\r\nUser-Agent: ${secret}\r\nReferer: https://x/${secret}\r\n`),
    `NONSENSE ${secret}\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\nX-Bad\x00: ${secret}\r\n\r\n`,
    `GET / HTTP/1.1\r\nX-Long: ${secret.repeat(2000)}\r\n\r\n`,
    lines("POST /incidents", `Authorization: Bearer ${secret}\r\nContent-Type: text/${secret}\r\n`, json),
  ];
}

function send(port: string, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(bytes, "latin1"));
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.on("close", () => resolve());
  });
}

for (const format of ["json", "pretty"]) {
  it(`are in no line of a service that logs everything (${format}), and nobody writes a line of their own`, async () => {
    const data_dir = freshDirectory();
    const flags = ["--log-level", "trace", "--log-format", format, "--dialect", "ucar"];
    const service = await startService(data_dir, ...flags);
    const { port } = new URL(service.address);
    const secret = "Zx9-hush-hush-Zx9";
    const requests = hostileRequests(secret, port);
    for (const request of requests) await send(port, request);
    await service.ask("GET", "/queue");
    await service.end("SIGTERM");
    const text = service.log();
    const key = readFileSync(join(data_dir, "admin.key"), "utf8").trim();
    for (const hidden of [secret, key, Buffer.from(`me:${secret}`).toString("base64")]) assert.not.match(text, hidden);
    assert.not.match(text, /(?![\n\t])[\p{Cc}\u2028\u2029]/u);
    assert.not.match(text, /forged/);
    if (format !== "json") return;
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly level: number; readonly msg: string });
    assert.ok(lines.filter(({ msg }) => msg === "refused" || msg === "answered").length >= 10);
    assert.ok(lines.every(({ level }) => level < 60));
  });
}
