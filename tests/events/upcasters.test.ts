import { Type } from "@sinclair/typebox";
import * as assert from "uvu/assert";
import { defineEvent } from "../../events/define-event.ts";
import { body } from "../../events/fields.ts";
import { definitions } from "../../events/registry.ts";
import { type Upcaster, upcast, upcasters } from "../../events/upcasters.ts";
import { decodeEvent, type EventRow } from "../../src/ledger/event-codec.ts";
import { UnreadableEvent } from "../../src/ledger/ledger-errors.ts";
import { suite } from "../support/suite.ts";

/*
 * An event that has come to its third version: at first its severity was a word, then a number, then the place moved
 * from the data, where it never should have been, to the text.
 */
const severities: Readonly<Record<string, number>> = { critical: 1, low: 4 };

const steps: readonly Upcaster[] = [
  {
    name: "incident.spotted",
    from: 2,
    upcast: ({ data: { place, ...data }, text }) => ({ data, text: place === undefined ? text : { ...text, place } }),
  },
  {
    name: "incident.spotted",
    from: 1,
    upcast: ({ data, text }) => ({ data: { ...data, severity: severities[String(data.severity)] ?? 3 }, text }),
  },
  { name: "incident.other", from: 1, upcast: () => ({ data: { wrong: true }, text: null }) },
];

const spotted = defineEvent({
  name: "incident.spotted",
  version: 3,
  kind: "fact",
  data: body({ severity: Type.Integer({ minimum: 1, maximum: 5 }) }),
  text: body({ place: Type.Optional(Type.String()) }),
  example: { data: { severity: 1 } },
});

const vocabulary = { definitions: new Map([[spotted.name, spotted]]), steps };

function rowOf(schema_version: number, data: object, text: object | null = null): EventRow {
  return {
    position: 7,
    stream: "incident/1",
    version: 1,
    type: "incident.spotted",
    schema_version,
    recorded_at: "2026-01-31T09:15:00.000Z",
    actor: "admin",
    command_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a12",
    meta: '{"offset":0,"events":1,"rules":1}',
    data: JSON.stringify(data),
    text: text === null ? null : JSON.stringify(text),
    had_text: text !== null,
    hash: "00".repeat(32),
  };
}

const it = suite("old versions of events");

it("are brought to the present step by step, in order", () => {
  const old = { data: { severity: "critical", place: "Zürich" }, text: null };
  assert.equal(upcast("incident.spotted", 1, 3, old, steps), { data: { severity: 1 }, text: { place: "Zürich" } });
  const newer = { data: { severity: 2 }, text: { place: "Bern" } };
  assert.equal(upcast("incident.spotted", 2, 3, newer, steps), newer);
});

it("are left as they are where they are of the present", () => {
  const bodies = { data: { severity: 2 }, text: null };
  assert.is(upcast("incident.spotted", 3, 3, bodies, steps), bodies);
});

it("are not changed themselves", () => {
  const old = Object.freeze({ data: Object.freeze({ severity: "low", place: "Zürich" }), text: null });
  upcast("incident.spotted", 1, 3, old, steps);
  assert.equal(old, { data: { severity: "low", place: "Zürich" }, text: null });
});

it("cannot be read where a step is missing", () => {
  const old = { data: { severity: "low" }, text: null };
  const without = steps.filter(({ from }) => from !== 2);
  assert.throws(() => upcast("incident.spotted", 1, 3, old, without), /has no step from version 2 to 3/);
});

it("cannot be read where they are newer than this build", () => {
  assert.throws(
    () => upcast("incident.spotted", 4, 3, { data: {}, text: null }, steps),
    /is newer than this build knows/,
  );
});

it("are read from the ledger as if they had been written today, and keep their own number", () => {
  const event = decodeEvent(rowOf(1, { severity: "critical", place: "Zürich" }), vocabulary);
  assert.equal([event.data, event.text, event.schema_version], [{ severity: 1 }, { place: "Zürich" }, 1]);
});

it("are checked against the present schema when they have been read", () => {
  const wrong = rowOf(2, { severity: 9 });
  assert.throws(() => decodeEvent(wrong, vocabulary), /position 7 cannot be read: data\/severity must be <= 5/);
  const newer = rowOf(4, { severity: 1 });
  assert.throws(
    () => decodeEvent(newer, vocabulary),
    (error: unknown) => error instanceof UnreadableEvent && error.position === 7,
  );
});

it("have a step from every version to the next", () => {
  for (const { name, version } of definitions.values()) {
    for (let from = 1; from < version; from += 1) {
      const found = upcasters.filter((step) => step.name === name && step.from === from);
      assert.is(found.length, 1, `${name} from ${from}`);
    }
  }
  for (const { name, from } of upcasters)
    assert.ok(from < (definitions.get(name)?.version ?? 0), `${name} from ${from}`);
});
