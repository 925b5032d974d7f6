import * as assert from "uvu/assert";
import type { Role } from "../../projections/access.ts";
import type { Desk } from "../../src/desk/desk.ts";
import type { Command } from "../../src/rules/commands.ts";
import { forbiddance, principalOf, rightOfCommand, rightsOfRole } from "../../src/rules/rights.ts";
import { type DeskUnderTest, openDesk } from "../support/desk-under-test.ts";
import { suite } from "../support/suite.ts";

/*
 * Who may give which command: `-` nobody of the role, `own` in their own teams, `all` only those whose role counts in all teams.
 * It is written out here, so that a change of the table in the code shows as a failing cell.
 */
const table = `
  command           integration viewer responder manager admin
  report            own         -      own       own     own
  update            -           -      own       own     own
  escalate          -           -      own       own     own
  acknowledge       -           -      own       own     own
  resolve           -           -      own       own     own
  close             -           -      own       own     own
  reopen            -           -      own       own     own
  dismiss           -           -      own       own     own
  assign            -           -      own       own     own
  unassign          -           -      own       own     own
  snooze            -           -      own       own     own
  wake              -           -      own       own     own
  comment           -           -      own       own     own
  merge             -           -      own       own     own
  move              -           -      own       own     own
  add-handler       -           -      -         own     own
  change-handler    -           -      -         own     own
  remove-handler    -           -      -         own     own
  change-team       -           -      -         own     own
  create-team       -           -      -         -       all
  delete            -           -      -         -       own
  redact            -           -      -         -       own
  create-user       -           -      -         -       all
  change-user       -           -      -         -       all
  invite-user       -           -      -         -       all
  erase-user        -           -      -         -       all
  create-key        -           -      -         -       all
  rotate-key        -           -      -         -       all
  end-key-rotation  -           -      -         -       all
  revoke-key        -           -      -         -       all
  pass-time         -           -      -         -       all
`;

const [header = [], ...rows] = table
  .trim()
  .split("\n")
  .map((line) => line.trim().split(/\s+/));
const roles = header.slice(1) as Role[];

/** A command of a kind, on what belongs to the team. Incident 1 and Alice are of `default`, incident 2 and Dora of `network`. */
function commandOf(kind: Command["kind"], team: "default" | "network"): Command {
  const incident = team === "default" ? 1 : 2;
  const handler = team === "default" ? "Alice" : "Dora";
  const all = {
    kind,
    incident,
    incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
    team,
    text: "x",
    into: 1,
    at: "2030-01-01T00:00:00.000Z",
    rules: {},
    user: 1,
    key: 1,
    role: "viewer",
    teams: null,
    dialect: null,
    expires_at: null,
  };
  const isAboutHandler = /handler$|^assign$/.test(kind);
  return (isAboutHandler ? { ...all, handler, capacity: 2 } : all) as unknown as Command;
}

const it = suite("rights");

let test: DeskUnderTest;
let desk: Desk;

it.before(async () => {
  test = await openDesk();
  ({ desk } = test);
  await test.run({ kind: "create-team", team: "network" });
  await test.run({ kind: "add-handler", handler: "Dora", team: "network" });
  await test.report();
  await test.report({ team: "network" });
  let key = 0;
  for (const role of roles) {
    const more = { dialect: null, expires_at: null } as const;
    await test.run({ kind: "create-key", key: ++key, role, teams: ["default"], ...more });
    const teams = role === "integration" ? ["network"] : null;
    await test.run({ kind: "create-key", key: ++key, role, teams, ...more });
  }
});
it.after(() => desk.close());

const now = () => desk.now();
/** The keys of a role: of the team `default` alone, and of every team (an integration: of `network`). */
const keysOf = (role: Role) => [`key:${2 * roles.indexOf(role) + 1}`, `key:${2 * roles.indexOf(role) + 2}`] as const;

it("are decided for every command there is, and every role", () => {
  assert.equal(rows.map(([kind]) => kind).sort(), Object.keys(rightOfCommand).sort());
  assert.equal([...roles].sort(), Object.keys(rightsOfRole).sort());
});

for (const [kind = "", ...cells] of rows) {
  for (const [index, cell] of cells.entries()) {
    const role = roles[index] ?? "viewer";
    it(`${kind} as ${role}: ${cell}`, () => {
      const [own, every] = keysOf(role);
      const may = (actor: string, team: "default" | "network") =>
        forbiddance(desk.board, actor, commandOf(kind as Command["kind"], team), now()) === undefined;
      const isSomewhere = cell !== "-";
      assert.is(may(own, "default"), cell === "own", "in their own team");
      assert.is(may(own, "network"), false, "in another team");
      assert.is(may(every, "network"), isSomewhere, "in that team, when it is theirs");
    });
  }
}

