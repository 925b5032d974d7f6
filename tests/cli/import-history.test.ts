import { readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("import --from");
const patience = { timeout_ms: 90_000 };

const row = (id: number, status: string) => ({
  id,
  description: `number ${id}`,
  source: "monitoring",
  status,
  created_at: "2026-01-20T23:32:02",
});
const rows = Array.from({ length: 130 }, (_, index) =>
  row(index + 1, ["new", "in_progress", "resolved", "closed"][index % 4] ?? "new"),
);

/** A system like ucar, with pages. */
async function openUcar(): Promise<{ readonly address: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://host");
    const skip = Number(searchParams.get("skip") ?? 0);
    const incidents = rows.slice(skip, skip + Number(searchParams.get("limit") ?? 100));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ incidents, total: rows.length }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const found = server.address();
  return {
    address: `http://127.0.0.1:${typeof found === "object" ? found?.port : 0}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

it(
  "moves a running system's incidents, and nothing the second time",
  async () => {
    const data_dir = freshDirectory();
    const system = await openUcar();
    const from = ["import", "--from", "ucar", `${system.address}/incidents/`, "--data-dir", data_dir];
    try {
      const first = await runCli(from);
      assert.equal([first.code, first.stderr], [0, ""]);
      assert.match(first.stdout, /read +130 incidents of ucar\nimported +130 into the team ucar/);
      const again = await runCli([...from, "--json"]);
      const lists = { kept: [], without_handler: [], altered: [], refused: [] };
      const counts = { read: 130, imported: 0, already_there: 130, brought_on: 0, missing: 0 };
      const expected = { data_dir, from: "ucar", ...lists, ...counts };
      assert.equal([again.code, JSON.parse(again.stdout)], [0, expected]);
    } finally {
      system.close();
    }
    const [replayed, verified] = await Promise.all([
      runCli(["replay", "--json", "--data-dir", data_dir]),
      runCli(["verify", "--data-dir", data_dir]),
    ]);
    assert.is(verified.code, 0, verified.stdout + verified.stderr);
    assert.match(replayed.stdout, /"ucar"/);
    const file = join(data_dir, "all.ndjson");
    assert.is((await runCli(["export", "--out", file, "--data-dir", data_dir])).code, 0);
    const copied = await runCli(["import", file, "--data-dir", join(data_dir, "copy")]);
    assert.equal([copied.code, copied.stderr], [0, ""]);
  },
  patience,
);

it(
  "reads a file as well, and says what of it is missing",
  async () => {
    const data_dir = freshDirectory();
    const file = join(data_dir, "page.json");
    writeFileSync(file, JSON.stringify({ incidents: rows.slice(0, 100), total: 130 }));
    const result = await runCli(["import", "--from", "ucar", file, "--data-dir", data_dir]);
    assert.equal([result.code, result.stderr], [1, ""]);
    assert.match(result.stdout, /missing +30 that ucar says it has/);
  },
  patience,
);

it(
  "writes nothing where the list cannot be had or is wrong, and says why",
  async () => {
    const data_dir = freshDirectory();
    const file = join(data_dir, "list.json");
    const wrong = join(data_dir, "wrong.json");
    writeFileSync(file, JSON.stringify({ incidents: [row(1, "new"), row(2, "lost")] }));
    writeFileSync(wrong, "not json");
    const target = join(data_dir, "target");
    const cases: [string[], number, RegExp][] = [
      [["--from", "ucar", file], 1, /list\.json: entry 2: status must be one of new, in_progress, resolved, closed/],
      [["--from", "ucar", wrong], 1, /wrong\.json holds is not JSON/],
      [["--from", "ucar", join(data_dir, "none.json")], 2, /There is no file .*none\.json that can be read\./],
      [["--from", "ucar", data_dir], 2, /is a directory/],
      [["--from", "ucar", "http://127.0.0.1:1/incidents/"], 2, /cannot be reached/],
      [["--from", "jira", file], 2, /Allowed choices are klimbb, tracker, ucar/],
      [["--from", "ucar", "--head", `1:${"0".repeat(64)}`, file], 2, /--head is for exports/],
    ];
    const results = await Promise.all(cases.map(([args]) => runCli(["import", ...args, "--data-dir", target])));
    for (const [index, { code, stdout, stderr }] of results.entries()) {
      assert.equal([code, stdout], [cases[index]?.[1], ""], stderr);
      assert.match(stderr, cases[index]?.[2] ?? /./);
      assert.is(stderr.trim().split("\n").length, 1, stderr);
    }
    assert.not(readdirSync(data_dir).includes("target"));
  },
  patience,
);
