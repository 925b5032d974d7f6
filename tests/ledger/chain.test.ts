import * as assert from "uvu/assert";
import { eventHash, genesisHash, textDigest } from "../../src/ledger/chain.ts";
import { suite } from "../support/suite.ts";

/*
The golden values were made by this Python, which knows nothing of our code:

    import hashlib, json
    def sha(b): return hashlib.sha256(b).digest()
    def lp(b): return len(b).to_bytes(4, "big") + b
    def event(position, stream, version, type, schema, at, actor, command, meta, data, digest, previous):
        fields = [str(position), stream, str(version), type, str(schema), at, actor, command, meta, data]
        return sha(b"incident-ledger/event/1" + b"".join(lp(f.encode()) for f in fields) + lp(digest) + lp(previous))
    genesis = sha(b"incident-ledger/genesis/1" + b"0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11")
    first = event(1, "ledger", 1, "ledger.opened", 1, "2026-01-31T09:15:00.000Z", "admin",
                  "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a12", '{"offset":0,"events":1,"rules":1}',
                  '{"ledger_id":"0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11","rules":1}', bytes(32), genesis)
    digest = sha(bytes(range(16)) + '{"text":"Zürich 🔥"}'.encode())
    second = event(2, "incident/42", 7, "incident.commented", 1, "2026-01-31T09:15:00.001Z", "schlüssel:3",
                   "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a13", '{"offset":0,"events":1,"rules":1}', "{}", digest, first)
    print(genesis.hex(), first.hex(), digest.hex(), second.hex(), sep="\n")
*/
const golden = {
  genesis: "9d514b8feee171fe368799122e9090a68e47af68c9d19a9ef73973776cf2b1a8",
  first: "6d6022d2749683b746e6a2bbf950458a601bba7ff114543c22c6c060cd660607",
  digest: "6aa1551eb376e215285edccbe14c737250883b435c21cf23c001b771112cda34",
  second: "6e014da05a0be19c797432a6b64472ec6ce5ccf7e95f2da368573db7d9206ebc",
};

const ledger_id = "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11";

const first = {
  position: 1,
  stream: "ledger",
  version: 1,
  type: "ledger.opened",
  schema_version: 1,
  recorded_at: "2026-01-31T09:15:00.000Z",
  actor: "admin",
  command_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a12",
  meta: '{"offset":0,"events":1,"rules":1}',
  data: `{"ledger_id":"${ledger_id}","rules":1}`,
  text_digest: null,
};

const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
const text = '{"text":"Zürich 🔥"}';

const second = {
  position: 2,
  stream: "incident/42",
  version: 7,
  type: "incident.commented",
  schema_version: 1,
  recorded_at: "2026-01-31T09:15:00.001Z",
  actor: "schlüssel:3",
  command_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a13",
  meta: '{"offset":0,"events":1,"rules":1}',
  data: "{}",
  text_digest: textDigest(salt, text),
};

const it = suite("the hash chain");

it("begins with a hash of the ledger's id", () => {
  assert.is(genesisHash(ledger_id).toString("hex"), golden.genesis);
});

it("gives the hashes that an independent implementation gives", () => {
  const one = eventHash(first, genesisHash(ledger_id));
  assert.is(one.toString("hex"), golden.first);
  assert.is(textDigest(salt, text).toString("hex"), golden.digest);
  assert.is(eventHash(second, one).toString("hex"), golden.second);
});

it("hashes bodies alike whether they come as strings or as bytes", () => {
  const previous = genesisHash(ledger_id);
  const bytes = { ...second, meta: Buffer.from(second.meta), data: Buffer.from(second.data) };
  assert.equal(eventHash(bytes, previous), eventHash(second, previous));
  assert.equal(textDigest(salt, Buffer.from(text)), textDigest(salt, text));
});

it("covers every field", () => {
  const previous = genesisHash(ledger_id);
  const base = eventHash(second, previous).toString("hex");
  const hashes = new Set([base, eventHash(second, Buffer.alloc(32)).toString("hex")]);
  const changes: Partial<typeof second>[] = [
    { position: 3 },
    { stream: "incident/43" },
    { version: 8 },
    { type: "incident.commentee" },
    { schema_version: 2 },
    { recorded_at: "2026-01-31T09:15:00.002Z" },
    { actor: "admin" },
    { command_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a14" },
    { meta: '{"offset":0,"events":1,"rules":2}' },
    { data: "{ }" },
    { text_digest: Buffer.alloc(32) },
  ];
  for (const change of changes) hashes.add(eventHash({ ...second, ...change }, previous).toString("hex"));
  assert.is(hashes.size, changes.length + 2);
});

it("keeps fields apart that run into each other", () => {
  const previous = genesisHash(ledger_id);
  const left = eventHash({ ...second, stream: "ab", type: "c" }, previous);
  const right = eventHash({ ...second, stream: "a", type: "bc" }, previous);
  assert.not.equal(left, right);
});

it("hashes an event of a megabyte, and a small one after it", () => {
  const previous = genesisHash(ledger_id);
  const before = eventHash(second, previous);
  eventHash({ ...second, data: "é".repeat(1_000_000) }, previous);
  assert.equal(eventHash(second, previous), before);
});
