import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";

const it = suite("the tables of src/access/README.md");

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("src/access/README.md", root), "utf8");

const items = `
  6.2.1 6.2.4 6.2.5 6.2.8 6.2.9 6.2.10 6.2.12 11.4.2 6.1.1 6.3.1 15.3.4 6.3.8 6.3.2 6.4.1 6.4.6 7.4.3 6.5.5 6.5.2 11.5.1
  7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.5.2 9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 10.4.5 10.4.8 10.4.9 1.3.6 13.2.4 13.2.5
  15.3.2 1.5.3 1.2.10 1.3.5 1.3.7 1.3.11 1.3.12 16.4.1 13.3.1 14.2.1 11.3.3 16.2.1 16.2.2 16.2.5 16.3.1 16.3.2 16.3.3
  16.4.2 16.4.3 16.5.3 16.5.4 2.3.3 2.4.1 15.4.2
`.match(/[\d.]+/g) as string[];

/** The rows of all tables, as their cells. */
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

it("have every risk and every item that binds the service, once, each with how it is met", () => {
  const risks = Array.from({ length: 10 }, (_, index) => `API${index + 1}`);
  for (const wanted of [...risks, ...items]) {
    const found = rows.filter(([first = ""]) => first.split(" ")[0] === wanted);
    assert.is(found.length, 1, wanted);
    const [, how = "", where = "", tests = ""] = found[0] ?? [];
    assert.ok(how.length > 5, wanted);
    assert.match(where, /`src\/[\w./-]+\.(?:ts|md)`/, wanted);
    assert.match(tests, /^(?:none|`tests\/.*`)$/, wanted);
  }
});

it("name files that exist", () => {
  const files = [...text.matchAll(/`((?:src|tests)\/[^`]*\.(?:ts|md))`/g)].map((match) => match[1] ?? "");
  assert.ok(files.length > 100);
  for (const file of new Set(files)) assert.ok(existsSync(fileURLToPath(new URL(file, root))), file);
});
