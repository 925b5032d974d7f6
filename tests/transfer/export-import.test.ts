import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { openLedger } from "../../src/desk/opening.ts";
import { ServeLock } from "../../src/ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { ExportReader } from "../../src/transfer/export-reader.ts";
import { importLedger } from "../../src/transfer/import-ledger.ts";
import { readLines } from "../../src/transfer/read-lines.ts";
import { exportLines } from "../../src/transfer/write-export.ts";
import { WrongContent } from "../../src/transfer/wrong-content.ts";
import { writeExampleLedger } from "../support/example-history.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";
import { change, hashAnew, rowAt, tampered } from "../support/tampering.ts";

const it = suite("an export and its import");
let origin = "";
let exported = Buffer.alloc(0);
let state_hash = "";

it.before(async () => {
  origin = temporaryDirectory();
  await writeExampleLedger(origin, 3);
  ({ bytes: exported, state_hash } = await exportOf(origin));
});

async function exportOf(data_dir: string) {
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), readonly: true });
  try {
    const pieces: string[] = [];
    const lines = exportLines(ledger, () => {});
    let next = await lines.next();
    for (; next.done !== true; next = await lines.next()) pieces.push(next.value);
    return { bytes: Buffer.from(pieces.join("")), ...next.value };
  } finally {
    await ledger.close();
  }
}

async function* inPieces(bytes: Uint8Array, length = 7000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}

/** What the reader of an export says against some bytes; null: nothing. */
async function faultOf(bytes: Uint8Array): Promise<WrongContent | null> {
  const reader = new ExportReader({});
  try {
    for await (const lines of readLines(inPieces(bytes, 100_000))) reader.take(lines);
    reader.end();
    return null;
  } catch (error) {
    if (error instanceof WrongContent) return error;
    throw error;
  }
}

async function refuses(bytes: Uint8Array, line: number, said: RegExp | string = ""): Promise<void> {
  const fault = await faultOf(bytes);
  assert.is(fault?.line, line, fault?.message ?? "it was accepted");
  assert.match(fault?.message ?? "", said);
}

function importInto(data_dir: string, bytes: Uint8Array) {
  return importLedger({ data_dir, source: inPieces(bytes), onProgress: () => {} });
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString("utf8").split("\n").slice(0, -1);
}

function joined(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(""));
}

/** The number of the first line with this in it. */
function lineWith(part: string): number {
  const index = linesOf(exported).findIndex((line) => line.includes(part));
  if (index < 0) throw new Error(`no line has ${part}`);
  return index + 1;
}

function replaced(line: number, from: string | RegExp, to: string): Buffer {
  const lines = linesOf(exported);
  const altered = lines[line - 1]?.replace(from, to) ?? "";
  assert.is.not(altered, lines[line - 1]);
  lines[line - 1] = altered;
  return joined(lines);
}

async function rejects(work: Promise<unknown>, said: RegExp | string): Promise<void> {
  try {
    await work;
  } catch (error) {
    assert.match(error instanceof Error ? error.message : String(error), said);
    return;
  }
  assert.unreachable("it was accepted");
}

it("come to the same ledger: state hash, head and every byte of another export", async () => {
  const data_dir = join(temporaryDirectory(), "new");
  const imported = await importInto(data_dir, exported);
  assert.is(imported.state_hash, state_hash);
  assert.ok(imported.state_compared);
  assert.is(imported.erased.length, 1);
  assert.equal(readdirSync(data_dir).sort(), ["ledger.db", "serve.lock"]);
  assert.is((await exportOf(data_dir)).bytes.compare(exported), 0);
  assert.is(statSync(join(data_dir, "ledger.db")).mode & 0o777, 0o600);
  assert.is(statSync(data_dir).mode & 0o777, 0o700);
});

it("keep stored bytes as they are, whatever characters are in them", async () => {
  const text = '{"title":"Störung \\ud83d\\udd25 🔥 \\u0001 \\"quoted\\" \\\\ 漢字 \u2028 / \\/ <b>"}';
  const position = 12;
  const copy = tampered(origin, (database) => {
    assert.is(rowAt(database, position).type, "incident.reported");
    change(database, position, { text });
    hashAnew(database, position);
  });
  const { bytes } = await exportOf(copy);
  const data_dir = temporaryDirectory();
  await importInto(data_dir, bytes);
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), readonly: true });
  const [stored] = await ledger.readStored(position - 1, 1);
  await ledger.close();
  assert.is(Buffer.from(stored?.text ?? []).toString("utf8"), text);
  assert.is((await exportOf(data_dir)).bytes.compare(bytes), 0);
});

