import { array, assert as assertProperty, nat, noBias, property } from "fast-check";
import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream } from "../../events/stream.ts";
import { Board } from "../../projections/board.ts";
import { boardFromState, boardState } from "../../projections/board-state.ts";
import type { Incident } from "../../projections/incident.ts";
import { foldIncident } from "../../projections/incident-fold.ts";
import { foldEvent } from "../../src/rules/rules.ts";
import { suite } from "../support/suite.ts";
import { Hits } from "./hits.ts";
import { play } from "./play.ts";

const seed = Number(process.env.SIMULATION_SEED ?? 20_231_217);

const it = suite("the folds");

it("accept every recorded event, whatever came before it", () => {
  const moves = array(noBias(nat()), { minLength: 50, maxLength: 60 });
  const holds = property(moves, nat(), (list, salt) => {
    const events: RecordedEvent[] = [];
    play(list, new Hits(), { hear: (commit) => events.push(...commit) });
    // Every other event or so is lost; the folds must not mind.
    const left = events.filter(({ position }) => ((position * 2_654_435_761 + salt) >>> 7) % 2 === 0);
    const board = new Board();
    const incidents = new Map<number, Incident | null>();
    for (const event of left) {
      foldEvent(board, event);
      const number = incidentOfStream(event.stream);
      if (number !== null) incidents.set(number, foldIncident(incidents.get(number) ?? null, event));
    }
    assert.is(board.position, left.at(-1)?.position ?? 0);
    assert.equal(boardState(boardFromState(boardState(board))), boardState(board));
  });
  console.log(`\nseed ${seed} (SIMULATION_SEED)`);
  assertProperty(holds, { numRuns: 100, seed });
});