it("are asked for at the desk, and what is refused writes nothing", async () => {
  const before = desk.durable_position;
  const [viewer] = keysOf("viewer");
  const [responder] = keysOf("responder");
  for (const [actor, incident, sentence] of [
    [viewer, 1, "The role viewer does not allow this (resolve); it takes responder, manager or admin."],
    [responder, 2, "The role responder does not count in the team network. It counts in default."],
    ["key:99", 1, "Whoever asks may do nothing here any longer."],
    ["stranger", 1, "Whoever asks may do nothing here any longer."],
  ] as const) {
    const outcome = await desk.submit({ command: { kind: "resolve", incident }, actor });
    assert.equal(outcome, { kind: "refused", position: before, refusal: { code: "forbidden", detail: sentence } });
  }
  assert.is((await test.ledger.head()).position, before);
});

it("are needed in both teams where an incident moves between them", async () => {
  const move = (actor: string) => desk.submit({ command: { kind: "move", incident: 1, team: "NETWORK" }, actor });
  const update = { kind: "update", incident: 1, team: "network" } as const;
  const [own, every] = keysOf("responder");
  assert.is((await move(own)).kind, "refused");
  assert.is((await desk.submit({ command: update, actor: own })).kind, "refused");
  assert.is((await move(every)).kind, "written");
  const back = await desk.submit({ command: { ...update, team: "default" }, actor: every });
  assert.is(back.kind, "written");
});

it("know a team whatever its case, and a report without one as one of the team default", () => {
  const [own] = keysOf("integration");
  const report = { kind: "report", incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11" } as const;
  assert.is(forbiddance(desk.board, own, report, now()), undefined);
  assert.is(forbiddance(desk.board, own, { ...report, team: "DEFAULT" }, now()), undefined);
  assert.is(forbiddance(desk.board, own, { ...report, team: "Network" }, now())?.code, "forbidden");
});

it("let a responder say of themselves alone that they are away, and nothing more", async () => {
  await test.run({ kind: "create-user", user: 1, role: "responder", teams: ["default"], handler: "alice" });
  const change = { kind: "change-handler", handler: "ALICE", available: false } as const;
  const as = (command: Command) => forbiddance(desk.board, "user:1", command, now());
  assert.is(as(change), undefined);
  assert.is(as({ ...change, release: true, reason: "lunch" }), undefined);
  assert.is(as({ ...change, capacity: 9 })?.code, "forbidden");
  assert.is(as({ ...change, name: "Ana" })?.code, "forbidden");
  assert.is(as({ ...change, handler: "Bob" })?.code, "forbidden");
  await test.run({ kind: "change-user", user: 1, role: "viewer" });
  assert.is(as(change)?.code, "forbidden");
});

it("end with the key: revoked or expired", async () => {
  const create = { kind: "create-key", role: "admin", teams: null, dialect: null } as const;
  await test.run({ ...create, key: 50, expires_at: null });
  const soon = new Date(Date.parse(desk.now()) + 60_000).toISOString();
  await test.run({ ...create, key: 51, expires_at: soon });
  const alive = () => ["key:50", "key:51"].map((actor) => principalOf(desk.board, actor, now) !== null);
  assert.equal(alive(), [true, true]);
  await test.run({ kind: "revoke-key", key: 50 });
  assert.equal(alive(), [false, true]);
  await test.runtime.pass(60_000);
  assert.equal(alive(), [false, false]);
});

it("end with the user: deactivated or erased; and come back with one who is made active again", async () => {
  await test.run({ kind: "create-user", user: 2, role: "manager", teams: null });
  const role = () => principalOf(desk.board, "user:2", now)?.role;
  assert.is(role(), "manager");
  await test.run({ kind: "change-user", user: 2, active: false });
  assert.is(role(), undefined);
  await test.run({ kind: "change-user", user: 2, active: true });
  assert.is(role(), "manager");
  await test.run({ kind: "erase-user", user: 2 });
  assert.is(role(), undefined);
});

it("stand in no empty list of teams", async () => {
  await test.run({ kind: "create-user", user: 3, role: "manager", teams: [] });
  assert.is(
    forbiddance(desk.board, "user:3", { kind: "resolve", incident: 1 }, now())?.detail,
    "The role manager does not count in the team default. It counts in no team.",
  );
});
