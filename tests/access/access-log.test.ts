import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import type { AccessEntry } from "../../src/access/access-log.ts";
import { KeptAccessLog, type KeptAccessLogOptions } from "../../src/access/kept-access-log.ts";
import { limits } from "../../src/config.ts";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("the access log");
let test: VaultUnderTest;
let log: KeptAccessLog;
let troubles: string[];

it.before.each(() => {
  test = vaultUnderTest();
  troubles = [];
  log = openLog();
});
it.after.each(async () => {
  await log.close();
  await test.close();
});

const minute_ms = 60_000;
const day_ms = 24 * 60 * minute_ms;

function openLog(records: KeptAccessLogOptions["records"] = test.vault.access_records): KeptAccessLog {
  const onTrouble = (what: string) => troubles.push(what);
  return new KeptAccessLog({ records, runtime: test.runtime, days: 90, onTrouble });
}

function failed(more: Partial<AccessEntry> = {}): AccessEntry {
  return { kind: "sign-in-failed", address: "192.0.2.1", ...more };
}

const all = async () => log.page({}, null);
const kinds = async () => (await all()).map(({ kind, count }) => `${kind} ${count}`);

/** How many rows the file has, whatever waits in memory. */
function rowsInFile(): number {
  const database = new Database(test.file, { readonly: true });
  const rows = Number(database.prepare("SELECT count(*) FROM access_log").pluck().get());
  database.close();
  return rows;
}

it("says who, what, when and from where", async () => {
  log.record({ kind: "sign-in", actor: "user:7", address: "192.0.2.1", user_agent: "curl/8.5.0", detail: "a session" });
  const [record] = await all();
  assert.equal(record, {
    id: 1,
    kind: "sign-in",
    actor: "user:7",
    about_user: null,
    address: null,
    user_agent: null,
    route: null,
    status: null,
    detail: "a session",
    first_at: "2026-01-05T08:00:00.000Z",
    last_at: "2026-01-05T08:00:00.000Z",
    count: 1,
  });
  await test.vault.accounts.create({ email: "ana@example.com", at: test.runtime.instant });
  log.record({ kind: "sign-in", actor: "user:1", address: "192.0.2.1", user_agent: "curl/8.5.0" });
  const [{ address, user_agent } = { address: "", user_agent: "" }] = await all();
  assert.equal([address, user_agent], ["192.0.2.1", "curl/8.5.0"]);
});

it("counts the same thing within a minute as one, with its first and its last time", async () => {
  for (let count = 0; count < 5; count += 1) {
    log.record(failed());
    await test.runtime.pass(10_000);
  }
  log.record(failed({ address: "192.0.2.2" }));
  log.record(failed({ actor: "user:7" }));
  log.record({ kind: "refused", address: "192.0.2.1", route: "GET /queue", status: 401 });
  log.record({ kind: "refused", address: "192.0.2.1", route: "GET /users", status: 401 });
  const records = await all();
  assert.equal(records.map(({ count }) => count).sort(), [1, 1, 1, 1, 5]);
  const often = records.find(({ count }) => count === 5);
  assert.is(often?.first_at, "2026-01-05T08:00:00.000Z");
  assert.is(often?.last_at, "2026-01-05T08:00:40.000Z");
  await test.runtime.pass(minute_ms);
  log.record(failed());
  assert.is((await all()).length, 6);
});

it("counts addresses of one /64 as one network", async () => {
  for (let count = 1; count <= 5; count += 1) log.record(failed({ address: `2001:db8::${count}` }));
  assert.equal(await kinds(), ["sign-in-failed 5"]);
});

it("counts by the hour what goes on and on", async () => {
  // Six hours, an attempt every two seconds.
  for (let count = 0; count < 6 * 1800; count += 1) {
    log.record(failed());
    test.runtime.sleepThrough(2000);
  }
  const records = await all();
  assert.ok(records.length <= 12, `${records.length} rows`);
  assert.is(
    records.reduce((sum, { count }) => sum + count, 0),
    6 * 1800,
  );
});

