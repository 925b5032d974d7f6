import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";

const it = suite("the log on standard output");

const log = fileURLToPath(new URL("../../dist/src/cli/log.js", import.meta.url));

/** Logs something hostile in a process of its own; returns what came out. */
function logged(log_format: "json" | "pretty"): string {
  const script = `
    import { openLog } from ${JSON.stringify(log)};
    const text = "a\\n{\\"level\\":60}\\u001b[2J\\u009b2J\\u2028\\u0007b";
    const logger = openLog({ log_level: "info", log_format: "${log_format}" });
    logger.info({ text, err: new Error(text) }, "a sentence");
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.is(stderr, "");
  return stdout;
}

it("is one JSON object a line, in which nothing is left that a terminal obeys", () => {
  const out = logged("json");
  assert.is(out.split("\n").length, 2);
  const { msg, text } = JSON.parse(out);
  assert.is(msg, "a sentence");
  assert.match(text, /^a\n\{"level":60\}/);
  assert.not.match(out.trimEnd(), /[\p{Cc}\u2028\u2029]/u);
});

it("is as harmless where it is for people", () => {
  assert.not.match(logged("pretty"), /(?![\n\t])[\p{Cc}\u2028\u2029]/u);
});
