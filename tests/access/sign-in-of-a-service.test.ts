import { pino } from "pino";
import * as assert from "uvu/assert";
import { readConfig } from "../../src/config.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { openService, type Service } from "../../src/service.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { openPostOffice } from "../support/post-office.ts";
import { suite } from "../support/suite.ts";

const it = suite("signing in to a whole service");

const admin_key = "admin-key-of-this-test";
const password = "seven herons on a roof";
const next = "a kettle, a comet, a coat";

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

function asking({ app }: Service) {
  return async (method: "GET" | "POST", url: string, body?: object, credential?: unknown): Promise<Answer> => {
    const answer = await app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: body }),
      ...(credential === undefined ? {} : { headers: { authorization: `Bearer ${String(credential)}` } }),
    });
    return { status: answer.statusCode, json: JSON.parse(answer.body) };
  };
}

/** The token of the link in a mail, whose lines may have been broken for the way. */
function tokenIn(mail: string | undefined): string {
  return /#(il_link_[\w-]{43})/.exec((mail ?? "").replace(/=\r\n/g, "").replace(/=3D/g, "="))?.[1] ?? "";
}

it(
  "goes from the first invitation over a mailed recovery to another secret, and logs no secret",
  async () => {
    const post = await openPostOffice();
    const lines: string[] = [];
    const data_dir = temporaryDirectory();
    const open = (SECRET_KEY: string | undefined) => {
      const given = {
        DATA_DIR: data_dir,
        ADMIN_API_KEY: admin_key,
        SMTP_URL: post.url,
        SMTP_FROM: "ledger@example.com",
      };
      const config = readConfig({ ...given, SECRET_KEY });
      const logger = pino({ level: "trace" }, { write: (line) => lines.push(line) });
      return openService({ config, runtime: systemRuntime(), logger, about: { name: "test", version: "0" } });
    };
    let service = await open(undefined);
    let ask = asking(service);
    const added = await ask("POST", "/users", { email: "ana@example.com", role: "responder" }, admin_key);
    assert.is(added.status, 201, JSON.stringify(added.json));
    await post.until(1);
    const invitation = tokenIn(post.mails[0]);
    assert.is(String(added.json.invitation_link).split("#")[1], invitation);
    assert.is((await ask("POST", "/auth/accept", { token: invitation, password, full_name: "Ana Ng" })).status, 200);
    const first = (await ask("POST", "/auth/login", { email: "ana@example.com", password })).json;
    assert.is((await ask("GET", "/auth/me", undefined, first.access_token)).json.name, "Ana Ng");
    await post.until(2);

    assert.is((await ask("POST", "/auth/recover", { email: "Ana@example.com" })).status, 202);
    await post.until(3);
    const recovery = tokenIn(post.mails[2]);
    assert.is((await ask("POST", "/auth/accept", { token: recovery, password: next })).status, 200);
    assert.is((await ask("GET", "/auth/me", undefined, first.access_token)).status, 401);
    await post.until(4);
    let { access_token, refresh_token } = (
      await ask("POST", "/auth/login", { email: "ana@example.com", password: next })
    ).json;

    const [one, two] = ["first-secret-".repeat(4), "second-secret-".repeat(4)];
    for (const [secret, isStillGood] of [
      [one, true],
      [`${two},${one}`, true],
      [two, true],
      [one, false],
    ] as const) {
      await service.close();
      service = await open(secret);
      ask = asking(service);
      const me = await ask("GET", "/auth/me", undefined, access_token);
      assert.is(me.status, isStillGood ? 200 : 401, secret);
      const refreshed = await ask("POST", "/auth/refresh", { refresh_token });
      assert.is(refreshed.status, 200, "nobody is signed out");
      ({ access_token, refresh_token } = refreshed.json);
      assert.is((await ask("GET", "/auth/me", undefined, access_token)).status, 200);
    }
    const secrets = [password, next, invitation, recovery, access_token, refresh_token, first.access_token, one, two];
    for (const secret of secrets) assert.not(lines.join("").includes(String(secret)), String(secret));
    assert.not(lines.join("").includes("ana@example.com"));
    await service.close();
    await post.close();
  },
  { timeout_ms: 60_000 },
);

it("answers who asks for a recovery alike when the mail server is dead, and says in the log that mails are not sent", async () => {
  const post = await openPostOffice();
  await post.close();
  const lines: string[] = [];
  const logger = pino({ level: "info" }, { write: (line) => lines.push(line) });
  const given = { DATA_DIR: temporaryDirectory(), ADMIN_API_KEY: admin_key, SMTP_FROM: "ledger@example.com" };
  const config = readConfig({ ...given, SMTP_URL: post.url });
  const service = await openService({
    config,
    runtime: systemRuntime(),
    logger,
    about: { name: "test", version: "0" },
  });
  const ask = asking(service);
  const body = { email: "ana@example.com", role: "responder", password };
  assert.is((await ask("POST", "/users", body, admin_key)).status, 201);
  const known = await ask("POST", "/auth/recover", { email: "ana@example.com" });
  const unknown = await ask("POST", "/auth/recover", { email: "nobody@example.com" });
  assert.equal([known.status, known.json], [202, unknown.json]);
  while (!lines.some((line) => line.includes("A mail could not be sent yet"))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.not(lines.join("").includes("ana@example.com"));
  await service.close();
});
