import * as assert from "uvu/assert";
import { suite } from "../../../support/suite.ts";
import { type Answer, type Call, callerOf, codeOf, faultsOf, type Request, rowsOf } from "../../support/client.ts";
import type { Json } from "../../support/json.ts";
import { integrationKey, openNode, type TestNode, ucarKey, viewerKey } from "../../support/node.ts";

const it = suite("the audit of access");
let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode({ dialects: ["ucar"], dialects_open: false });
  call = callerOf(node.app);
});
// Closing holds every answer against the documentation.
it.after.each(() => node.close());

// The node of the tests has keys up to number 10 on record; the first that a test makes is number 11.
const password = "seven herons on a roof";

async function audit(query = "", request: Request = {}): Promise<readonly Json[]> {
  const answer = await call("GET", `/audit?${query}`, request);
  assert.is(answer.status, 200, answer.text);
  return rowsOf(answer, "audit");
}

async function done(status: number, answer: Promise<Answer>): Promise<Answer> {
  const { status: answered, text } = await answer;
  assert.is(answered, status, text);
  return answer;
}

/** A user with a password, and how they sign in. */
async function newUser(email: string, role = "responder"): Promise<{ authorization: string }> {
  await done(201, call("POST", "/users", { body: { email, role, full_name: "Ana Ng", password } }));
  const signed_in = await done(200, call("POST", "/auth/login", { body: { email, password }, address: "192.0.2.7" }));
  return { authorization: `Bearer ${String(signed_in.json.access_token)}` };
}

it("tells who did what to users and keys, by their names of today, with the position in the ledger", async () => {
  await newUser("ana@example.com");
  await done(200, call("PATCH", "/users/1", { body: { role: "manager", teams: ["default"], active: false } }));
  await done(201, call("POST", "/keys", { body: { name: "monitor", role: "integration", teams: ["default"] } }));
  await done(200, call("POST", "/keys/11/rotate"));
  await done(200, call("DELETE", "/keys/11"));
  const rows = await audit("source=ledger");
  assert.equal(
    rows.map(({ sentence }) => sentence),
    [
      "The key monitor was revoked by the administrator's key.",
      "The key monitor was given a new secret by the administrator's key.",
      "The key monitor was made as integration in default by the administrator's key.",
      "Ana Ng was deactivated by the administrator's key.",
      "The role of Ana Ng was made to count in default by the administrator's key.",
      "Ana Ng was given the role manager by the administrator's key.",
      "Ana Ng was added as responder everywhere by the administrator's key.",
    ],
  );
  const { at, last_at, position, ...created } = rows.at(-1) ?? {};
  assert.equal(created, {
    ...{ source: "ledger", kind: "user.created", count: 1, actor: "admin", name: "the administrator's key" },
    ...{ sentence: "Ana Ng was added as responder everywhere by the administrator's key.", user_id: 1, key_id: null },
    ...{ address: null, user_agent: null, route: null, status: null, detail: null, id: null },
  });
  assert.is(at, last_at);
  const [event] = rowsOf(await call("GET", "/events?type=user.created"), "events");
  assert.equal([position, at], [event?.position, event?.recorded_at]);
});

