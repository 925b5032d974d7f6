import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { Board } from "../../projections/board.ts";
import { stateHash } from "../../src/readmodels/state-hash.ts";
import { foldEvent } from "../../src/rules/rules.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";
import { change, tampered } from "../support/tampering.ts";

const it = suite("replay");
let data_dir = "";
let events: readonly RecordedEvent[] = [];

it.before(async () => {
  data_dir = freshDirectory();
  events = await writeExampleHistory(data_dir, 6);
});

interface Replayed {
  readonly position: number;
  readonly head_position: number;
  readonly hash: string;
  readonly state_hash: string;
  readonly incidents: Readonly<Record<string, number>>;
  readonly teams: readonly {
    readonly team: string;
    readonly queue: readonly { readonly number: number; readonly severity: number; readonly timestamp: string }[];
    readonly handlers: readonly {
      readonly handler_id: string;
      readonly active: number;
      readonly incidents: number[];
    }[];
  }[];
}

async function replay(directory: string, ...args: readonly string[]): Promise<Replayed> {
  const { code, stdout, stderr } = await runCli(["replay", "--json", "--data-dir", directory, ...args]);
  assert.is(stderr, "");
  assert.is(code, 0);
  return JSON.parse(stdout);
}

/** The end of the commit that an event belongs to. */
function endOf({ position, meta }: RecordedEvent): number {
  return position - meta.offset + meta.events - 1;
}

function foldOf(until: number): Board {
  const board = new Board();
  for (const event of events) if (event.position <= until) foldEvent(board, event);
  return board;
}

it("gives the same state hash twice, from a copied directory elsewhere, and without what was folded before", async () => {
  const first = await replay(data_dir);
  assert.is(first.position, events.length);
  assert.is(first.state_hash, stateHash(foldOf(events.length)));
  assert.equal(await replay(data_dir), first);
  assert.equal(await replay(freshDirectory(data_dir)), first);
});

it("gives at any position the fold of that prefix, to the end of the commit that the position is in", async () => {
  const chosen = events.filter((event, index) => index % 17 === 0 || event.meta.events > 2).slice(0, 8);
  for (const event of chosen) {
    const found = await replay(data_dir, "--until", String(event.position));
    assert.is(found.position, endOf(event));
    assert.is(found.head_position, events.length);
    assert.is(found.state_hash, stateHash(foldOf(endOf(event))), `at ${event.position}`);
  }
});

it("gives at a time the fold of what was recorded by then", async () => {
  const event = events[40];
  assert.ok(event);
  const last = events.findLast((other) => other.recorded_at <= event.recorded_at);
  assert.is((await replay(data_dir, "--until", event.recorded_at)).position, last?.position);
});

it("shows queues in order, workload, and how many incidents there are of each status", async () => {
  const { teams, incidents } = await replay(data_dir);
  const board = foldOf(events.length);
  for (const { team, queue, handlers } of teams) {
    assert.equal(
      queue.map(({ number }) => number),
      [...board.queueOf(team).inOrder()].map(({ number }) => number),
    );
    for (const { handler_id, incidents: work } of handlers) assert.equal(work, board.workOf(handler_id));
  }
  const all = Object.values(incidents).reduce((sum, count) => sum + count, 0);
  assert.is(all, board.last_incident);
  assert.is(incidents.deleted, 1);
  assert.is(incidents.merged, 1);
  const pending = teams.reduce((sum, { queue }) => sum + queue.length, 0);
  assert.is(incidents.pending, pending);
});

it("limits what it prints to a team, whatever the case of its name", async () => {
  const { teams, state_hash } = await replay(data_dir, "--team", "NETWORK");
  assert.equal(
    teams.map(({ team }) => team),
    ["network"],
  );
  assert.is(state_hash, stateHash(foldOf(events.length)));
  const { code, stderr } = await runCli(["replay", "--data-dir", data_dir, "--team", "nobody"]);
  assert.is(code, 2);
  assert.is(stderr, "There is no team nobody; there are default, network.\n");
});

it("prints tables for people", async () => {
  const { stdout } = await runCli(["replay", "--data-dir", data_dir]);
  assert.match(stdout, /^status +incidents$/m);
  assert.match(stdout, /^Queue of default$/m);
  assert.match(stdout, /^handler +active +capacity/m);
  assert.match(stdout, /^state hash +[0-9a-f]{64}$/m);
});

it("tells an incident's story, by number and by id, with what each decision follows from", async () => {
  const { stdout } = await runCli(["replay", "--json", "--data-dir", data_dir, "--incident", "1"]);
  const { incident, events: told } = JSON.parse(stdout);
  const own = events.filter((event) => event.stream === "incident/1");
  assert.equal(
    told.map((event: RecordedEvent) => event.position),
    own.map(({ position }) => position),
  );
  assert.is(told[1].kind, "decision");
  assert.is(told[1].because, told[0].position);
  const byId = await runCli(["replay", "--data-dir", data_dir, "--incident", incident.incident_id.toUpperCase()]);
  assert.match(byId.stdout, "Incident 1: something of severity 1");
  assert.match(byId.stdout, `Assigned to Alice by the rules. (because of ${told[0].position})`);
  const unknown = await runCli(["replay", "--data-dir", data_dir, "--incident", "1", "--until", "2"]);
  assert.is(unknown.code, 2);
  assert.match(unknown.stderr, "There is no incident 1 in the ledger at position");
});

it("says why an incident is what it is, and who else could have got it", async () => {
  const told = await runCli(["replay", "--data-dir", data_dir, "--incident", "2", "--until", "9", "--why"]);
  assert.is(told.code, 0);
  assert.match(told.stdout, /^Incident 2: Bob has it\.$/m);
  assert.match(told.stdout, "Assigned to Bob by the rules. (because of 8)");
  assert.match(told.stdout, /^ +Bob +yes +0\/1 +0 +- +was chosen$/m);
  assert.match(told.stdout, /^ +Alice +yes +1\/1 +1 .* Alice was at capacity, with 1 of 1\.$/m);
  const alone = await runCli(["replay", "--data-dir", data_dir, "--why"]);
  assert.equal([alone.code, alone.stderr], [2, "Give --incident with --why.\n"]);
});

it("ends with 1 and a sentence where the ledger is damaged", async () => {
  const missing = tampered(data_dir, (database) => void database.exec("DELETE FROM events WHERE position = 30"));
  const { code, stderr } = await runCli(["replay", "--data-dir", missing]);
  assert.is(code, 1);
  assert.is(stderr, "The ledger has no event at position 30; run verify to learn what is wrong with it.\n");
  const unreadable = tampered(data_dir, (database) => change(database, 30, { data: "{" }));
  const second = await runCli(["replay", "--data-dir", unreadable]);
  assert.is(second.code, 1);
  assert.match(second.stderr, /^The event at position 30 cannot be read: .* Run verify to learn more\.\n$/);
});

it("leaves the directory as it was", () => {
  assert.equal(readdirSync(data_dir).sort(), ["ledger.db", "read.db", "snapshots"]);
  assert.is(readdirSync(join(data_dir, "snapshots")).length, 1);
});
