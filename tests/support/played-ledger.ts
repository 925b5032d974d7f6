import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { Hits } from "../simulation/hits.ts";
import { play } from "../simulation/play.ts";
import { headOf, uuidOf } from "./ledger/example-commits.ts";
import { seededRandom } from "./readmodels/random-history.ts";

/** Plays so many random commands under the real rules and appends what they come to; gives all events. */
export async function playInto(ledger: Ledger, seed: number, commands: number): Promise<readonly RecordedEvent[]> {
  const random = seededRandom(seed);
  const moves = Array.from({ length: commands + 1 }, () => Math.floor(random() * 2 ** 31));
  const commits: (readonly RecordedEvent[])[] = [];
  play(moves, new Hits(), { hear: (events) => commits.push(events) });
  let head = 0;
  for (const [index, commit] of commits.entries()) {
    const command_id = uuidOf(7_000_000 + index);
    const events = commit.map((event): RecordedEvent => ({ ...event, command_id }));
    head = headOf(await ledger.append(head, [{ command_id, events }])).position;
  }
  return commits.flat();
}