it("tells who came in and who was turned away, and from where", async () => {
  const ana = await newUser("ana@example.com");
  await done(401, call("POST", "/auth/login", { body: { email: "ana@example.com", password: "wrong" } }));
  await done(401, call("POST", "/auth/login", { body: { email: "nobody@example.com", password: "wrong" } }));
  const headers = { authorization: "Bearer il_nobody", "user-agent": "curl/8.5.0" };
  await done(401, call("GET", "/incidents/4711?q=hush", { headers, address: "192.0.2.9" }));
  await done(401, call("GET", "/queue", { headers: { authorization: null } }));
  await done(403, call("GET", "/users", { headers: ana }));
  await done(403, call("POST", "/teams", { headers: ana, body: { team: "x" } }));
  await done(403, call("GET", "/auth/sessions", { headers: { authorization: `Bearer ${viewerKey}` } }));
  const rows = await audit("source=access-log");
  const shown = rows.map(({ kind, actor, route, status, address }) => [kind, actor, route, status, address].join(" "));
  assert.equal(shown, [
    "refused key:10 GET /auth/sessions 403 127.0.0.1",
    "key-first-used-from key:10   127.0.0.1",
    "refused user:1 POST /teams 403 127.0.0.1",
    "refused user:1 GET /users 403 127.0.0.1",
    "refused  GET /incidents/:id 401 192.0.2.9",
    "sign-in-failed    127.0.0.1",
    "sign-in-failed user:1   127.0.0.1",
    "sign-in user:1   192.0.2.7",
    "key-first-used-from admin   127.0.0.1",
  ]);
  assert.not.match(JSON.stringify(rows), /hush|4711|nobody|@|wrong/);
  assert.is(rows[4]?.user_agent, "curl/8.5.0");
  assert.is(rows[4]?.sentence, "Somebody unknown was refused GET /incidents/:id with 401.");
});

it("tells of a bulk request in which somebody lacked a right", async () => {
  await done(201, call("POST", "/teams", { body: { name: "network" } }));
  await done(201, call("POST", "/incidents", { body: { title: "x", team: "network" } }));
  const body = { email: "ana@example.com", role: "responder", teams: ["default"], password };
  await done(201, call("POST", "/users", { body }));
  const { json } = await done(200, call("POST", "/auth/login", { body: { email: body.email, password } }));
  const headers = { authorization: `Bearer ${String(json.access_token)}` };
  await done(200, call("POST", "/incidents/bulk", { headers, body: { action: "close", ids: [1] } }));
  const [row] = await audit("kind=refused");
  assert.equal([row?.actor, row?.route, row?.status], ["user:1", "POST /incidents/bulk", 403]);
});

it("tells which fields of a user were changed, and nothing of what is in them", async () => {
  await newUser("ana@example.com");
  await done(200, call("PATCH", "/users/1", { body: { email: "bo@example.com", phone: "+49 30 1" } }));
  await done(200, call("PATCH", "/users/1", { body: { full_name: "Bo Lee" } }));
  const rows = await audit("kind=user-edited");
  const sentences = rows.map(({ sentence }) => sentence);
  assert.equal(sentences, [
    "The administrator's key changed full_name of Bo Lee.",
    "The administrator's key changed email, phone of Bo Lee.",
  ]);
  assert.is(rows[0]?.user_id, 1);
  assert.not.match(JSON.stringify(rows), /example\.com|\+49/);
});

it("tells of what dialects refuse, without the key in the path", async () => {
  await done(
    401,
    call("GET", "/compat/ucar/il_nobody-knows-this-key/incidents/", { headers: { authorization: null } }),
  );
  const [row] = await audit("kind=refused");
  assert.is(row?.route, "GET /compat/ucar/incidents/");
  await done(200, call("GET", `/compat/ucar/${ucarKey}/incidents/`, { headers: { authorization: null } }));
  const [first] = await audit("kind=key-first-used-from&key_id=8");
  assert.is(first?.actor, "key:8");
  assert.not.match(JSON.stringify(await audit()), /il_/);
});

