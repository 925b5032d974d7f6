import { hash, parseOptions } from "@node-rs/argon2";
import * as assert from "uvu/assert";
import { WorkRefused } from "../../src/access/bounded-work.ts";
import { nobodysHash, PasswordHashing } from "../../src/access/password-hashing.ts";
import { faultOfPassword } from "../../src/access/password-rules.ts";
import { suite } from "../support/suite.ts";

const it = suite("passwords");
const hashing = new PasswordHashing();

it("are hashed by argon2id with 19 MiB and two passes, with a salt of their own", async () => {
  const first = await hashing.hash("seven herons on a roof");
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.is.not(await hashing.hash("seven herons on a roof"), first);
  assert.is(await hashing.verify(first, "seven herons on a roof"), true);
});

it("count exactly as typed: no case, space, accent or length is lost", async () => {
  const long = `${"seven herons ".repeat(9)}é`;
  const password_hash = await hashing.hash(long);
  assert.is(await hashing.verify(password_hash, long), true);
  for (const other of [long.slice(0, -1), `${long} `, ` ${long}`, long.toUpperCase(), long.normalize("NFD"), ""]) {
    assert.is(await hashing.verify(password_hash, other), false, other);
  }
});

it("are compared at the same cost where there is none, and are never right there", async () => {
  assert.equal(parseOptions(nobodysHash), parseOptions(await hashing.hash("x")));
  assert.is(await hashing.verify(null, "seven herons on a roof"), false);
  assert.is(await hashing.verify(null, ""), false);
});

it("are known to be hashed at another cost", async () => {
  const cheap = await hash("x", { memoryCost: 8192, timeCost: 1 });
  assert.is(hashing.isOutdated(cheap), true);
  assert.is(hashing.isOutdated(await hashing.hash("x")), false);
  assert.is(hashing.isOutdated(await hash("x", { memoryCost: 19_456, timeCost: 3 })), true);
});

it("are hashed two at a time, in order, and refused beyond what may wait", async () => {
  const narrow = new PasswordHashing({ at_once: 2, waiting: 3 });
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => narrow.verify(null, "x")));
  assert.equal(
    results.map(({ status }) => status),
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => (index < 5 ? "fulfilled" : "rejected")),
  );
  for (const result of results.slice(5)) {
    assert.instance(result.status === "rejected" ? result.reason : null, WorkRefused);
  }
  assert.is(await narrow.verify(null, "x"), false);
});

it("go on being hashed after one that failed", async () => {
  const narrow = new PasswordHashing({ at_once: 1, waiting: 3 });
  const failure = await narrow.verify("no hash at all", "x").catch((error: unknown) => error);
  assert.instance(failure, Error);
  for (let count = 0; count < 3; count += 1) assert.is(await narrow.verify(null, "x"), false);
});

it("have 8 to 128 characters, of which an emoji is one", async () => {
  const fault = (password: string) => faultOfPassword(password, "ana@example.com");
  assert.match((await fault("heron 7")) ?? "", /at least 8/);
  assert.match((await fault("🦉🦉🦉🦉🦉🦉🦉")) ?? "", /at least 8/);
  assert.is(await fault("🦉🦉🦉🦉🦉🦉🦉🦆"), null);
  assert.is(await fault("🦉".repeat(128)), null);
  assert.match((await fault("🦉".repeat(129))) ?? "", /at most 128/);
  assert.is(await fault("a b c d e f"), null);
  assert.is(await fault("        x"), null);
});

it("are none of those that are tried first, however they are written, nor the e-mail address", async () => {
  const fault = (password: string) => faultOfPassword(password, "Ana.Unmistakable@example.com");
  for (const password of [
    "12345678",
    "password",
    "PassWord",
    "iloveyou",
    "qwertyuiop",
    " password ",
    "trustno1",
    "sunshine",
  ]) {
    assert.match((await fault(password)) ?? "", /tried first/, password);
  }
  for (const password of ["ana.unmistakable@example.com", "Ana.Unmistakable", "ANA.UNMISTAKABLE@example.com"]) {
    assert.match((await fault(password)) ?? "", /e-mail address/, password);
  }
});
