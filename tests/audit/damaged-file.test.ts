import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { auditLedger } from "../../src/audit/audit.ts";
import { checkLedgerFile } from "../../src/audit/ledger-file.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("a ledger's file with a single bit turned");
const turns = 400;

/** Everything that the chain and the head cover, and how it is defined, or null where SQLite cannot even read it. */
function contentOf(file: string): string | null {
  const database = new Database(file, { readonly: true });
  try {
    const columns = `position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data, text,
      text_salt, text_digest, hash`;
    const queries = [
      `SELECT ${columns} FROM events NOT INDEXED`,
      "SELECT position, hash, recorded_at, rules FROM head",
      "SELECT type, tbl_name, sql FROM sqlite_schema",
    ];
    return JSON.stringify(queries.map((query) => database.prepare(query).raw().all()));
  } catch {
    return null;
  } finally {
    database.close();
  }
}

/** Whether an audit finds something wrong; null where the file cannot even be opened. */
async function isFound(file: string): Promise<boolean | null> {
  let ledger: ReturnType<typeof openSqliteLedger>;
  try {
    ledger = openSqliteLedger({ file, readonly: true });
  } catch {
    return null;
  }
  try {
    const { fault_count } = await auditLedger(ledger);
    return fault_count + checkLedgerFile(file).faults.length > 0;
  } finally {
    await ledger.close();
  }
}

/** The places of bytes that say what a table, an index or a trigger is. */
function placesOfDefinitions(file: string, content: Buffer): number[] {
  const database = new Database(file, { readonly: true });
  const definitions = database.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").pluck().all();
  database.close();
  return definitions.flatMap((definition) => {
    const begin = content.indexOf(definition);
    return begin === -1 ? [] : [...definition].map((_, index) => begin + index);
  });
}

it("is found wherever the bit changes what is recorded", async () => {
  const data_dir = freshDirectory();
  await writeExampleHistory(data_dir, 5);
  const good = readFileSync(join(data_dir, "ledger.db"));
  const file = join(freshDirectory(), "ledger.db");
  writeFileSync(file, good);
  const content = contentOf(file);
  const places = placesOfDefinitions(file, good);
  assert.ok(places.length > 2000, `only ${places.length} bytes of definitions are in one piece`);
  let found = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    const anywhere = Math.floor(Math.random() * good.length * 8);
    const place = places[Math.floor(Math.random() * places.length)] ?? 0;
    const bit = turn % 2 === 0 ? anywhere : place * 8 + (anywhere % 8);
    const damaged = Buffer.from(good);
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true });
    writeFileSync(file, damaged);
    const isSeen = await isFound(file);
    if (isSeen === true) found += 1;
    if (isSeen === false) assert.is(contentOf(file), content, `bit ${bit} changed what is recorded, unseen`);
  }
  assert.ok(found > turns / 10, `only ${found} of ${turns} were found`);
});
