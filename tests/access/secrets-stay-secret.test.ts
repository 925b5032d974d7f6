import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { pino } from "pino";
import * as assert from "uvu/assert";
import { readConfig } from "../../src/config.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { openService, type Service } from "../../src/service.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { openPostOffice, type PostOffice } from "../support/post-office.ts";
import { runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("secrets");

const admin_key = "admin-key-of-this-story";
const signing_secret = "signing-secret-of-this-story-".repeat(2);
const patience = { timeout_ms: 120_000 };

interface Answer {
  readonly what: string;
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** Status line, headers and body. */
  readonly whole: string;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE" | "PUT";

/** A service on a real directory, everything that it said, and every secret that there was. */
class Story {
  readonly data_dir: string;
  readonly lines: string[];
  readonly answers: Answer[] = [];
  /** Each secret, and the answers that may have it. */
  readonly secrets = new Map<string, Answer[]>();
  readonly post: PostOffice;
  readonly service: Service;

  private constructor(post: PostOffice, data_dir: string, lines: string[], service: Service) {
    this.post = post;
    this.data_dir = data_dir;
    this.lines = lines;
    this.service = service;
    for (const secret of [admin_key, signing_secret]) this.keep(secret);
  }

  static async begin(): Promise<Story> {
    const post = await openPostOffice();
    const data_dir = temporaryDirectory();
    const lines: string[] = [];
    const config = readConfig({
      DATA_DIR: data_dir,
      ADMIN_API_KEY: admin_key,
      SECRET_KEY: signing_secret,
      SMTP_URL: post.url,
      SMTP_FROM: "ledger@example.com",
      DIALECTS: "ucar",
      RATE_LIMIT_UNAUTHENTICATED: "0",
    });
    // As it is written, before anything is masked.
    const logger = pino({ level: "trace" }, { write: (line) => lines.push(line) });
    const about = { name: "test", version: "0" };
    return new Story(post, data_dir, lines, await openService({ config, runtime: systemRuntime(), logger, about }));
  }

  async ask(
    method: Method,
    url: string,
    {
      body,
      raw,
      credential,
      headers = {},
    }: { body?: object; raw?: string; credential?: string; headers?: object } = {},
  ): Promise<Answer> {
    const answer = await this.service.app.inject({
      method,
      url,
      headers: {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(raw === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(raw === undefined ? (body === undefined ? {} : { payload: body }) : { payload: raw }),
    });
    const told = {
      what: `${method} ${url} ${answer.statusCode}`,
      status: answer.statusCode,
      json: jsonOf(answer.body),
      whole: `${JSON.stringify(answer.headers)}\n${answer.body}`,
    };
    this.answers.push(told);
    return told;
  }

  /** Notes a secret, and the one answer that creates it. */
  keep(secret: unknown, giver?: Answer): string {
    const text = String(secret);
    assert.ok(text.length >= 8, `${giver?.what} gave ${text}`);
    this.secrets.set(text, [...(this.secrets.get(text) ?? []), ...(giver === undefined ? [] : [giver])]);
    return text;
  }

  async login(email: string, password: string): Promise<{ access: string; refresh: string }> {
    const answer = await this.ask("POST", "/auth/login", { body: { email, password } });
    assert.is(answer.status, 200, answer.whole);
    const device = /il_device=([^;]+)/.exec(answer.whole)?.[1];
    this.keep(device, answer);
    return this.tokens(answer);
  }

  tokens(answer: Answer): { access: string; refresh: string } {
    const { access_token, refresh_token } = answer.json;
    return { access: this.keep(access_token, answer), refresh: this.keep(refresh_token, answer) };
  }

  /** The answers, other than the one that creates it, that have a secret. */
  *leaks(): Generator<string> {
    const log = this.lines.join("");
    for (const [secret, givers] of this.secrets) {
      for (const form of formsOf(secret)) {
        if (log.includes(form)) yield `${form} is in the log`;
        for (const answer of this.answers) {
          if (givers.includes(answer) && form === secret) continue;
          if (answer.whole.includes(form)) yield `${form} is in the answer to ${answer.what}`;
        }
      }
    }
  }
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** A secret as it is, and the hashes by which it might be found. */
function formsOf(secret: string): readonly string[] {
  const digest = createHash("sha256").update(secret).digest();
  return [secret, digest.toString("hex"), digest.toString("base64url"), digest.toString("base64")];
}

function tokenIn(mail: string | undefined): string {
  const text = (mail ?? "").replace(/=\r\n/g, "").replace(/=3D/g, "=");
  return /#(il_link_[\w-]{43})/.exec(text)?.[1] ?? "";
}

/** Every sort of mistake by which a secret is sent where it does not belong. */
async function hostileRequests(story: Story, secret: string): Promise<void> {
  const json = JSON.stringify({ email: "ana@example.com", password: secret });
  await story.ask("POST", "/auth/login", { raw: json.slice(0, -1) });
  await story.ask("POST", "/auth/login", { raw: `${json}${secret}` });
  await story.ask("POST", "/auth/login", { body: { email: secret, password: secret } });
  await story.ask("POST", "/auth/login", { body: { email: "nobody@example.com", password: secret } });
  await story.ask("POST", "/auth/login", { body: { email: ["x"], password: [secret] } });
  await story.ask("POST", "/auth/login", { raw: json, headers: { "content-type": "text/plain" } });
  await story.ask("POST", "/auth/refresh", { body: { refresh_token: secret } });
  await story.ask("POST", "/auth/logout", { body: { refresh_token: secret } });
  await story.ask("POST", "/auth/accept", { body: { token: secret, password: `${secret}-and-more` } });
  await story.ask("POST", "/auth/accept", { body: { token: "il_link_x", password: secret } });
  await story.ask("POST", "/auth/recover", { body: { email: secret } });
  await story.ask("POST", "/users", {
    credential: admin_key,
    body: { email: "x@example.com", role: "viewer", password: secret.slice(0, 3), token: secret },
  });
  await story.ask("POST", "/users", { credential: admin_key, body: { email: "x@example.com", role: secret } });
  await story.ask("POST", "/incidents", { credential: admin_key, body: { title: "x", team: 7, api_key: secret } });
  await story.ask("GET", `/queue?token=${encodeURIComponent(secret)}`);
  await story.ask("GET", `/queue?access_token=${encodeURIComponent(secret)}`, { credential: admin_key });
  await story.ask("GET", `/audit?cursor=${encodeURIComponent(secret)}`, { credential: admin_key });
  await story.ask("GET", `/compat/ucar/${encodeURIComponent(secret)}/incidents/`);
  for (const authorization of [`Basic ${secret}`, `bearer  ${secret} x`, `Bearer ${secret}x`, secret]) {
    await story.ask("GET", "/queue", { headers: { authorization } });
    await story.ask("GET", "/auth/me", { headers: { authorization } });
  }
  await story.ask("GET", "/queue", { headers: { cookie: `il_device=${secret}; session=${secret}`, referer: secret } });
}

it(
  "are in nothing but the one answer that creates them, and no file has them as they are",
  async () => {
    const story = await Story.begin();
    const { post } = story;
    const [first, second, third] = [
      "nine otters in a brook",
      "a ladder, a lantern, a lake",
      "under the elm at night",
    ].map((password) => story.keep(password)) as [string, string, string];
    const wrong = story.keep("a password that is wrong");
    const as_admin = { credential: admin_key };

    // Users: one with a password, one who is invited and recovers it later.
    const bo = { email: "bo.unmistakable@example.com", role: "admin", full_name: "Bo Unmistakable", password: first };
    assert.is((await story.ask("POST", "/users", { ...as_admin, body: bo })).status, 201);
    const ana = { email: "ana@example.com", role: "responder", phone: "+49 30 1" };
    const added = await story.ask("POST", "/users", { ...as_admin, body: ana });
    const invitation = story.keep(String(added.json.invitation_link).split("#")[1], added);
    const again = await story.ask("POST", "/users/2/invite", as_admin);
    const invitation_again = story.keep(String(again.json.invitation_link).split("#")[1], again);
    await story.ask("POST", "/auth/accept", { body: { token: invitation, password: first } });
    await story.ask("POST", "/auth/accept", { body: { token: invitation_again, password: "short" } });
    const body = { token: invitation_again, password: first, full_name: "Ana Ng" };
    assert.is((await story.ask("POST", "/auth/accept", { body })).status, 200);

    // Signing in, refreshing, one token used twice, another password, a recovery.
    await story.ask("POST", "/auth/login", { body: { email: "ana@example.com", password: wrong } });
    const one = await story.login("ana@example.com", first);
    const refreshed = story.tokens(await story.ask("POST", "/auth/refresh", { body: { refresh_token: one.refresh } }));
    await story.ask("POST", "/auth/refresh", { body: { refresh_token: one.refresh } });
    await story.ask("GET", "/auth/me", { credential: refreshed.access });
    const two = await story.login("ana@example.com", first);
    for (const current_password of [wrong, first]) {
      await story.ask("POST", "/auth/password", {
        credential: two.access,
        body: { current_password, new_password: second },
      });
    }
    await story.ask("GET", "/auth/sessions", { credential: two.access });
    const mailed = post.mails.length;
    for (const email of ["ana@example.com", "nobody@example.com"]) {
      assert.is((await story.ask("POST", "/auth/recover", { body: { email } })).status, 202);
    }
    await post.until(mailed + 1);
    let recovery = "";
    while (recovery === "") {
      recovery = post.mails.map(tokenIn).find((token) => ![invitation, invitation_again, ""].includes(token)) ?? "";
      if (recovery === "") await new Promise((resolve) => setTimeout(resolve, 10));
    }
    story.keep(recovery);
    assert.is((await story.ask("POST", "/auth/accept", { body: { token: recovery, password: third } })).status, 200);
    const three = await story.login("ana@example.com", third);
    const boss = await story.login(bo.email, first);
    await story.ask("PATCH", "/users/2", { credential: boss.access, body: { email: "ana@example.org" } });

    // Keys: made, used, rotated, used old and new, revoked, and one of a dialect.
    const made = await story.ask("POST", "/keys", {
      credential: boss.access,
      body: { name: "monitor", role: "responder" },
      headers: { "idempotency-key": "k1" },
    });
    const key = story.keep(made.json.key, made);
    await story.ask("POST", "/keys", {
      credential: boss.access,
      body: { name: "monitor", role: "responder" },
      headers: { "idempotency-key": "k1" },
    });
    assert.is((await story.ask("POST", "/incidents", { credential: key, body: { title: "Disk full" } })).status, 201);
    const rotated = await story.ask("POST", "/keys/1/rotate", as_admin);
    const new_key = story.keep(rotated.json.key, rotated);
    for (const credential of [key, new_key]) {
      assert.is((await story.ask("GET", "/queue", { credential })).status, 200);
      assert.is((await story.ask("GET", "/users", { credential })).status, 403);
    }
    const old_clients = await story.ask("POST", "/keys", {
      ...as_admin,
      body: { name: "old clients", role: "admin", dialect: "ucar" },
    });
    const ucar_key = story.keep(old_clients.json.key, old_clients);
    await story.ask("DELETE", "/keys/1/previous", as_admin);
    await story.ask("DELETE", "/keys/1", as_admin);
    assert.is((await story.ask("GET", "/queue", { credential: new_key })).status, 401);

    const every = [first, third, wrong, invitation, recovery, one.refresh, three.refresh, three.access, key, ucar_key];
    for (const secret of every) await hostileRequests(story, secret);

    // Signing out, and an erasure.
    await story.ask("POST", "/auth/logout", { credential: three.access });
    assert.is((await story.ask("DELETE", "/users/1?erase=true", as_admin)).status, 200);
    for (const url of [
      "/users",
      "/users/1",
      "/users/2",
      "/keys",
      "/keys/1",
      "/events?limit=1000",
      "/audit?limit=1000",
      "/audit?format=csv",
      "/audit?format=ndjson",
      "/statistics?format=csv",
      "/metrics",
      "/health",
      "/openapi.json",
      "/incidents/1/timeline",
    ]) {
      const shown = await story.ask("GET", url, as_admin);
      assert.is(shown.status, 200, shown.whole.slice(0, 500));
      assert.not.match(shown.whole, /unmistakable|\$argon2/i, url);
    }
    await post.until(4);
    await story.service.close();
    await post.close();

    assert.equal([...story.leaks()], []);
    const said = story.lines.join("");
    assert.not.match(said, /\$argon2|ana@example|unmistakable/i);
    for (const answer of story.answers) assert.not.match(answer.whole, /\$argon2/, answer.what);

    // The mails have links and nothing else that opens a door.
    const links = [invitation, invitation_again, recovery];
    for (const secret of story.secrets.keys()) {
      if (!links.includes(secret)) for (const mail of post.mails) assert.not(mail.includes(secret), secret);
    }

    // What the command line says and exports.
    const { data_dir } = story;
    const printed: string[] = [];
    for (const args of [
      ["export", "--data-dir", data_dir],
      ["key", "list", "--data-dir", data_dir],
      ["user", "list", "--data-dir", data_dir],
      ["verify", "--data-dir", data_dir],
    ]) {
      const { code, stdout, stderr } = await runCli(args);
      assert.is(code, 0, `${args.join(" ")}: ${stderr}`);
      printed.push(stdout, stderr);
    }
    for (const secret of story.secrets.keys()) {
      for (const form of formsOf(secret))
        assert.not(printed.join("").includes(form), `the command line printed ${form}`);
    }
    assert.not.match(printed.join(""), /\$argon2|unmistakable/i);

    // And the files, whatever is in them.
    for (const file of filesUnder(data_dir)) {
      const bytes = readFileSync(file);
      for (const secret of story.secrets.keys()) assert.not(bytes.includes(secret), `${file} has ${secret}`);
      for (const trace of [bo.email, bo.full_name]) assert.not(bytes.includes(trace), `${file} has ${trace}`);
    }
    const database = new Database(join(data_dir, "vault.db"), { readonly: true });
    const records = database.prepare("SELECT * FROM access_log").all();
    database.close();
    assert.ok(records.length > 5);
    assert.not.match(JSON.stringify(records), /@|il_[a-z]|eyJ/);
  },
  patience,
);

function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory)
    .map((name) => join(directory, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]));
}
