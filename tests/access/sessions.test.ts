import * as assert from "uvu/assert";
import { sessionsPerUser } from "../../src/access/sessions.ts";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("sessions");
let test: VaultUnderTest;

it.before.each(() => {
  test = vaultUnderTest();
});
it.after.each(() => test.close());

const origin = { address: "192.0.2.1", user_agent: "curl/8" };
const day_ms = 24 * 60 * 60_000;

it("give a new refresh token for each, and the last one works", async () => {
  const { sessions } = test.vault;
  const { session, refresh_token } = await sessions.begin(7, origin);
  assert.match(refresh_token, /^il_refresh_[A-Za-z0-9_-]{86}$/);
  assert.equal(sessions.isAlive(session.session_id)?.user_id, 7);
  let token = refresh_token;
  for (let turn = 0; turn < 5; turn += 1) {
    await test.runtime.pass(day_ms);
    const rotation = await sessions.rotate(token, { address: "192.0.2.9", user_agent: null });
    assert.is(rotation.kind, "rotated");
    if (rotation.kind !== "rotated") return;
    assert.is.not(rotation.refresh_token, token);
    assert.is(rotation.session.session_id, session.session_id);
    token = rotation.refresh_token;
  }
  const [listed] = await sessions.listOf(7);
  assert.equal(listed, {
    ...session,
    address: "192.0.2.9",
    user_agent: null,
    last_used_at: test.runtime.instant,
    idle_at: new Date(test.runtime.now() + 7 * day_ms).toISOString(),
  });
});

it("end as a whole when any old token comes again, however old", async () => {
  const { sessions } = test.vault;
  for (const turns of [1, 2, 7]) {
    const { session, refresh_token } = await sessions.begin(7, origin);
    let token = refresh_token;
    for (let turn = 0; turn < turns; turn += 1) {
      const rotation = await sessions.rotate(token, origin);
      if (rotation.kind === "rotated") token = rotation.refresh_token;
    }
    const { session_id } = session;
    assert.equal(await sessions.rotate(refresh_token, origin), { kind: "reused", session_id, user_id: 7 });
    assert.is(sessions.isAlive(session_id), null);
    assert.is((await sessions.rotate(token, origin)).kind, "unknown");
    assert.is((await sessions.rotate(refresh_token, origin)).kind, "unknown");
  }
});

it("end when one token is used twice at the same moment, in whatever process", async () => {
  const { sessions } = test.vault;
  const other = test.another().sessions;
  const { session, refresh_token } = await sessions.begin(7, origin);
  const rotations = await Promise.all([sessions, other].map((one) => one.rotate(refresh_token, origin)));
  assert.equal(rotations.map(({ kind }) => kind).sort(), ["reused", "rotated"]);
  assert.is(sessions.isAlive(session.session_id), null);
  assert.is(other.isAlive(session.session_id), null);
  for (const rotation of rotations) {
    if (rotation.kind !== "rotated") continue;
    assert.is((await sessions.rotate(rotation.refresh_token, origin)).kind, "unknown");
  }
});

it("leave the other sessions of a user alone when one is revoked", async () => {
  const { sessions } = test.vault;
  const first = await sessions.begin(7, origin);
  const second = await sessions.begin(7, origin);
  await sessions.rotate(first.refresh_token, origin);
  await sessions.rotate(first.refresh_token, origin);
  assert.is(sessions.isAlive(first.session.session_id), null);
  assert.ok(sessions.isAlive(second.session.session_id));
});

it("end after 7 days without use", async () => {
  const { sessions } = test.vault;
  const { session, refresh_token } = await sessions.begin(7, origin);
  await test.runtime.pass(7 * day_ms - 1);
  assert.ok(sessions.isAlive(session.session_id));
  await test.runtime.pass(1);
  assert.is(sessions.isAlive(session.session_id), null);
  assert.is((await sessions.rotate(refresh_token, origin)).kind, "unknown");
  assert.equal(await sessions.listOf(7), []);
});

it("end after 30 days however much they are used", async () => {
  const { sessions } = test.vault;
  const begun = await sessions.begin(7, origin);
  let token = begun.refresh_token;
  for (let day = 0; day < 29; day += 1) {
    await test.runtime.pass(day_ms);
    const rotation = await sessions.rotate(token, origin);
    if (rotation.kind === "rotated") token = rotation.refresh_token;
  }
  await test.runtime.pass(day_ms - 1);
  assert.ok(sessions.isAlive(begun.session.session_id));
  await test.runtime.pass(1);
  assert.is(sessions.isAlive(begun.session.session_id), null);
  assert.is((await sessions.rotate(token, origin)).kind, "unknown");
});