it("names the key that was refused because it is over, or for something else, wherever it was shown", async () => {
  const soon = () => new Date(Date.now() + 1000).toISOString();
  const made = async (more: Json) => {
    const body = { name: "monitor", role: "viewer", ...more };
    return String((await done(201, call("POST", "/keys", { body }))).json.key);
  };
  const keys = [
    [await made({ expires_at: soon() }), await made({ dialect: "ucar", expires_at: soon() })],
    [await made({}), await made({ dialect: "ucar" })],
  ] as const;
  await new Promise((resolve) => setTimeout(resolve, 1050));
  await done(200, call("DELETE", "/keys/13"));
  await done(200, call("DELETE", "/keys/14"));
  for (const [own, ucar] of keys) {
    await done(401, call("GET", "/queue", { headers: { authorization: `Bearer ${own}` } }));
    await done(401, call("GET", `/compat/ucar/${ucar}/incidents/`, { headers: { authorization: null } }));
    // A key of the one is none of the other.
    await done(401, call("GET", `/compat/ucar/${own}/incidents/9`, { headers: { authorization: null } }));
    await done(401, call("GET", "/users", { headers: { authorization: `Bearer ${ucar}` } }));
  }
  const rows = await audit("kind=refused");
  const shown = rows.map(({ actor, route, status }) => [actor, route, status].join(" ")).sort();
  assert.equal(shown, [
    ...["key:11 GET /compat/ucar/incidents/:incident_id 401", "key:11 GET /queue 401"],
    ...["key:12 GET /compat/ucar/incidents/ 401", "key:12 GET /users 401"],
    ...["key:13 GET /compat/ucar/incidents/:incident_id 401", "key:13 GET /queue 401"],
    ...["key:14 GET /compat/ucar/incidents/ 401", "key:14 GET /users 401"],
  ]);
  assert.is(rows[0]?.sentence, "Monitor was refused GET /users with 401.");
  assert.not.match(JSON.stringify(rows), /il_/);
});

it("tells of who asked too often, and can be asked for that alone", async () => {
  const limited = await openNode({ config: { rate_limit: 2 } });
  const ask = callerOf(limited.app);
  const headers = { authorization: `Bearer ${viewerKey}` };
  for (let count = 0; count < 5; count += 1) await ask("GET", count === 3 ? "/teams" : "/queue", { headers });
  const rows = rowsOf(await ask("GET", "/audit?kind=rate-limited"), "audit");
  await limited.close();
  const { kind, actor, count, status, route, sentence } = rows[0] ?? {};
  assert.equal([rows.length, kind, actor, count, status, route], [1, "rate-limited", "key:10", 3, 429, null]);
  assert.is(sentence, "Key 10 asked more often than the limits allow, 3 times.");
});

it("shows who was erased by their number, and nothing of where they were", async () => {
  await newUser("ana@example.com");
  await done(200, call("DELETE", "/users/1?erase=true"));
  const rows = await audit("user_id=1");
  const shown = rows.map(({ kind, name, address }) => `${kind} ${name} ${address}`);
  assert.equal(shown, [
    "user.erased the administrator's key null",
    "sign-in erased user 1 null",
    "user.created the administrator's key null",
  ]);
  assert.is(rows[0]?.sentence, "Erased user 1 was erased by the administrator's key.");
  assert.not.match(JSON.stringify(rows), /Ana|192\.0\.2\.7/);
});

it("is told for administrators only", async () => {
  for (const key of [viewerKey, integrationKey, "il_nobody"]) {
    const answer = await call("GET", "/audit", { headers: { authorization: `Bearer ${key}` } });
    assert.is(answer.status, key === "il_nobody" ? 401 : 403);
  }
  const manager = await newUser("ana@example.com", "manager");
  assert.is((await call("GET", "/audit", { headers: manager })).status, 403);
  const admin = await newUser("bo@example.com", "admin");
  assert.is((await call("GET", "/audit", { headers: admin })).status, 200);
});

it("comes in pages of both sources in one order, each row once, whatever happens meanwhile", async () => {
  for (let number = 1; number <= 9; number += 1) await newUser(`user${number}@example.com`);
  const expected = await audit("limit=1000");
  assert.is(expected.length, 9 + 9 + 1);
  const times = expected.map(({ at }) => String(at));
  assert.equal(times, [...times].sort().reverse());
  const rows: Json[] = [];
  let url: string | undefined = "/audit?limit=4&count=true";
  while (url !== undefined) {
    const answer = await call("GET", url);
    rows.push(...rowsOf(answer, "audit"));
    if (rows.length === 4) assert.is(answer.json.total, 19);
    url = /<([^>]+)>; rel="next"/.exec(String(answer.headers.link))?.[1];
    assert.is(answer.json.next_cursor === null, url === undefined);
    await done(201, call("POST", "/keys", { body: { name: "meanwhile", role: "viewer" } }));
    await done(401, call("GET", "/queue", { headers: { authorization: "Bearer nobody" } }));
  }
  assert.equal(rows, expected);
});

