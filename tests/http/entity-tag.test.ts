import * as assert from "uvu/assert";
import { matchesIfNoneMatch, versionsOfIfMatch } from "../../src/http/entity-tag.ts";
import { readIdempotencyKey } from "../../src/http/idempotency-key.ts";
import { ProblemError } from "../../src/http/problem-error.ts";
import { suite } from "../support/suite.ts";

const it = suite("the headers of a request");

it("allow any version without If-Match, or with a star", () => {
  assert.is(versionsOfIfMatch(undefined), undefined);
  assert.is(versionsOfIfMatch(" * "), undefined);
});

it("allow the versions that If-Match lists", () => {
  assert.equal(versionsOfIfMatch('"3"'), [3]);
  assert.equal(versionsOfIfMatch('"3", "4" ,"5"'), [3, 4, 5]);
  assert.equal(versionsOfIfMatch("7"), [7]);
});

it("allow no version by a weak tag, or by one that we never gave", () => {
  assert.equal(versionsOfIfMatch('W/"3"'), []);
  assert.equal(versionsOfIfMatch('"abc", "03", "3.0"'), []);
});

it("compare If-None-Match weakly", () => {
  assert.ok(matchesIfNoneMatch('W/"3"', 3));
  assert.ok(matchesIfNoneMatch('"1", "3"', 3));
  assert.ok(matchesIfNoneMatch("*", 3));
  assert.not(matchesIfNoneMatch('"4"', 3));
  assert.not(matchesIfNoneMatch(undefined, 3));
});

for (const header of ["", "abc", '"3', "3, 4", '"3" x', "w3"]) {
  it(`refuse If-Match: ${JSON.stringify(header)}`, () => refuses(() => versionsOfIfMatch(header)));
}

it("are read fast, however long and odd they are", () => {
  refuses(() => versionsOfIfMatch(`${", ".repeat(8000)}x`));
});

it("take an idempotency key in quotes or bare", () => {
  assert.is(readIdempotencyKey('"8e03978e-40d5"'), "8e03978e-40d5");
  assert.is(readIdempotencyKey("8e03978e-40d5"), "8e03978e-40d5");
  assert.is(readIdempotencyKey('"say \\"hi\\""'), 'say "hi"');
  assert.is(readIdempotencyKey("k".repeat(255)).length, 255);
});

for (const header of ["", '""', '"open', "k".repeat(256), "caf\u00e9"]) {
  it(`refuse an idempotency key ${JSON.stringify(header.slice(0, 10))} of ${header.length} characters`, () =>
    refuses(() => readIdempotencyKey(header)));
}

function refuses(read: () => unknown): void {
  assert.throws(read, (error: unknown) => error instanceof ProblemError && error.code === "malformed-header");
}
