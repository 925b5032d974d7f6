import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { Board } from "../../projections/board.ts";
import { Rederivation } from "../../src/audit/rederivation.ts";
import { stateHash } from "../../src/readmodels/state-hash.ts";
import { foldEvent } from "../../src/rules/rules.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("decisions made again");
let events: readonly RecordedEvent[] = [];

it.before(async () => {
  events = await writeExampleHistory(freshDirectory(), 9);
});

function commitsOf(all: readonly RecordedEvent[]): RecordedEvent[][] {
  const commits: RecordedEvent[][] = [];
  for (const event of all) {
    if (event.meta.offset === 0) commits.push([]);
    commits.at(-1)?.push(event);
  }
  return commits;
}

function foldOf(all: readonly RecordedEvent[]): string {
  const board = new Board();
  for (const event of all) foldEvent(board, event);
  return stateHash(board);
}

it("come out as they are recorded, and leave the board where the record does", () => {
  const rederivation = new Rederivation();
  for (const commit of commitsOf(events)) assert.is(rederivation.next(commit), null);
  assert.is(rederivation.decisions, events.filter(({ meta }) => meta.because !== undefined).length);
  assert.is(rederivation.commits, commitsOf(events).length);
  assert.is(stateHash(rederivation.board), foldOf(events));
});

it("show each single decision that is changed, dropped or given another reason", () => {
  for (const [index, commit] of commitsOf(events).entries()) {
    for (const [offset, event] of commit.entries()) {
      if (event.meta.because === undefined) continue;
      const because = { position: 1 };
      const otherReason = commit.with(offset, { ...event, meta: { ...event.meta, because } });
      const dropped = commit.toSpliced(offset, 1);
      const doubled = commit.toSpliced(offset, 0, event);
      for (const altered of [otherReason, dropped, doubled]) {
        const rederivation = new Rederivation();
        for (const before of commitsOf(events).slice(0, index)) rederivation.next(before);
        assert.ok(rederivation.next(altered), `position ${event.position}`);
      }
    }
  }
});

it("go on from what is recorded after one that does not follow", () => {
  const altered = events.map((event) =>
    event.type === "incident.assigned" ? { ...event, data: { handler: "Charlie" } } : event,
  );
  const rederivation = new Rederivation();
  let faults = 0;
  for (const commit of commitsOf(altered)) if (rederivation.next(commit) !== null) faults += 1;
  assert.ok(faults > 0);
  assert.is(stateHash(rederivation.board), foldOf(altered));
});

it("are left out where the rules are not known, and counted", () => {
  const future = events.map((event) => ({ ...event, meta: { ...event.meta, rules: 7 } }) as RecordedEvent);
  const rederivation = new Rederivation();
  for (const commit of commitsOf(future)) assert.is(rederivation.next(commit), null);
  assert.is(rederivation.decisions, 0);
  assert.equal([...rederivation.unknown], [[7, commitsOf(future).length]]);
});