it("gives what is asked for", async () => {
  const ana = await newUser("ana@example.com", "admin");
  await done(201, call("POST", "/keys", { headers: ana, body: { name: "monitor", role: "viewer" } }));
  await done(200, call("DELETE", "/keys/11"));
  const shown = async (query: string) => (await audit(query)).map(({ kind }) => kind).join();
  assert.is(await shown("actor=user:1"), "key.created,sign-in");
  assert.is(await shown("user_id=1"), "key.created,sign-in,user.created");
  assert.is(await shown("key_id=11"), "key.revoked,key.created");
  assert.is(await shown("kind=sign-in,USER.created"), "sign-in,user.created");
  assert.is(await shown("source=ledger&kind=sign-in"), "");
  assert.is(await shown("source=Access-Log"), "sign-in,key-first-used-from");
  assert.is(await shown("from=2999-01-01T00:00:00Z"), "");
  assert.is(await shown("to=2001-01-01T00:00:00Z"), "");
  assert.is((await audit("from=2001-01-01T00:00:00%2B01:00")).length, 5);
  for (const [query, fault] of [
    ["kind=nothing", "kind"],
    ["source=nowhere", "source"],
    ["user_id=0", "user_id"],
    ["from=yesterday", "from"],
    ["from=2002-01-01T00:00:00Z&to=2001-01-01T00:00:00Z", "from"],
    ["cursor=x", "cursor"],
    ["as_of=1", "as_of"],
    ["format=csv&cursor=x", "cursor"],
    ["format=ndjson&count=true", "count"],
  ]) {
    const answer = await call("GET", `/audit?${query}`);
    assert.is(codeOf(answer), "validation-failed", query);
    assert.equal(faultsOf(answer), [fault], query);
  }
});

it("is exported whole, as NDJSON and as CSV in which nothing is a formula", async () => {
  const body = { email: "ana@example.com", role: "viewer", full_name: '=HYPERLINK("http://x","y")', password };
  await done(201, call("POST", "/users", { body }));
  const login = { email: body.email, password };
  await done(200, call("POST", "/auth/login", { body: login, headers: { "user-agent": "@SUM(1+1)|cmd" } }));
  const rows = await audit("limit=1000");
  const lines = await call("GET", "/audit?format=ndjson");
  assert.is(lines.headers["content-type"], "application/x-ndjson");
  assert.equal(
    lines.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    rows,
  );
  for (const csv of [
    await call("GET", "/audit?format=csv"),
    await call("GET", "/audit", { headers: { accept: "text/csv" } }),
  ]) {
    assert.match(String(csv.headers["content-type"]), /^text\/csv/);
    assert.match(String(csv.headers["content-disposition"]), 'filename="audit.csv"');
    assert.is(csv.text.split("\r\n").length, 1 + rows.length + 1);
    assert.ok(csv.text.startsWith(`${Object.keys(rows[0] ?? {}).join(",")}\r\n`));
    assert.not.match(csv.text, /(?:^|,)"?[=@+]/m);
    assert.match(csv.text, `"'=HYPERLINK(""http://x"",""y"")"`);
    assert.match(csv.text, "'@SUM(1+1)|cmd");
  }
});

it("does not make the ledger longer, whatever strangers try", async () => {
  await newUser("ana@example.com");
  const head = await call("GET", "/ledger/head");
  for (let count = 0; count < 200; count += 1) {
    const address = `10.0.0.${count}`;
    await call("GET", "/queue", { headers: { authorization: `Bearer nobody-${count}` }, address });
    await call("POST", "/auth/refresh", { body: { refresh_token: `il_refresh_${count}` }, address });
  }
  assert.is((await call("GET", "/ledger/head")).json.hash, head.json.hash);
  const rows = await audit("source=access-log&limit=1000");
  assert.ok(rows.length < 70, `${rows.length} rows`);
  const counts = rows.filter(({ kind }) => kind === "refused" || kind === "others").map(({ count }) => Number(count));
  assert.is(
    counts.reduce((sum, count) => sum + count),
    400,
  );
});
