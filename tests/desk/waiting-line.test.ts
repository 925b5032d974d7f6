import * as assert from "uvu/assert";
import type { Waiting } from "../../src/desk/repeats.ts";
import { WaitingLine } from "../../src/desk/waiting-line.ts";
import { suite } from "../support/suite.ts";

const it = suite("the commands that wait");

function line() {
  const pauses: number[] = [];
  const after = (delay_ms: number, callback: () => void): (() => void) => {
    pauses.push(delay_ms);
    callback();
    return () => {};
  };
  return { pauses, waiting: new WaitingLine({ after }) };
}

const one = { submission: { command: { kind: "resolve", incident: 1 }, actor: "admin" } } as unknown as Waiting;

it("gives those who were answered a quarter of what a slow batch took, and never much", async () => {
  const { pauses, waiting } = line();
  await waiting.letReturn(256, 8);
  await waiting.letReturn(256, 900);
  assert.equal(pauses, [2, 10]);
});

it("waits for nobody where the disk is quick, or the batch is full", async () => {
  const { pauses, waiting } = line();
  await waiting.letReturn(256, 3);
  waiting.join(one);
  await waiting.letReturn(1, 900);
  assert.equal(pauses, []);
});
