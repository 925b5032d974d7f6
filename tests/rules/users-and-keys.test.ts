import * as assert from "uvu/assert";
import { boardFromState, boardState } from "../../projections/board-state.ts";
import type { Command } from "../../src/rules/commands.ts";
import { type DeskUnderTest, mustMatchLedger, openDesk } from "../support/desk-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("users and keys in the ledger");

let test: DeskUnderTest;
it.before.each(async () => {
  test = await openDesk();
});
it.after.each(() => test.desk.close());

const user = { kind: "create-user", user: 7, role: "responder", teams: ["default"] } as const;

async function refusal(command: Command): Promise<[code: string, field: string | undefined]> {
  const outcome = await test.run(command);
  if (outcome.kind !== "refused") throw new Error(`${command.kind} was ${outcome.kind}`);
  return [outcome.refusal.code, outcome.refusal.field];
}

async function types(command: Command): Promise<readonly string[]> {
  const outcome = await test.run(command);
  return outcome.kind === "written" ? outcome.events.map(({ type }) => type) : [outcome.kind];
}

it("record each change of a user by itself, and nothing where nothing changes", async () => {
  assert.equal(await types(user), ["user.created"]);
  const same = { kind: "change-user", user: 7, role: "responder", teams: ["DEFAULT"], active: true } as const;
  assert.equal(await types(same), ["unchanged"]);
  assert.equal(await types({ kind: "change-user", user: 7, role: "manager", teams: null, handler: "alice" }), [
    "user.role-changed",
    "user.teams-changed",
    "user.handler-changed",
  ]);
  const { created_at: _, ...known } = test.desk.board.users.get(7) ?? { created_at: "" };
  assert.equal(known, {
    user: 7,
    version: 4,
    role: "manager",
    teams: null,
    handler: "Alice",
    is_active: true,
    is_erased: false,
  });
  await mustMatchLedger(test);
});

it("refuse what cannot be, and say which field it is", async () => {
  assert.equal(await refusal({ ...user, teams: ["nowhere"] }), ["unknown-team", "teams"]);
  assert.equal(await refusal({ ...user, handler: "Nobody" }), ["unknown-handler", "handler"]);
  await test.run({ ...user, handler: "Alice" });
  assert.equal(await refusal(user), ["user-exists", undefined]);
  assert.equal(await refusal({ ...user, user: 8, handler: "ALICE" }), ["handler-taken", "handler"]);
  assert.equal(await refusal({ kind: "change-user", user: 9, role: "admin" }), ["user-not-found", undefined]);
  const stale = { kind: "change-user", user: 7, if_version: [9], role: "admin" } as const;
  assert.equal(await refusal(stale), ["version-mismatch", undefined]);
  const key = { kind: "create-key", key: 3, role: "integration", dialect: null, expires_at: null } as const;
  assert.equal(await refusal({ ...key, teams: null }), ["contradiction", "teams"]);
  assert.equal(await refusal({ ...key, teams: [] }), ["contradiction", "teams"]);
  const past = { ...key, teams: ["default"], expires_at: "2001-01-01T00:00:00.000Z" };
  assert.equal(await refusal(past), ["contradiction", "expires_at"]);
  assert.equal(await refusal({ kind: "revoke-key", key: 3 }), ["key-not-found", undefined]);
  assert.equal(await refusal({ kind: "rotate-key", key: 3 }), ["key-not-found", undefined]);
  await test.run({ ...key, teams: ["default"] });
  assert.equal(await refusal({ ...key, teams: ["default"] }), ["contradiction", "key"]);
  assert.equal(await types({ kind: "revoke-key", key: 3 }), ["key.revoked"]);
  assert.equal(await types({ kind: "revoke-key", key: 3 }), ["unchanged"]);
  assert.equal(await refusal({ kind: "rotate-key", key: 3 }), ["key-revoked", undefined]);
});

it("hand back the work of one who is deactivated, and give them nothing new", async () => {
  await test.report();
  await test.run({ ...user, handler: "Alice" });
  assert.is(test.desk.board.incidents.get(1)?.assigned_to, "Alice");
  assert.equal(await types({ kind: "change-user", user: 7, active: false }), [
    "user.deactivated",
    "handler.made-unavailable",
    "incident.handed-back",
    "incident.assigned",
  ]);
  assert.is(test.desk.board.incidents.get(1)?.assigned_to, "Bob");
  await mustMatchLedger(test);
});

it("erase a user with the texts about their handler, who leaves", async () => {
  await test.run({ kind: "add-handler", handler: "Dora", name: "Dora Doe" });
  await test.run({ kind: "change-handler", handler: "Dora", available: false, reason: "ill" });
  await test.run({ ...user, handler: "Dora" });
  assert.equal(await types({ kind: "erase-user", user: 7 }), [
    "user.erased",
    "handler.left",
    "text.erased",
    "text.erased",
  ]);
  const texts = JSON.stringify((await test.ledger.read({ stream: "handler/Dora" })).map(({ text }) => text));
  assert.not(texts.includes("Doe"));
  assert.not(texts.includes("ill"));
  assert.equal(await types({ kind: "erase-user", user: 7 }), ["unchanged"]);
  assert.equal(await refusal({ kind: "change-user", user: 7, active: true }), ["user-not-found", undefined]);
  await mustMatchLedger(test);
});

it("make an acknowledgement of one who is a handler theirs", async () => {
  for (let count = 0; count < 3; count += 1) await test.report();
  await test.run({ ...user, handler: "Alice" });
  const acknowledge = { command: { kind: "acknowledge", incident: 3 }, actor: "user:7" } as const;
  assert.is((await test.desk.submit(acknowledge)).kind, "written");
  assert.is(test.desk.board.incidents.get(3)?.assigned_to, "Alice");
});

it("come back from a snapshot as they were, and are in the state only where there are some", async () => {
  assert.is("users" in boardState(test.desk.board), false);
  await test.run({ ...user, handler: "Alice" });
  await test.run({ kind: "create-key", key: 3, role: "viewer", teams: null, dialect: "ucar", expires_at: null });
  const state = JSON.parse(JSON.stringify(boardState(test.desk.board)));
  assert.equal([state.users.length, state.keys.length], [1, 1]);
  assert.equal(boardState(boardFromState(state)), boardState(test.desk.board));
});
