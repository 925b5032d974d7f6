import { existsSync, readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { variables } from "../../src/config.ts";
import { suite } from "../support/suite.ts";

const it = suite("the files for running it elsewhere");

const dockerfile = readFileSync("Dockerfile", "utf8").replace(/\\\n/g, " ");
const unit = readFileSync("scripts/deploy/incident-ledger.service", "utf8");
const compose = parse(readFileSync("compose.yaml", "utf8"));
const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
/** What tells Node itself something, and no variable of ours. */
const foreign = ["NODE_ENV"];
const known = [...variables.map(({ name }) => name), ...foreign];

it("start the service as npm start does", () => {
  const started = scripts.start.replace(/^exec /, "");
  const command = [...dockerfile.matchAll(/^CMD (\[.*\])$/gm)].at(-1)?.[1] ?? "[]";
  assert.is(JSON.parse(command).join(" "), started);
  assert.match(unit, `ExecStart=/usr/bin/env ${started}\n`);
});

it("set no variable that the service does not know", () => {
  const inImage = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = ""]) =>
    pairs.split(" ").map((pair) => pair.split("=", 1)[0] ?? ""),
  );
  const inUnit = [...unit.matchAll(/^Environment=(\w+)=/gm)].map(([, name = ""]) => name);
  const inCompose = Object.keys(compose.services["incident-ledger"].environment);
  assert.ok(inImage.length > 0 && inUnit.length > 0 && inCompose.length > 0);
  for (const name of [...inImage, ...inUnit, ...inCompose]) assert.ok(known.includes(name), name);
});

it("copy into the image only what is there, and what is not kept out of it", () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths = ""]) => paths.split(" "));
  const allowed = readFileSync(".dockerignore", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  assert.ok(copied.length > 5);
  for (const path of copied) assert.ok(existsSync(path) && allowed.includes(path), path);
});

it("run it as an ordinary user, whose data survive the container", () => {
  assert.match(dockerfile, /^USER node$/m);
  assert.match(dockerfile, /^VOLUME \/data$/m);
  assert.match(dockerfile, / DATA_DIR=\/data /);
  assert.equal(compose.services["incident-ledger"].volumes, ["ledger:/data"]);
  assert.ok("ledger" in compose.volumes);
});

it("give it longer to stop than it takes at most", () => {
  const seconds = (text: unknown) => Number.parseInt(String(text), 10);
  const longest_seconds = 30;
  assert.ok(seconds(compose.services["incident-ledger"].stop_grace_period) > longest_seconds);
  assert.ok(seconds(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) > longest_seconds);
});