it("can be ended one by one, by their owner only where that is asked for", async () => {
  const { sessions } = test.vault;
  const { session, refresh_token } = await sessions.begin(7, origin);
  const { session_id } = session;
  assert.is(await sessions.end(session_id, 8), false);
  assert.ok(sessions.isAlive(session_id));
  assert.is(await sessions.end(session_id, 7), true);
  assert.is(await sessions.end(session_id, 7), false);
  assert.is(await sessions.end("no such session"), false);
  assert.is(sessions.isAlive(session_id), null);
  assert.is((await sessions.rotate(refresh_token, origin)).kind, "unknown");
});

it("can be ended all at once, but for one", async () => {
  const { sessions } = test.vault;
  const mine = [];
  for (let count = 0; count < 3; count += 1) mine.push((await sessions.begin(7, origin)).session.session_id);
  const other = (await sessions.begin(8, origin)).session.session_id;
  assert.is(await sessions.endAll(7, mine[1]), 2);
  assert.equal(
    mine.map((session_id) => sessions.isAlive(session_id) !== null),
    [false, true, false],
  );
  assert.is(await sessions.endAll(7), 1);
  assert.is(await sessions.endAll(7), 0);
  assert.ok(sessions.isAlive(other));
});

it("can be ended by whoever has a token of theirs, old or new", async () => {
  const { sessions } = test.vault;
  const { session, refresh_token } = await sessions.begin(7, origin);
  await sessions.rotate(refresh_token, origin);
  assert.equal(await sessions.endByToken(refresh_token), { session_id: session.session_id, user_id: 7 });
  assert.is(await sessions.endByToken(refresh_token), null);
  assert.is(await sessions.endByToken("il_refresh_x"), null);
  assert.is(sessions.isAlive(session.session_id), null);
});

it("are known to be over at once where another process ended them", async () => {
  const { sessions } = test.vault;
  const other = test.another().sessions;
  const { session } = await sessions.begin(7, origin);
  assert.ok(sessions.isAlive(session.session_id));
  assert.ok(other.isAlive(session.session_id));
  await other.endAll(7);
  assert.is(sessions.isAlive(session.session_id), null);
});

it("keep no token in the vault, only hashes", async () => {
  const { refresh_token } = await test.vault.sessions.begin(7, origin);
  assert.not(test.filesHold(refresh_token.slice(11, 54)));
  assert.not(test.filesHold(refresh_token.slice(54)));
});

it("cannot be revoked by guessing, nor by what has not the form of a token", async () => {
  const { sessions } = test.vault;
  const { session, refresh_token } = await sessions.begin(7, origin);
  const { refresh_token: foreign } = await test.another().sessions.begin(8, origin);
  const wrong = ["", "il_refresh_", session.session_id, refresh_token.slice(0, -1), `${refresh_token}A`];
  const mixed = foreign.slice(0, 54) + refresh_token.slice(54);
  for (const token of [...wrong, `il_refresh_${"A".repeat(86)}`]) {
    assert.equal(await sessions.rotate(token, origin), { kind: "unknown" }, token);
  }
  assert.is((await sessions.rotate(mixed, origin)).kind, "reused");
  assert.ok(sessions.isAlive(session.session_id));
});

it("are bounded in number and in what they say of a browser", async () => {
  const { sessions } = test.vault;
  const ids = [];
  for (let count = 0; count < sessionsPerUser + 3; count += 1) {
    await test.runtime.pass(1);
    const long = { address: "x".repeat(1000), user_agent: "y".repeat(1000) };
    ids.push((await sessions.begin(7, long)).session.session_id);
  }
  const listed = await sessions.listOf(7);
  assert.is(listed.length, sessionsPerUser);
  assert.equal([listed[0]?.address.length, listed[0]?.user_agent?.length], [64, 200]);
  assert.is(sessions.isAlive(ids[2] ?? ""), null);
  assert.ok(sessions.isAlive(ids[3] ?? ""));
});

it("that are over do not stay in the vault", async () => {
  const { sessions } = test.vault;
  const { session } = await sessions.begin(7, { address: "203.0.113.77", user_agent: null });
  await sessions.end(session.session_id);
  await sessions.begin(8, origin);
  await test.vault.accounts.erase(99);
  assert.not(test.filesHold("203.0.113.77"));
});

it("go with the account of whoever began one while being erased, and hold no control characters", async () => {
  const { accounts, sessions } = test.vault;
  const kept = Number(await accounts.create({ email: "ana@example.com", at: test.runtime.instant }));
  await sessions.begin(kept, { ...origin, user_agent: "a\nb\u001b[31m" });
  const { session } = await sessions.begin(kept + 1, origin);
  await sessions.forgetStrangers();
  assert.is(sessions.isAlive(session.session_id), null);
  const [left] = await sessions.listOf(kept);
  assert.not.match(String(left?.user_agent), /\p{Cc}/u);
});
