import { join } from "node:path";
import * as assert from "uvu/assert";
import { eventHash } from "../../src/ledger/chain.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { ProofReader, type ReadProof } from "../../src/transfer/proof-reader.ts";
import { readLines } from "../../src/transfer/read-lines.ts";
import { proofLines } from "../../src/transfer/write-proof.ts";
import { WrongContent } from "../../src/transfer/wrong-content.ts";
import { writeExampleLedger } from "../support/example-history.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";

const it = suite("the proof of one incident");
const incident = 4;
let lines: string[] = [];
let head = { position: 0, hash: "" };

it.before(async () => {
  const data_dir = temporaryDirectory();
  await writeExampleLedger(data_dir, 3);
  const ledger = openSqliteLedger({ file: join(data_dir, "ledger.db"), readonly: true });
  head = await ledger.head();
  let text = "";
  for await (const piece of proofLines(ledger, incident, head.position, () => {})) text += piece;
  lines = text.split("\n").slice(0, -1);
  await ledger.close();
});

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function read(bytes: Uint8Array, noted?: { position: number; hash: string }): Promise<ReadProof | WrongContent> {
  const reader = new ProofReader(noted);
  try {
    for await (const some of readLines(whole(bytes))) reader.take(some);
    return reader.end();
  } catch (error) {
    if (error instanceof WrongContent) return error;
    throw error;
  }
}

function joined(some: readonly string[]): Buffer {
  return Buffer.from(some.map((line) => `${line}\n`).join(""));
}

async function refuses(bytes: Uint8Array, line: number, said: RegExp | string = ""): Promise<void> {
  const found = await read(bytes);
  if (!(found instanceof WrongContent)) return assert.unreachable(`line ${line} was accepted`);
  assert.is(found.line, line, found.message);
  assert.match(found.message, said);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function isOwn(line: string): boolean {
  return line.includes(`"stream":"incident/${incident}"`);
}

it("holds the incident's events whole, and of the others nothing that people wrote", () => {
  const events = lines.slice(1, -1);
  for (const line of events) assert.is(line.includes('"text":'), isOwn(line));
  assert.ok(events.some((line) => !isOwn(line) && !line.includes('"text_digest":null')));
  assert.match(lines.join("\n"), "customers call");
  assert.not.match(lines.join("\n"), "thank you");
  assert.not.match(lines.join("\n"), "is this urgent?");
});

it("proves with nothing but itself that they stand in the chain of the head, and that there are no others", async () => {
  const found = await read(joined(lines));
  if (found instanceof WrongContent) return assert.unreachable(found.message);
  assert.is(found.events, lines.filter(isOwn).length);
  assert.is(found.events + found.others, lines.length - 2);
  assert.equal(found.head, { position: head.position, hash: head.hash });
  assert.is(found.erased.length, 1);
  assert.equal(found.left_out, []);
});

it("is refused at its own line where any single byte was altered", async () => {
  let seed = 7;
  const bytes = joined(lines);
  let start = 0;
  for (const [index, line] of lines.entries()) {
    const length = Buffer.byteLength(line) + 1;
    for (let round = 0; round < 12; round += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      const altered = Buffer.from(bytes);
      const place = start + (seed % length);
      altered[place] = (altered[place] ?? 0) ^ (1 << (seed % 8));
      const found = await read(altered);
      if (!(found instanceof WrongContent)) return assert.unreachable(`byte ${place}, line ${index + 1}`);
      // The first hash that is told is found wrong in the event that follows it.
      assert.ok(found.line === index + 1 || (index === 0 && found.line === 2), `${index + 1}: ${found.message}`);
    }
    start += length;
  }
});

it("is refused where lines are missing, doubled, in another order or cut off", async () => {
  for (let line = 2; line < lines.length; line += 5) {
    await refuses(joined(lines.filter((_, index) => index !== line - 1)), line);
    await refuses(joined([...lines.slice(0, line), ...lines.slice(line - 1)]), line + 1);
    await refuses(joined(lines.slice(0, line)), line + 1, "cut off");
  }
  await refuses(joined([...lines, "{}"]), lines.length + 1, "after the closing line");
});

it("is refused where an event of the incident is passed off as another's, or another's as its own", async () => {
  const own = lines.findIndex((line, index) => index > 1 && isOwn(line) && !line.includes('"text_digest":null'));
  const stripped = [...lines];
  stripped[own] = (lines[own] ?? "").replace(/"text":(?:null|"(?:[^"\\]|\\.)*"),"text_salt":(?:null|"[0-9a-f]+"),/, "");
  assert.is.not(stripped[own], lines[own]);
  await refuses(joined(stripped), own + 1, "it is an event of the incident, and not whole");
  const other = lines.findIndex((line) => line.includes('"stream":') && !isOwn(line));
  const dressed = [...lines];
  dressed[other] = (lines[other] ?? "").replace('"text_digest"', '"text":null,"text_salt":null,"text_digest"');
  await refuses(joined(dressed), other + 1, `it is whole, and not an event of incident/${incident}`);
  const renamed = [(lines[0] ?? "").replace('"incident":4', '"incident":5'), ...lines.slice(1)];
  await refuses(joined(renamed), 2, "not an event of incident/5");
});

it("says which texts were left out of it", async () => {
  const left = lines.map((line) =>
    line.includes("customers call")
      ? line.replace(/"text":"(?:[^"\\]|\\.)*","text_salt":"[0-9a-f]+"/, '"text":null,"text_salt":null')
      : line,
  );
  const found = await read(joined(left));
  if (found instanceof WrongContent) return assert.unreachable(found.message);
  assert.is(found.left_out.length, 1);
});

it("stands with a head that was noted, and falls with one that is another, beyond or too old", async () => {
  assert.not.instance(await read(joined(lines), head), WrongContent);
  const other = await read(joined(lines), { ...head, hash: "a".repeat(64) });
  assert.match(other instanceof WrongContent ? other.message : "", "noted was aaaa");
  const beyond = await read(joined(lines), { ...head, position: head.position + 1 });
  assert.match(beyond instanceof WrongContent ? beyond.message : "", "is not here: the proof has positions");
  const [, first = ""] = lines;
  const { position, hash }: { position: number; hash: string } = JSON.parse(first);
  const old = await read(joined(lines), { position, hash });
  assert.match(old instanceof WrongContent ? old.message : "", "cannot vouch for it");
});

it("leads to another head where all of it was forged and hashed anew", async () => {
  const forged = [...lines];
  const header: { previous_hash: string } = JSON.parse(lines[0] ?? "");
  let previous: Uint8Array = Buffer.from(header.previous_hash, "hex");
  for (let index = 1; index < lines.length - 1; index += 1) {
    const event = JSON.parse(lines[index] ?? "");
    if (index === 1) event.data = event.data.replace('"severity":4', '"severity":5');
    const text_digest = event.text_digest === null ? null : Buffer.from(event.text_digest, "hex");
    previous = eventHash({ ...event, text_digest }, previous);
    forged[index] = JSON.stringify({ ...event, hash: hexOf(previous) });
  }
  const end = JSON.parse(lines.at(-1) ?? "");
  end.end.head.hash = hexOf(previous);
  forged[forged.length - 1] = JSON.stringify(end);
  assert.not.instance(await read(joined(forged)), WrongContent);
  assert.instance(await read(joined(forged), head), WrongContent);
});
