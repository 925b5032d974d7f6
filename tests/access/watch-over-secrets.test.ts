import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import { SignJWT } from "jose";
import * as assert from "uvu/assert";
import { keyOf } from "../../src/access/api-key.ts";
import { refreshToken } from "../../src/access/refresh-token.ts";
import { adminKey, openNode, ucarKey } from "../http/support/node.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { leaks, produced } from "../support/produced/produced.ts";
import { secretsIn } from "../support/produced/secrets.ts";
import { runCli } from "../support/run-cli.ts";
import { startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("the watch over secrets that all tests run under");

const key = keyOf(randomBytes(32));
const kindsIn = (text: string) => secretsIn(text).map(({ kind }) => kind);
const random = (characters: number) => randomBytes(characters).toString("base64url").slice(0, characters);

it("knows every sort of secret by its form, wherever it stands", async () => {
  const secrets = {
    key,
    "admin key": `il_admin_${random(43)}`,
    link: `il_link_${random(43)}`,
    "refresh token": refreshToken(randomBytes),
    "access token": await new SignJWT({ sub: "1" }).setProtectedHeader({ alg: "HS256" }).sign(randomBytes(32)),
    "device mark": `il_device=${random(22)}.abc.${random(43)}`,
    "password hash": await hash("a password", { memoryCost: 8, timeCost: 1 }),
  };
  for (const [kind, secret] of Object.entries(secrets)) {
    for (const text of [secret, `${secret}monitor`, `{"x":"${secret}"}`, `/auth/link#${secret}\n`])
      assert.equal(kindsIn(text), [kind], text);
    assert.equal(secretsIn(Buffer.from(`\0${secret}\0`)).length, 1);
  }
});

it("takes no example, no id and no word for one", () => {
  const texts = [`il_refresh_${"k".repeat(86)}`, `il_${random(49)}`, "il_link_", "eyJ", "$argon2id$", random(90)];
  for (const text of texts) assert.equal(kindsIn(text), [], text);
});

it("sees what nodes answer, log and record, in their dialects too", async () => {
  const node = await openNode({ dialects: ["ucar"], dialects_open: false });
  const authorization = `Bearer ${adminKey}`;
  const report = { method: "POST", url: "/incidents", headers: { authorization }, payload: { title: key } } as const;
  assert.is((await node.app.inject(report)).statusCode, 201);
  await node.app.inject({ url: "/events?limit=10", headers: { authorization } });
  await node.app.inject({
    method: "POST",
    url: `/compat/ucar/${ucarKey}/incidents/`,
    payload: { description: key, source: "operator" },
  });
  for (const url of ["/queue", "/nowhere"]) {
    await node.app.inject({ url, headers: { authorization: "Bearer nobody", "x-request-id": key } });
  }
  node.app.log.info(`a line with ${key}`);
  node.app.log.info({ authorization }, "a line");
  const password = 'a "heron", a harbour';
  for (const more of [{}, { extra: 1 }]) {
    const payload = { email: "a@example.com", password, ...more };
    await node.app.inject({ method: "POST", url: "/auth/login", payload });
  }
  node.app.log.info({ password });
  await node.close();
  const all = new Set(leaks(100).map((leak) => leak.replace(/ has a secret, (\w+).*/, ": $1")));
  assert.equal([...all].sort(), [
    "a log line: credential",
    "a log line: key",
    "a log line: password",
    "the answer 200 to GET /events?limit=10: key",
    "the answer 201 to POST /compat/ucar/il_ucar-key-of-the-tests/incidents/: key",
    "the answer 201 to POST /incidents: key",
    "the answer 401 to GET /queue: key",
    "the answer 404 to GET /nowhere: key",
    "the ledger: key",
  ]);
});

it("sees what the command line prints and what files hold, and lets be created what is to be created", async () => {
  const data_dir = temporaryDirectory();
  const service = await startService(data_dir);
  const { code, stderr } = await runCli(["key", "create", "--data-dir", data_dir, "--name", "monitor"]);
  assert.is(code, 0, stderr);
  await service.end("SIGTERM");
  produced(key, "the answer that creates it", ["key"]);
  assert.equal(leaks(), []);

  const node = await openNode();
  const made = await node.app.inject({
    method: "POST",
    url: "/keys",
    headers: { authorization: `Bearer ${adminKey}` },
    payload: { name: "monitor", role: "viewer" },
  });
  assert.is(made.statusCode, 201);
  await node.close();
  assert.equal(leaks(), []);

  const elsewhere = temporaryDirectory();
  for (const name of ["export.ndjson", "vault.db", "admin.key"]) writeFileSync(join(elsewhere, name), `{"x":"${key}"}`);
  writeFileSync(join(temporaryDirectory(), "ledger.db"), await hash("a password", { memoryCost: 8, timeCost: 1 }));
  await runCli([key]);
  assert.equal(
    leaks()
      .map((leak) => leak.slice(0, leak.indexOf(" has ")))
      .sort(),
    [
      `what ${key} says`,
      "the file admin.key",
      "the file export.ndjson",
      "the file ledger.db",
      "the file vault.db",
    ].sort(),
  );
});
