import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { type ScrubProgress, scrubPass } from "../../src/audit/scrub-pass.ts";
import { Scrubber } from "../../src/audit/scrubber.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { callerOf } from "../http/support/client.ts";
import { openNode } from "../http/support/node.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";
import { change, dropTriggers, tampered } from "../support/tampering.ts";

const it = suite("the background scrub");

let sound: string;
it.before(async () => {
  sound = freshDirectory();
  await writeExampleHistory(sound, 5);
});

/** One whole pass over the ledger of a directory, and how many pages it read. */
async function passOver(data_dir: string, page_events = 7): Promise<ScrubProgress & { readonly pages: number }> {
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), readonly: true });
  let pages = 0;
  const onPage = async (): Promise<boolean> => {
    pages += 1;
    return true;
  };
  try {
    return { ...(await scrubPass(ledger, { page_events, onPage })), pages };
  } finally {
    await ledger.close();
  }
}

it("walks a sound ledger page by page up to its head", async () => {
  const ledger = openSqliteLedger({ file: join(sound, "ledger.db"), readonly: true });
  const { position } = await ledger.head();
  await ledger.close();
  const pass = await passOver(sound);
  assert.equal([pass.position, pass.faults.count], [position, 0]);
  assert.is(pass.pages, Math.ceil(position / 7));
});

it("names the event that was changed, wherever it stands", async () => {
  for (const position of [2, 9, 30]) {
    const copy = tampered(sound, (database) => change(database, position, { actor: "mallory" }));
    const { faults } = await passOver(copy);
    assert.is(faults.first[0]?.position, position);
  }
});

it("names an event that is gone, in the middle and at the end, and a head that was changed", async () => {
  const gone = tampered(sound, (database) => database.exec("DELETE FROM events WHERE position = 12"));
  assert.is((await passOver(gone)).faults.first[0]?.position, 12);
  const cut = tampered(sound, (database) =>
    database.exec("DELETE FROM events WHERE position = (SELECT position FROM head)"),
  );
  assert.is((await passOver(cut)).faults.count, 1);
  const head = tampered(sound, (database) => database.exec("UPDATE head SET hash = zeroblob(32)"));
  assert.is((await passOver(head)).faults.count, 1);
});

it("ends where it is told to", async () => {
  const ledger = openSqliteLedger({ file: join(sound, "ledger.db"), readonly: true });
  const { position } = await scrubPass(ledger, { page_events: 5, onPage: async () => false });
  assert.is(position, 5);
  await ledger.close();
});

/** A scrubber in a hurry, and what it says. */
function hurried(data_dir: string): { readonly scrubber: Scrubber; readonly said: string[] } {
  const said: string[] = [];
  const scrubber = new Scrubber({
    ledger_file: join(data_dir, "ledger.db"),
    runtime: systemRuntime(),
    limits: { scrub_page_events: 20, scrub_page_pause_ms: 1, scrub_first_pause_ms: 1, scrub_pass_pause_ms: 20 },
    onDamage: (message) => said.push(message),
    onTrouble: (what) => said.push(what),
  });
  return { scrubber, said };
}

it("finds what rots while it runs, says so, and forgets it when it is mended", async () => {
  const copy = freshDirectory(sound);
  const { scrubber, said } = hurried(copy);
  while (scrubber.position === 0) await sleep(5);
  assert.equal([scrubber.faults, scrubber.damage], [0, null]);
  const database = new Database(join(copy, "ledger.db"));
  database.exec(dropTriggers);
  const actor = String(database.prepare("SELECT actor FROM events WHERE position = 4").pluck().get());
  change(database, 4, { actor: "mallory" });
  while (scrubber.damage === null) await sleep(5);
  assert.match(scrubber.damage, /^position 4: /);
  assert.ok(scrubber.faults >= 1);
  assert.match(said[0] ?? "", /^The ledger is damaged: position 4: /);
  change(database, 4, { actor });
  while (scrubber.damage !== null) await sleep(5);
  assert.is(scrubber.faults, 0);
  database.close();
  await scrubber.close();
});

it("begins again where its thread failed, and ends when it is closed before it has begun", async () => {
  const { scrubber, said } = hurried(freshDirectory());
  while (said.length < 2) await sleep(5);
  assert.match(said.join(), /the background scrub failed/);
  await scrubber.close();
  await hurried(sound).scrubber.close();
});

it("turns /readyz and /health red, with the reason, and nothing else", async () => {
  const damage = "position 4: its hash is another";
  const node = await openNode({ instead: () => ({ scrub: { position: 9, faults: 2, damage } }) });
  const call = callerOf(node.app);
  for (const url of ["/readyz", "/health"]) {
    const { status, json } = await call("GET", url);
    assert.equal([status, json.status, json.ledger], [503, "unhealthy", `damaged: ${damage}`]);
  }
  assert.is((await call("GET", "/livez")).status, 200);
  assert.is((await call("POST", "/incidents", { body: { title: "x" } })).status, 201);
  assert.match((await call("GET", "/metrics")).text, /^incident_ledger_scrub_faults 2$/m);
  await node.close();
});