it("begins only so many rows a minute for strangers, fewer if they go on, and counts the rest in one", async () => {
  for (let count = 0; count < 10_000; count += 1) log.record(failed({ address: `10.0.${count >> 8}.${count & 255}` }));
  const records = await all();
  assert.is(records.length, limits.access_log_stranger_rows + 1);
  const others = records.find(({ kind }) => kind === "others");
  assert.is(others?.count, 10_000 - limits.access_log_stranger_rows);
  assert.is(others?.address, null);
  // What is done to accounts and what those do who are known is seen all the same.
  log.record(failed({ actor: "user:7" }));
  log.record({ kind: "sign-in", actor: "user:7", address: "192.0.2.9" });
  assert.is((await all()).length, limits.access_log_stranger_rows + 3);

  // A day of it, a thousand networks a minute.
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    test.runtime.sleepThrough(minute_ms);
    for (let count = 0; count < 100; count += 1) log.record(failed({ address: `10.1.${minute & 255}.${count}` }));
  }
  assert.ok((await all()).length < 40 * limits.access_log_stranger_rows, `${(await all()).length} rows`);
});

it("counts who comes with a key that is over among the strangers, however many networks the key is in", async () => {
  const refused = { kind: "refused", actor: "key:3", route: "GET /queue", status: 401 } as const;
  for (let count = 0; count < 1000; count += 1)
    log.record({ ...refused, address: `10.0.${count >> 8}.${count & 255}` });
  assert.is((await all()).length, limits.access_log_stranger_rows + 1);
  // One that is good and may not do what it asked for is known.
  log.record({ ...refused, status: 403, address: "192.0.2.1" });
  log.record(failed());
  await log.flush();
  const database = new Database(test.file, { readonly: true });
  const known = database.prepare("SELECT actor, status FROM access_log WHERE by_stranger = 0").all();
  database.close();
  assert.equal(known, [{ actor: "key:3", status: 403 }]);
  assert.is((await all()).length, limits.access_log_stranger_rows + 3);
});

it("is written once a second at most, and when the service stops", async () => {
  let writes = 0;
  const { access_records } = test.vault;
  const records = {
    page: access_records.page.bind(access_records),
    count: access_records.count.bind(access_records),
    dropBefore: access_records.dropBefore.bind(access_records),
    write: (...rows: Parameters<typeof access_records.write>) => {
      writes += 1;
      return access_records.write(...rows);
    },
  };
  const counted = openLog(records);
  for (let count = 0; count < 100; count += 1) {
    counted.record(failed({ address: `10.0.0.${count % 50}` }));
    await test.runtime.pass(20);
  }
  assert.ok(writes <= 2, `${writes} writes`);
  counted.record(failed({ actor: "user:9" }));
  await counted.close();
  assert.ok(writes <= 3, `${writes} writes`);
  assert.is(rowsInFile(), 51);
});

it("loses nothing while the vault fails, says so, and keeps nobody waiting", async () => {
  let isBroken = true;
  const { access_records } = test.vault;
  const broken = openLog({
    page: access_records.page.bind(access_records),
    count: access_records.count.bind(access_records),
    dropBefore: access_records.dropBefore.bind(access_records),
    write: async (rows) => {
      if (isBroken) throw new Error("the disk is full");
      return access_records.write(rows);
    },
  });
  for (let count = 0; count < 3; count += 1) broken.record(failed());
  await test.runtime.pass(1000);
  assert.equal(troubles, ["The access log could not be written; 1 records wait for another try."]);
  broken.record(failed());
  await broken.flush();
  assert.is(rowsInFile(), 0);
  isBroken = false;
  await test.runtime.pass(5000);
  assert.equal(await kinds(), ["sign-in-failed 4"]);
  isBroken = true;
  broken.record({ kind: "sign-in", actor: "user:7", address: "192.0.2.1" });
  await broken.close();
  assert.match(troubles.at(-1) ?? "", "1 records are lost");
});

it("forgets what is older than it may be, at the start and every hour", async () => {
  log.record(failed());
  await log.flush();
  test.runtime.sleepThrough(91 * day_ms);
  log.record(failed());
  await log.flush();
  await test.runtime.pass(61 * minute_ms);
  assert.is((await all()).length, 1);
  await log.close();
  test.runtime.sleepThrough(91 * day_ms);
  log = openLog();
  assert.equal(await all(), []);
});

