import { join } from "node:path";
import * as assert from "uvu/assert";
import { writeExampleLedger } from "../support/example-history.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("the proof of one incident on the command line");

it(
  "is exported, and checked against a noted head without the ledger",
  async () => {
    const data_dir = freshDirectory();
    await writeExampleLedger(data_dir, 0);
    const proof = join(freshDirectory(), "incident-1.ndjson");
    const exported = await runCli(["export", "--incident", "1", "--out", proof, "--data-dir", data_dir, "--json"]);
    assert.is(exported.code, 0, exported.stderr);
    const { head } = JSON.parse(exported.stdout);
    const { code, stdout } = await runCli(["verify", "--file", proof, "--head", `${head.position}:${head.hash}`]);
    assert.is(code, 0);
    assert.match(stdout, /proof {6}of incident 1: \d+ events/);
    assert.match(stdout, "the noted head is in its chain");
  },
  { timeout_ms: 90_000 },
);
