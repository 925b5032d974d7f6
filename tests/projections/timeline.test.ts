import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { definitions } from "../../events/registry.ts";
import { becauseOf, sentenceOf } from "../../projections/timeline.ts";
import { suite } from "../support/suite.ts";

const it = suite("the timeline's sentences");

for (const definition of definitions.values()) {
  it(`say what ${definition.name} means`, () => {
    const { data, text } = definition.example;
    const event = { type: definition.name, data, text: text ?? null, actor: "admin" } as unknown as RecordedEvent;
    const sentence = sentenceOf(event);
    assert.match(sentence, /^[A-Z].*\.$/);
    assert.not.match(sentence, /undefined|null|\[object/);
  });
}

it("know what an edit changed, even when its text was erased", () => {
  const event = { type: "incident.edited", data: {}, text: null, actor: "admin" } as unknown as RecordedEvent;
  assert.is(sentenceOf(event), "Text changed.");
});

it("do not say who has what was acknowledged for somebody: that may stay with another", () => {
  const acknowledged = (handler: string | null) =>
    sentenceOf({
      type: "incident.acknowledged",
      data: { by: "admin", handler },
      text: null,
      actor: "admin",
    } as unknown as RecordedEvent);
  assert.is(acknowledged("Bob"), "Acknowledged for Bob by admin.");
  assert.is(acknowledged(null), "Acknowledged by admin.");
});

it("tell who handed work back from who took it away", () => {
  const handedBack = (handler: string | null, actor: string) =>
    sentenceOf({ type: "incident.handed-back", data: { handler }, text: null, actor } as unknown as RecordedEvent);
  assert.is(handedBack("Bob", "Bob"), "Handed back by Bob.");
  assert.is(handedBack("Bob", "admin"), "Taken from Bob by admin.");
  assert.is(handedBack(null, "admin"), "Put back into the queue.");
});

it("lead a decision back to the position that it follows from", () => {
  const meta = { offset: 3, events: 5, rules: 1 };
  assert.is(becauseOf({ position: 20, meta }), null);
  assert.is(becauseOf({ position: 20, meta: { ...meta, because: { offset: 1 } } }), 18);
  assert.is(becauseOf({ position: 20, meta: { ...meta, because: { position: 4 } } }), 4);
});