it("work for a ledger of one commit, and a service's own first commit", async () => {
  const lines = linesOf(exported);
  const data_dir = temporaryDirectory();
  await writeOpened(data_dir);
  const { bytes, events } = await exportOf(data_dir);
  assert.is(linesOf(bytes).length, events + 2);
  assert.ok(lines.length > events);
  const other = temporaryDirectory();
  assert.is((await importInto(other, bytes)).events, events);
});

async function writeOpened(data_dir: string): Promise<void> {
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), runtime: systemRuntime(), checkpointer: false });
  await openLedger(ledger, systemRuntime(), []);
  await ledger.close();
}

it("do not hold a text that was erased", () => {
  assert.not.match(exported.toString("utf8"), "is this urgent?");
  assert.match(exported.toString("utf8"), "thank you");
});

it("are refused where any single byte was altered, at its own line", async () => {
  let seed = 1;
  const chance = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  let start = 0;
  for (const [index, line] of linesOf(exported).entries()) {
    const length = Buffer.byteLength(line) + 1;
    const altered = Buffer.from(exported);
    const place = start + chance(length);
    altered[place] = (altered[place] ?? 0) ^ (1 << chance(8));
    await refuses(altered, index + 1);
    start += length;
  }
});

it("are refused where the header or the closing line was altered at any byte", async () => {
  const lines = linesOf(exported);
  const header = Buffer.byteLength(lines[0] ?? "");
  const closing = Buffer.byteLength(lines.at(-1) ?? "") + 1;
  const places = [
    ...Array.from({ length: header }, (_, place) => ({ place, line: 1 })),
    ...Array.from({ length: closing }, (_, back) => ({ place: exported.length - 1 - back, line: lines.length })),
  ];
  for (const { place, line } of places.filter((_, index) => index % 7 === 0)) {
    const altered = Buffer.from(exported);
    const was = altered[place] ?? 0;
    altered[place] = was === 0x31 ? 0x32 : was >= 0x30 && was <= 0x39 ? 0x31 : was ^ 1;
    await refuses(altered, line);
  }
});

it("are refused where lines are missing, doubled or in another order", async () => {
  const lines = linesOf(exported);
  for (let line = 2; line < lines.length; line += 11) {
    await refuses(joined(lines.filter((_, index) => index !== line - 1)), line);
    await refuses(joined([...lines.slice(0, line), ...lines.slice(line - 1)]), line + 1);
    if (line + 1 < lines.length) {
      const [first = "", second = ""] = lines.slice(line - 1, line + 1);
      await refuses(joined([...lines.slice(0, line - 1), second, first, ...lines.slice(line + 1)]), line);
    }
  }
});

it("are refused where they were cut off, after a line or within one, and where something follows", async () => {
  const lines = linesOf(exported);
  for (let kept = 0; kept < lines.length; kept += 17) {
    await refuses(joined(lines.slice(0, kept)), kept + 1, "it was cut off");
  }
  await refuses(exported.subarray(0, exported.length - 1), lines.length, "cut off in the middle of this line");
  await refuses(exported.subarray(0, exported.length - 300), lines.length - 1, "cut off in the middle");
  await refuses(joined([...lines, ""]), lines.length + 1, "after the closing line");
  await refuses(joined([...lines, ...lines]), lines.length + 1, "after the closing line");
});

it("are refused where a commit was cut and the closing line made to fit", async () => {
  const lines = linesOf(exported);
  const opening = lines.slice(0, 4);
  const { hash }: { hash: string } = JSON.parse(opening.at(-1) ?? "");
  const end = { events: 3, head: { position: 3, hash }, board_format: 1, state_hash: "0".repeat(64) };
  await refuses(joined([...opening, JSON.stringify({ end })]), 5, "of which only 3 stand before this position");
});

it("are refused where the same is written in another way", async () => {
  const line = lineWith('"type":"incident.reported"');
  await refuses(replaced(line, '"position":', '"position": '), line, "it was altered");
  await refuses(replaced(line, "incident.reported", "incident.reporte\\u0064"), line, "it was altered");
  await refuses(replaced(line, /^\{"position":(\d+),/, '{"position":$1.0,'), line);
  await refuses(replaced(line, /\}$/, ',"more":1}'), line, "it is not an event");
  await refuses(replaced(line, /^\{"position":(\d+),/, '{"position":7,"position":$1,'), line, "it was altered");
  await refuses(Buffer.from(exported.toString("utf8").replaceAll("\n", "\r\n")), 1, "it was altered");
  await refuses(Buffer.concat([Buffer.from("\ufeff"), exported]), 1, "not JSON");
});

it("are refused where a text was taken out, put back or its digest set to nothing", async () => {
  const with_text = lineWith('"text":"{');
  await refuses(
    replaced(with_text, /"text":"(?:[^"\\]|\\.)*","text_salt":"[0-9a-f]+"/, '"text":null,"text_salt":null'),
    with_text,
    "its text is gone, and no event says that it was erased",
  );
  await refuses(replaced(with_text, /"text_salt":"[0-9a-f]+"/, '"text_salt":null'), with_text, "only one is there");
  const without = lineWith('"text_digest":null');
  const zeros = `"text_digest":"${"0".repeat(64)}"`;
  await refuses(replaced(without, '"text_digest":null', zeros), without, "it is not an event");
});

