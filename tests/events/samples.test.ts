import { readdirSync, readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { definitions } from "../../events/registry.ts";
import { decodeEvent } from "../../src/ledger/event-codec.ts";
import { sampleFile, samplesDirectory } from "../support/events/sample.ts";
import { suite } from "../support/suite.ts";

/*
 * One event of every version of every name, as it was written when that version was new. They are never changed: every
 * later build must be able to read them. A new event, or a new version of one, brings its own file.
 */
const files = readdirSync(samplesDirectory).filter((name) => name.endsWith(".json"));

const it = suite("the frozen samples of events");

it("has one of every event that can be written today", () => {
  for (const { name, version } of definitions.values()) {
    assert.ok(files.includes(sampleFile(name, version)), `${sampleFile(name, version)} is missing`);
  }
});

it("has them of every version up to today's, and of no other", () => {
  for (const file of files) {
    const [, name = "", version = ""] = /^(.+)\.v(\d+)\.json$/.exec(file) ?? [];
    const definition = definitions.get(name);
    assert.ok(definition !== undefined, `${file} is of no known event; names are never given up`);
    assert.ok(Number(version) >= 1 && Number(version) <= definition.version, file);
  }
});

it("still reads each of them", () => {
  for (const file of files) {
    const sample = JSON.parse(readFileSync(new URL(file, samplesDirectory), "utf8"));
    const { meta, data, text } = sample;
    assert.is(file, sampleFile(sample.type, sample.schema_version));
    const event = decodeEvent({
      ...sample,
      meta: JSON.stringify(meta),
      data: JSON.stringify(data),
      text: text === null ? null : JSON.stringify(text),
      had_text: text !== null,
      hash: "00".repeat(32),
    });
    assert.is(event.type, sample.type);
    if (definitions.get(sample.type)?.version === sample.schema_version) {
      assert.equal([event.data, event.text], [data, text], file);
    }
  }
});
