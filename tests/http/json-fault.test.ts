import * as assert from "uvu/assert";
import { jsonFault } from "../../src/http/json-fault.ts";
import { suite } from "../support/suite.ts";

const it = suite("where a text stops being JSON");

it("is said by line and column, with what would have done there", () => {
  const cases: readonly (readonly [string, string, number, number])[] = [
    ["hunter2secret", "a value", 1, 1],
    ["", "a value", 1, 1],
    ['{"h": h}', "a value", 1, 7],
    ['{"a": 1,\n "b" 2}', "a colon", 2, 6],
    ['{"a": 1,\n}', "a name in double quotes", 2, 1],
    ["{a: 1}", "a name in double quotes", 1, 2],
    ['{"a": 1 "b": 2}', "a comma or }", 1, 9],
    ["[1 2]", "a comma or ]", 1, 4],
    ["[1,]", "a value", 1, 4],
    ["[[], {", "a name in double quotes", 1, 7],
    ["[01]", "a comma or ]", 1, 3],
    ["1 1", "the end of the body", 1, 3],
    ['{"a": "x', "the end of a string", 1, 9],
    ['{"a": "\\x"}', "an escape that JSON knows", 1, 8],
    ['{"a": "\n"}', "an escape in the place of a control character", 1, 8],
  ];
  for (const [text, expected, line, column] of cases) {
    assert.equal(jsonFault(text), { expected, line, column }, text);
  }
});

it("is nowhere exactly where the parser takes it, whatever was cut out of it or put into it", () => {
  const good = '{"a":[1,-2.5e+3,true,{"b":null,"c":[]},{}],"d \\u00e9\\n\\"":"x/y\\\\"," ":{"e":[[0],"",false]}}';
  const pieces = [
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "0",
    "-",
    "e",
    ".",
    " ",
    "\n",
    "true",
    "\u0001",
    "\u2028",
  ];
  for (let from = 0; from <= good.length; from += 1) {
    for (const cut of [0, 1, 2, good.length]) {
      for (const piece of pieces) {
        const text = good.slice(0, from) + piece + good.slice(from + cut);
        assert.is(jsonFault(text) === null, parses(text), text);
      }
    }
  }
});

it("is found however deep a text nests", () => {
  const depth = 200_000;
  assert.equal(jsonFault("[".repeat(depth)), { expected: "a value", line: 1, column: depth + 1 });
  assert.is(jsonFault("[".repeat(depth) + "]".repeat(depth)), null);
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
