import { rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { checkTail } from "../../src/audit/check-tail.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { snapshotsDirectory } from "../../src/readmodels/snapshot-file.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";
import { change, hashAnew, tampered } from "../support/tampering.ts";

const it = suite("the check of the chain since the snapshot");

let sound: string;
it.before(async () => {
  sound = freshDirectory();
  await writeExampleHistory(sound, 5);
});

/** What is wrong after a position of a data directory's ledger; "sound" where nothing is. */
async function faultAfter(data_dir: string, after: number): Promise<string> {
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), readonly: true });
  try {
    return await checkTail(ledger, after).then(
      () => "sound",
      (error: Error) => error.message,
    );
  } finally {
    await ledger.close();
  }
}

it("finds a sound ledger sound, from its first event, from the middle and at its head", async () => {
  for (const after of [0, 1, 17]) assert.is(await faultAfter(sound, after), "sound");
});

it("names an event that was changed after that position, and reads none before it", async () => {
  const copy = tampered(sound, (database) => change(database, 12, { actor: "mallory" }));
  assert.match(await faultAfter(copy, 0), "The ledger is damaged at position 12: its hash is not that of what stands");
  assert.match(await faultAfter(copy, 11), "at position 12");
  assert.is(await faultAfter(copy, 12), "sound");
});

it("names an event that is gone, a first event that is another, a row out of shape, a head that was changed", async () => {
  const gone = tampered(sound, (database) => database.exec("DELETE FROM events WHERE position = 12"));
  assert.match(await faultAfter(gone, 3), "at position 12: there is no event");
  const other = tampered(sound, (database) => change(database, 1, { data: "{}" }));
  assert.match(await faultAfter(other, 0), "at position 1: its hash");
  const row = tampered(sound, (database) => change(database, 9, { hash: Buffer.from("short") }));
  assert.match(await faultAfter(row, 3), "at position 9: ");
  const end = tampered(sound, (database) =>
    database.exec("DELETE FROM events WHERE position = (SELECT position FROM head)"),
  );
  assert.match(await faultAfter(end, 3), "there is no event, although the head is at");
  const head = tampered(sound, (database) => database.exec("UPDATE head SET hash = zeroblob(32)"));
  assert.match(await faultAfter(head, 3), "the head has another hash than the last event");
});

it("does not find what was hashed anew as a whole, which only a head noted elsewhere shows", async () => {
  const copy = tampered(sound, (database) => {
    change(database, 12, { actor: "mallory" });
    hashAnew(database, 12);
  });
  assert.is(await faultAfter(copy, 0), "sound");
});

it("keeps the service from starting on a broken chain, in a sentence", async () => {
  const copy = tampered(sound, (database) => change(database, 12, { actor: "mallory" }));
  rmSync(snapshotsDirectory(copy), { recursive: true, force: true });
  const { code, stderr } = await runCli(["serve", "--data-dir", copy, "--port", "0"]);
  assert.is(code, 2);
  assert.match(stderr, "The ledger is damaged at position 12: its hash is not that of what stands there. Run verify");
});