it("are refused where a decision does not follow, even when all behind it was hashed anew", async () => {
  const line = lineWith('"type":"incident.assigned"');
  const forged = tampered(origin, (database) => {
    const { data } = rowAt(database, line - 1);
    change(database, line - 1, {
      data: data.replace(/"(Alice|Bob|Charlie)"/, (name) => (name === '"Bob"' ? '"Alice"' : '"Bob"')),
    });
    hashAnew(database, line - 1);
  });
  await rejects(exportOf(forged), new RegExp(`^Position ${line - 1}: it does not follow.*run verify`));
  await refuses(forgedExport(forged), line, "it does not follow");
});

/** What a forger makes: an export whose lines fit each other. */
function forgedExport(data_dir: string): Buffer {
  const lines = linesOf(exported);
  const database = new Database(join(data_dir, "ledger.db"), { readonly: true });
  const hex = (bytes: Buffer | null): string | null => bytes?.toString("hex") ?? null;
  for (let at = 1; at < lines.length - 1; at += 1) {
    const { data, text_digest, hash } = rowAt(database, at);
    const changed = { data, text_digest: hex(text_digest), hash: hex(hash) };
    lines[at] = JSON.stringify({ ...JSON.parse(lines[at] ?? ""), ...changed });
  }
  database.close();
  return joined(lines);
}

it("are refused where a newer build wrote them, where they are something else, and where a line is endless", async () => {
  await refuses(replaced(1, "export/1", "export/2"), 1, "it is not the first line of an export");
  const last = linesOf(exported).length;
  await refuses(replaced(last, '"board_format":1', '"board_format":2'), last, "a newer build wrote it");
  await refuses(Buffer.from([0x1f, 0x8b, 8, 0xff, 10]), 1, "unpack a compressed file first");
  await refuses(Buffer.from("[]\n"), 1, "it is not the first line of an export");
  await refuses(Buffer.from("\n"), 1, "not JSON");
  await refuses(Buffer.alloc(17_000_000, "x"), 1, "longer than 16777216 bytes");
  await refuses(Buffer.alloc(0), 1, "it was cut off");
});

it("leave nothing behind when they are refused, and the directory as it was", async () => {
  const data_dir = temporaryDirectory();
  await rejects(importInto(data_dir, exported.subarray(0, 20_000)), /^Line \d+: .*cut off/);
  assert.equal(readdirSync(data_dir), ["serve.lock"]);
  const nowhere = join(temporaryDirectory(), "new");
  await rejects(importInto(nowhere, exported.subarray(0, 20_000)), "cut off");
  assert.not(existsSync(nowhere));
});

it("are refused where there is a ledger or a service", async () => {
  const data_dir = temporaryDirectory();
  await importInto(data_dir, exported);
  const before = digest(join(data_dir, "ledger.db"));
  await rejects(importInto(data_dir, exported), /There is a ledger in .* already, which ends at position \d+/);
  assert.is(digest(join(data_dir, "ledger.db")), before);
  const served = temporaryDirectory();
  const lock = ServeLock.take(served);
  await rejects(importInto(served, exported), "Another service runs on");
  lock.release();
  const foreign = temporaryDirectory();
  writeFileSync(join(foreign, "ledger.db"), "something else".repeat(1000));
  await rejects(importInto(foreign, exported), "cannot be opened");
  assert.match(readFileSync(join(foreign, "ledger.db"), "utf8"), "something else");
});

function digest(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

it("take the place of a ledger that was never opened, and of what was folded from another", async () => {
  const data_dir = temporaryDirectory();
  const empty = openSqliteLedger({ file: join(data_dir, "ledger.db"), runtime: systemRuntime(), checkpointer: false });
  await empty.probe();
  await empty.close();
  mkdirSync(join(data_dir, "snapshots"));
  for (const name of ["read.db", "read.db-wal", "ledger.db-wal", "ledger.db.importing"]) {
    writeFileSync(join(data_dir, name), "");
  }
  assert.is((await importInto(data_dir, exported)).state_hash, state_hash);
  assert.equal(readdirSync(data_dir).sort(), ["ledger.db", "serve.lock"]);
  assert.is((await exportOf(data_dir)).bytes.compare(exported), 0);
});