it("is bounded in rows; a flood of strangers drives out strangers, not what is known of others", async () => {
  const database = new Database(test.file);
  const insert = database.prepare(
    "INSERT INTO access_log (kind, actor, first_at, last_at, count, by_stranger) VALUES (?, ?, ?, ?, 1, ?)",
  );
  const at = (number: number) => new Date(test.runtime.now() - (200_000 - number) * 1000).toISOString();
  database.transaction(() => {
    for (let number = 0; number < 40_000; number += 1) insert.run("sign-in", "user:7", at(number), at(number), 0);
    for (let number = 40_000; number < 110_000; number += 1) {
      insert.run("sign-in-failed", null, at(number), at(number), 1);
    }
  })();
  log.record(failed());
  await log.flush();
  const rows = database.prepare("SELECT by_stranger, count(*) AS rows FROM access_log GROUP BY 1 ORDER BY 1").all();
  database.close();
  assert.equal(rows, [
    { by_stranger: 0, rows: 40_000 },
    { by_stranger: 1, rows: limits.access_log_rows - limits.access_log_rows / 100 - 40_000 },
  ]);
});

it("keeps of a user agent what is on one line, short, and no secret", async () => {
  await test.vault.accounts.create({ email: "ana@example.com", at: test.runtime.instant });
  const agents = [
    'curl\r\n{"forged":"line"}\u0000\u001b[2J\u2028x',
    `${"a".repeat(100_000)}`,
    "il_secret-key-of-mine eyJhbGciOi.J9.abc Bearer hush-hush Basic aGVsbG8= ana@example.com",
  ];
  for (const [index, user_agent] of agents.entries()) {
    log.record({ kind: "sign-in", actor: "user:1", address: `192.0.2.${index}`, user_agent });
  }
  const kept = (await all()).map(({ user_agent }) => user_agent ?? "");
  for (const agent of kept) {
    assert.ok(agent.length <= 200);
    assert.not.match(agent, /[\p{Cc}\u2028]|secret|J9|hush|aGVs|ana@/u);
  }
  assert.match(kept.join(), "il_...");
});

it("keeps what somebody did who is erased, with their number alone, whenever it is written", async () => {
  const at = test.runtime.instant;
  for (const name of ["ana", "bo"]) await test.vault.accounts.create({ email: `${name}@example.com`, at });
  const from = { address: "203.0.113.77", user_agent: "Anas browser" };
  log.record({ kind: "sign-in", actor: "user:1", ...from });
  log.record({ kind: "sign-in", actor: "user:2", address: "203.0.113.78", user_agent: "Bos browser" });
  await log.flush();
  assert.ok(test.filesHold("203.0.113.77"));
  log.record({ kind: "sign-in", actor: "user:1", ...from });
  log.record({ kind: "signed-out", actor: "user:1", ...from });
  assert.is(await test.vault.accounts.erase(1), true);
  log.record({ kind: "sign-in-failed", actor: "user:1", ...from });
  const records = await log.page({ actor: "user:1" }, null);
  assert.equal(records.map(({ kind }) => kind).sort(), ["sign-in", "sign-in-failed", "signed-out"]);
  for (const { address, user_agent } of records) assert.equal([address, user_agent], [null, null]);
  assert.is(await test.vault.accounts.erase(1), true);
  for (const trace of ["203.0.113.77", "Anas browser", "ana@"]) assert.not(test.filesHold(trace), trace);
  assert.ok(test.filesHold("203.0.113.78"));
});

it("gives its pages in one order, whatever comes meanwhile, and only what is asked for", async () => {
  for (let count = 0; count < 25; count += 1) {
    log.record({ kind: "sign-in", actor: `user:${count % 5}`, address: `192.0.2.${count}` });
    if (count % 2 === 0) test.runtime.sleepThrough(1000);
  }
  log.record({ kind: "user-edited", actor: "admin", address: "192.0.2.1", about_user: 3, detail: "email" });
  const seen: number[] = [];
  let after: { first_at: string; id: number } | null = null;
  for (let pages = 0; pages < 30; pages += 1) {
    const page: Awaited<ReturnType<typeof all>> = await log.page({ kinds: ["sign-in"] }, after, 4);
    seen.push(...page.map(({ id }) => id));
    after = page.at(-1) ?? after;
    log.record({ kind: "sign-in", actor: "user:9", address: `198.51.100.${pages}` });
    await log.flush();
    if (page.length < 4) break;
  }
  assert.equal(
    seen,
    Array.from({ length: 25 }, (_, index) => 25 - index),
  );
  assert.is(await log.count({ user_id: 3 }), 6);
  assert.is(await log.count({ actor: "user:3" }), 5);
  assert.is(await log.count({ from: "2026-01-05T08:00:02.000Z", to: "2026-01-05T08:00:04.000Z" }), 4);
});
