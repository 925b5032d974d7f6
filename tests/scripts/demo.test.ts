import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { Client } from "../../scripts/demo/client.ts";
import { day_seconds, generateDay } from "../../scripts/demo/generate-day.ts";
import { takePicture } from "../../scripts/demo/picture.ts";
import { Player } from "../../scripts/demo/player.ts";
import { summaryOf } from "../../scripts/demo/summary.ts";
import type { Json } from "../http/support/json.ts";
import { adminKey, openNode } from "../http/support/node.ts";
import { freshDirectory } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("the demo");

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function demo(args: readonly string[], interrupt_when = ""): Promise<Run> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/demo.ts", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  let is_interrupted = false;
  child.stdout.on("data", (chunk) => {
    out += chunk;
    if (is_interrupted || interrupt_when === "" || !out.includes(interrupt_when)) return;
    is_interrupted = true;
    child.kill("SIGINT");
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

it("says in a sentence what to do where it cannot play", async () => {
  const nobody = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => nobody.once("listening", resolve));
  const address = nobody.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  nobody.on("request", (_request, response) => response.end("hello"));
  const [other, closed, wrong, flag] = await Promise.all([
    demo(["--url", url]),
    demo(["--url", "http://127.0.0.1:9"]),
    demo(["--speed", "fast"]),
    demo(["--what"]),
  ]);
  nobody.close();
  nobody.closeAllConnections();
  assert.match(other.err, /^What answers there is no Incident Ledger; .+\n$/);
  assert.match(closed.err, /^Nothing answers at http:\/\/127\.0\.0\.1:9; start the service with `npm start`.+\n$/);
  assert.match(wrong.err, /^--speed is "fast"; it must be a whole number.+\n$/);
  assert.match(flag.err, /^Unknown option '--what'\. .+--help.+\n$/);
  for (const { code, out } of [other, closed, wrong, flag]) assert.equal([code, out], [2, ""]);
});

/** A node that listens, and the flags with which the demo finds it. */
async function listeningNode() {
  const node = await openNode();
  const url = await node.app.listen({ host: "127.0.0.1", port: 0 });
  const key_file = join(freshDirectory(), "admin.key");
  writeFileSync(key_file, `${adminKey}\n`);
  return { ...node, url, key_file };
}

it("plays a day as often as one likes on one ledger, and names commands that work", async () => {
  const node = await listeningNode();
  const { signal } = new AbortController();
  const client = new Client({ url: node.url, key: adminKey, key_from: "", signal, onWait: () => {} });
  // One team's day is as good as a company's, and over sooner.
  const steps = generateDay({ seed: 4, incidents: 60 }).filter(({ team }) => team === "network");
  const incidents = new Set(steps.flatMap((step) => (step.kind === "report" ? [step.incident] : [])));
  for (const run of ["first", "second"]) {
    const told: string[] = [];
    const onTold = ({ sentence }: { readonly sentence: string }): void => void told.push(sentence);
    const played = await new Player({ client, speed: 1e9, run, signal, onTold }).play(steps);
    assert.is(played.numbers.size, incidents.size);
    assert.is(played.at_seconds, day_seconds);
    assert.ok(told.length > 40, `only ${told.length} sentences`);
    assert.ok(played.refused + played.passed_over < steps.length / 5, JSON.stringify(played));
    // An interrupted one leaves this; the next begins by resolving it.
    const left_over = (await client.read("/incidents?status=open&label=demo:day&limit=1000")).body.incidents as Json[];
    assert.ok(left_over.every(({ number }) => [...played.numbers.values()].includes(Number(number))));
    await client.write("POST", "/incidents", { title: "x", team: "network", labels: { demo: "day" } }, `left-${run}`);
    const waiting = new Map((await takePicture(client)).map((team) => [team.team, team.waiting]));
    const { url, key_file } = node;
    const summary = summaryOf(played, { url, key_file, needs_key: true, waiting });
    const commands = summary.split("\n").filter((line) => line.startsWith("  curl"));
    assert.is(commands.length, 5, summary);
    for (const command of commands) assert.ok((await shell(command.replace("-s", "-sf"))).length > 20, command);
  }
  await node.close();
});

it("ends in good order when it is told to, and asks for another key where one is wrong", async () => {
  const node = await listeningNode();
  const [ended, refused] = await Promise.all([
    demo(["--url", node.url, "--key-file", node.key_file, "--speed", "2000"], "06:00"),
    demo(["--url", node.url, "--key", "wrong"]),
  ]);
  assert.equal([ended.code, ended.err], [0, ""]);
  assert.match(ended.out, /The day is played until 0[6-9]:/);
  assert.equal([refused.code, refused.out], [2, ""]);
  assert.match(refused.err, /^The service does not take the key .+\n$/);
  await node.close();
});

it("waits where the service asks it to, and says so", async () => {
  let asked = 0;
  const busy = createServer((_request, response) => {
    asked += 1;
    response.writeHead(asked === 1 ? 503 : 200, { "retry-after": "1" }).end('{"detail": "Too much to do."}');
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => busy.once("listening", resolve));
  const address = busy.address();
  const waits: string[] = [];
  const client = new Client({
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    key: null,
    key_from: "",
    signal: new AbortController().signal,
    onWait: (sentence) => waits.push(sentence),
  });
  assert.is((await client.read("/queue")).status, 200);
  assert.equal(waits, ["The service asks to wait for 1 s: Too much to do."]);
  busy.close();
  busy.closeAllConnections();
});

/** What a command of a shell prints. */
function shell(command: string): Promise<string> {
  const child = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  return new Promise((resolve) => child.once("close", () => resolve(out)));
}
