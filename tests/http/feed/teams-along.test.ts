import * as assert from "uvu/assert";
import { incidentOfStream } from "../../../events/stream.ts";
import type { EventFilter } from "../../../src/http/feed/event-filter.ts";
import { readMatching } from "../../../src/http/feed/matching-events.ts";
import { TeamsAlong } from "../../../src/http/feed/teams-along.ts";
import type { HashedEvent } from "../../../src/ledger/ledger.ts";
import { MemoryLedger } from "../../../src/ledger/memory/memory-ledger.ts";
import { countedRuntime } from "../../support/ledger/example-commits.ts";
import { RandomHistory, seededRandom } from "../../support/readmodels/random-history.ts";
import { suite } from "../../support/suite.ts";

const it = suite("the events of a team");

/** The positions of a team's events, by a plain fold of everything. */
function ofTeam(events: readonly HashedEvent[], team: string): readonly number[] {
  const teams = new Map<string, string>();
  return events.flatMap((event) => {
    const { stream, type, data, position } = event;
    const before = teams.get(stream);
    if ("team" in data && (incidentOfStream(stream) !== null || stream.startsWith("handler/")))
      teams.set(stream, data.team);
    if (type === "incident.moved") teams.set(stream, event.data.to);
    const is_theirs = stream === `team/${team}` || teams.get(stream) === team || before === team;
    if (type === "handler.left") teams.delete(stream);
    return is_theirs ? [position] : [];
  });
}

it("are the same whatever the pages and wherever one begins, in any history", async () => {
  for (const seed of [1, 2, 3]) {
    const ledger = new MemoryLedger({ runtime: countedRuntime() });
    const history = new RandomHistory(ledger, seed);
    await history.open();
    while (history.position < 900) await history.grow(20);
    const all: HashedEvent[] = [];
    for (let after = 0; after < history.position; after = all.length) all.push(...(await ledger.read({ after })));
    const random = seededRandom(seed);
    for (const team of ["default", "network", "payments"]) {
      const wanted = ofTeam(all, team);
      for (let round = 0; round < 6; round += 1) {
        const from = Math.floor(random() * 400);
        const types = round % 3 === 0 ? (["incident.reported", "incident.moved"] as const) : null;
        const filter: EventFilter = { team, incident: null, types };
        const teams = new TeamsAlong(ledger);
        const found: number[] = [];
        for (let after = from; after < history.position; ) {
          const limit = 1 + Math.floor(random() * 300);
          const slice = await readMatching(ledger, filter, teams, { after, until: history.position, limit });
          assert.ok(slice.events.length <= limit && slice.reached > after);
          found.push(...slice.events.map(({ position }) => position));
          after = slice.reached;
        }
        const names: readonly string[] | null = types;
        const expected = wanted.filter((position) => {
          const type = all[position - 1]?.type ?? "";
          return position > from && (names === null || names.includes(type));
        });
        assert.equal(found, expected, `seed ${seed}, ${team} after ${from}`);
        assert.ok(round % 3 === 0 || found.length > 0);
      }
    }
  }
});
