import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { writeExampleHistory } from "../support/example-history.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";
import { change, dropTriggers, hashAnew, rowAt, tampered } from "../support/tampering.ts";

const it = suite("verify");
let good = "";
let events: readonly RecordedEvent[] = [];

it.before(async () => {
  good = freshDirectory();
  events = await writeExampleHistory(good, 12);
});

interface Report {
  readonly ok: boolean;
  readonly head: string;
  readonly events: number;
  readonly decisions: number;
  readonly compared_rows: number;
  readonly fault_count: number;
  readonly faults: readonly { readonly position: number | null; readonly fault: string }[];
  readonly notes: readonly string[];
  readonly not_checkable: readonly unknown[];
  readonly erased: readonly unknown[];
}

async function verify(data_dir: string, ...args: readonly string[]): Promise<{ code: number | null; report: Report }> {
  const { code, stdout, stderr } = await runCli(["verify", "--json", "--data-dir", data_dir, ...args]);
  assert.is(stderr, "");
  return { code, report: JSON.parse(stdout) };
}

/** Verifies a ledger that was tampered with: the first thing that is wrong is at that position and says so. */
async function finds(
  data_dir: string,
  position: number | null,
  said: RegExp,
  ...args: readonly string[]
): Promise<void> {
  const { code, report } = await verify(data_dir, ...args);
  assert.is(code, 1);
  assert.not(report.ok);
  const [first] = report.faults;
  assert.is(first?.position, position, JSON.stringify(report.faults, null, 1));
  const there = report.faults.filter((fault) => fault.position === position).map(({ fault }) => fault);
  assert.ok(
    there.some((fault) => said.test(fault)),
    there.join("\n"),
  );
}

const changed =
  /it was changed, moved or put here after it was recorded: its hash is [0-9a-f]{64}, recorded [0-9a-f]{64}/;

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const stat = statSync(join(directory, name));
      const content = stat.isFile()
        ? createHash("sha256")
            .update(readFileSync(join(directory, name)))
            .digest("hex")
        : "";
      return `${name} ${stat.mtimeMs} ${content}`;
    });
}

it("finds nothing wrong with a ledger as the desk wrote it, and changes nothing in its directory", async () => {
  const before = filesIn(good);
  const { code, report } = await verify(good);
  assert.is(code, 0);
  assert.ok(report.ok);
  assert.is(report.events, events.length);
  assert.is(report.decisions, events.filter(({ meta }) => meta.because !== undefined).length);
  assert.ok(report.compared_rows > 10);
  assert.equal(report.notes, []);
  assert.equal(report.erased, [{ erased: firstComment(), by: erasure() }]);
  assert.equal(filesIn(good), before);
});

it("prints for people what it looked at and the head to note elsewhere", async () => {
  const { code, stdout } = await runCli(["verify", "--data-dir", good]);
  assert.is(code, 0);
  assert.match(stdout, `audited    ${events.length} events`);
  assert.match(stdout, new RegExp(`head       ${events.length}:[0-9a-f]{64}\n`));
  assert.match(stdout, "Nothing is wrong.");
});

it("finds a head that was noted, and misses one that is not there", async () => {
  // A text of this prefix was erased after it, which is nothing wrong.
  const prefix = await verify(good, "--until", "40");
  assert.is(prefix.code, 0);
  const { head } = prefix.report;
  assert.is((await verify(good, "--head", head)).code, 0);
  const [position, hash = ""] = head.split(":");
  const other = `${hash.slice(0, -1)}${hash.endsWith("0") ? "1" : "0"}`;
  await finds(good, Number(position), /noted was/, "--head", `${position}:${other}`);
  await finds(good, events.length + 5, /the ledger ends at/, "--head", `${events.length + 5}:${hash}`);
});

it("finds one byte of an event's data changed", async () => {
  const position = firstReport();
  const copy = tampered(good, (database) => {
    change(database, position, { data: rowAt(database, position).data.replace("Outage", "Outbge") });
  });
  await finds(copy, position, changed);
});

it("finds one byte of an event's text changed", async () => {
  const position = firstReport();
  const copy = tampered(good, (database) => {
    const { text } = rowAt(database, position);
    change(database, position, { text: text?.replace("answer", "bnswer") ?? null });
  });
  await finds(copy, position, /its text was changed after it was recorded/);
});

it("finds an event removed", async () => {
  const copy = tampered(good, (database) => void database.exec("DELETE FROM events WHERE position = 30"));
  await finds(copy, 30, /there is no event here/);
});

it("finds an event removed and the later ones moved up", async () => {
  const copy = tampered(good, (database) => {
    database.exec("DELETE FROM events WHERE position = 30");
    for (let at = 31; at <= events.length; at += 1) {
      database.prepare("UPDATE events SET position = ? WHERE position = ?").run(at - 1, at);
    }
    database.exec("UPDATE head SET position = position - 1");
  });
  await finds(copy, 30, changed);
});

it("finds two events swapped", async () => {
  const copy = tampered(good, (database) => {
    database.exec("UPDATE events SET position = 1000000 WHERE position = 20");
    database.exec("UPDATE events SET position = 20 WHERE position = 21");
    database.exec("UPDATE events SET position = 21 WHERE position = 1000000");
  });
  await finds(copy, 20, changed);
});

it("finds an event appended by hand, whether or not the head was moved with it", async () => {
  const append = (database: Database.Database): void => {
    const { position, stream, version } = rowAt(database, events.length);
    const columns =
      "type, schema_version, recorded_at, actor, command_id || 'x', meta, data, text, text_salt, text_digest";
    database.exec(`INSERT INTO events (position, stream, version, type, schema_version, recorded_at, actor, command_id, meta,
      data, text, text_salt, text_digest, hash)
      SELECT ${position + 1}, '${stream}', ${version + 1}, ${columns}, hash FROM events WHERE position = ${position}`);
  };
  await finds(tampered(good, append), events.length + 1, /it stands after the end of the ledger/);
  const moved = tampered(good, (database) => {
    append(database);
    database.exec("UPDATE head SET position = position + 1");
  });
  await finds(moved, events.length + 1, changed);
});

it("finds a time, an actor and a meta field changed, and says which differs from its commit", async () => {
  const position = firstAssignment();
  const later = tampered(good, (database) => change(database, position, { recorded_at: "2023-12-17T10:59:00.000Z" }));
  await finds(later, position, changed);
  await finds(later, position, /its time is 2023-12-17T10:59:00.000Z, that of its commit/);
  const other = tampered(good, (database) => change(database, position, { actor: "mallory" }));
  await finds(other, position, /its actor is mallory, that of its commit admin/);
  const meta = tampered(good, (database) => {
    const { meta: recorded } = rowAt(database, position);
    change(database, position, { meta: recorded.replace('"events":2', '"events":3') });
  });
  await finds(meta, position, /its commit has 2 events, it says 3/);
});

it("finds an actor changed in a commit of a single event", async () => {
  const position = firstComment();
  await finds(
    tampered(good, (database) => change(database, position, { actor: "mallory" })),
    position,
    changed,
  );
});

it("finds the tail cut: the head says more", async () => {
  const copy = tampered(good, (database) => {
    database.prepare("DELETE FROM events WHERE position > ?").run(events.length - 3);
  });
  await finds(copy, events.length - 2, /there is no event here, although the head says that the ledger ends at/);
});

it("finds the tail cut and the head with it, by what was folded before and by a noted head", async () => {
  const end = events.findLast((event) => event.meta.offset === 0 && event.position < events.length - 3)?.position ?? 0;
  const copy = tampered(good, (database) => {
    database.prepare("DELETE FROM events WHERE position >= ?").run(end);
    const { position, hash, recorded_at } = rowAt(database, end - 1);
    database.prepare("UPDATE head SET position = ?, hash = ?, recorded_at = ?").run(position, hash, recorded_at);
  });
  await finds(copy, events.length, /there is a snapshot of the board, but the ledger ends at/);
  rmSync(join(copy, "snapshots"), { recursive: true });
  await finds(copy, null, /read.db was folded up to position \d+, which the ledger does not have/);
  rmSync(join(copy, "read.db"));
  assert.is((await verify(copy)).code, 0);
  const { head } = (await verify(good)).report;
  await finds(copy, events.length, /the head that was noted is not here/, "--head", head);
});

it("finds a decision altered and everything after it hashed anew, the head too: it does not follow", async () => {
  const position = firstAssignment();
  const copy = withoutCaches(
    tampered(good, (database) => {
      change(database, position, { data: '{"handler":"Bob"}' });
      hashAnew(database, position);
    }),
  );
  await finds(copy, position, /it does not follow: the rules decide incident.assigned {"handler":"Alice"}/);
});

it("names the position of a time that does not exist, everything after it hashed anew", async () => {
  for (const time of ["2026-01-31T99:99:99.999Z", "2026-13-01T10:00:00.000Z"]) {
    const position = events.length;
    const copy = withoutCaches(
      tampered(good, (database) => {
        const { command_id } = rowAt(database, position);
        for (let at = position; at > 0 && rowAt(database, at).command_id === command_id; at -= 1) {
          change(database, at, { recorded_at: time });
        }
        hashAnew(database, position - 4);
      }),
    );
    const { code, report } = await verify(copy);
    assert.is(code, 1, time);
    assert.is(report.ok, false);
  }
});

it("finds a decision taken out of its commit, everything hashed anew", async () => {
  const position = firstAssignment();
  const copy = withoutCaches(
    tampered(good, (database) => {
      const { meta } = rowAt(database, position - 1);
      change(database, position - 1, { meta: meta.replace('"events":2', '"events":1') });
      const next = rowAt(database, position);
      const data = JSON.stringify({ text: "a comment in its place" });
      const alone = next.meta.replace(/"offset":1,"events":2/, '"offset":0,"events":1').replace(/,"because".*/, "}");
      change(database, position, { type: "incident.commented", data: "{}", meta: alone, command_id: "other" });
      change(database, position, { text: data, text_salt: Buffer.alloc(16), text_digest: Buffer.alloc(32) });
      hashAnew(database, position - 1);
    }),
  );
  await finds(copy, position - 1, /a decision is missing after it: the rules decide incident.assigned/);
});

it("finds a fact that was hashed anew with everything after it by a noted head alone", async () => {
  const position = firstReport();
  const { head } = (await verify(good)).report;
  const copy = tampered(good, (database) => {
    change(database, position, { data: rowAt(database, position).data.replace("Outage", "Outbge") });
    hashAnew(database, position);
  });
  await finds(copy, events.length, /the snapshot there is of a ledger whose hash there is/);
  withoutCaches(copy);
  assert.is((await verify(copy)).code, 0);
  await finds(copy, events.length, /this or something before it is not what it was/, "--head", head);
});

it("finds a text that is gone without an erasure, and one that is there again", async () => {
  const gone = tampered(good, (database) => change(database, firstReport(), { text: null, text_salt: null }));
  await finds(gone, firstReport(), /its text is gone, and no event says that it was erased/);
  const back = tampered(good, (database) => {
    change(database, firstComment(), { text: '{"text":"again"}', text_salt: Buffer.alloc(16) });
  });
  await finds(back, firstComment(), /its text was erased by position \d+, and is there again/);
});

it("finds an event that does not keep its schema, though its hash is right", async () => {
  const position = firstReport();
  const copy = withoutCaches(
    tampered(good, (database) => {
      const { data } = rowAt(database, position);
      change(database, position, { data: data.replace('"severity":1', '"severity":9') });
      hashAnew(database, position);
    }),
  );
  await finds(copy, position, /it cannot be read: data\/severity must be <= 5/);
});

it("finds what contradicts the head row", async () => {
  const copy = tampered(
    good,
    (database) => void database.exec("UPDATE head SET recorded_at = '2024-01-01T00:00:00.000Z'"),
  );
  await finds(copy, events.length, /the head says that its time is 2024/);
});

it("ends with 1 where the head row is gone", async () => {
  const copy = tampered(good, (database) => void database.exec("DELETE FROM head"));
  const { code, stderr } = await runCli(["verify", "--data-dir", copy]);
  assert.is(code, 1);
  assert.is(stderr, "The ledger has lost its head row.\n");
});

it("counts commits of unknown rules as not checkable, which is not all right", async () => {
  const copy = withoutCaches(freshDirectory(good));
  const file = join(copy, "ledger.db");
  const ledger = openSqliteLedger({ file, runtime: systemRuntime(), checkpointer: false });
  const head = await ledger.head();
  const version = events.findLast((event) => event.stream === "ledger")?.version ?? 0;
  const adopted = {
    position: head.position + 1,
    stream: "ledger",
    version: version + 1,
    type: "rules.adopted",
    schema_version: 1,
    recorded_at: head.recorded_at,
    actor: "system",
    command_id: "adopting",
    meta: { offset: 0, events: 1, rules: 99 },
    data: { number: 99 },
    text: null,
  } as const;
  await ledger.append(head.position, [{ command_id: "adopting", events: [adopted] }]);
  await ledger.close();
  const { code, report } = await verify(copy);
  assert.is(code, 1);
  assert.is(report.fault_count, 0);
  assert.equal(report.not_checkable, [{ rules: 99, commits: 1 }]);
});

it("finds rows of read.db that are not what the events give", async () => {
  const copy = freshDirectory(good);
  const list = new Database(join(copy, "read.db"));
  list.exec("UPDATE incidents SET severity = 5 WHERE number = 1; DELETE FROM incidents WHERE number = 3");
  list.close();
  const { code, report } = await verify(copy);
  assert.is(code, 1);
  const found = report.faults.map(({ fault }) => fault).join("\n");
  assert.match(found, "read.db, incident 1: its row is damaged");
  assert.match(found, "read.db, incident 3: it is missing");
});

it("finds a snapshot that is not the fold at its position", async () => {
  const copy = freshDirectory(good);
  const file = join(copy, "snapshots", `board-${events.length}.json`);
  const content = readFileSync(file, "utf8");
  const start = content.indexOf(',"state":') + ',"state":'.length;
  const state = content.slice(start, -2).replace(/"turns":\d+/, '"turns":77');
  const header = content.slice(0, start);
  const hash = createHash("sha256").update(state).digest("hex");
  writeFileSync(file, `${header.replace(/"state_hash":"[0-9a-f]+"/, `"state_hash":"${hash}"`)}${state}}\n`);
  await finds(copy, events.length, /the snapshot there has state hash/);
});

it("finds an older snapshot that is not the fold at its position, and notes one that it cannot use", async () => {
  const copy = freshDirectory(good);
  const [file = ""] = readdirSync(join(copy, "snapshots"));
  const content = readFileSync(join(copy, "snapshots", file), "utf8");
  const position = firstAssignment();
  const start = content.indexOf(',"state":') + ',"state":'.length;
  const state = content.slice(start, -2).replace(/"position":\d+,"resolved"/, `"position":${position},"resolved"`);
  const hash = createHash("sha256").update(state).digest("hex");
  const header = { ...JSON.parse(`${content.slice(0, start - ',"state":'.length)}}`), position, state_hash: hash };
  tampered(copy, (database) => {
    header.hash = rowAt(database, position).hash.toString("hex");
  });
  const older = join(copy, "snapshots", `board-${position}.json`);
  writeFileSync(older, `${JSON.stringify(header).slice(0, -1)},"state":${state}}\n`);
  await finds(copy, position, /the snapshot there has state hash/);
  writeFileSync(older, "{");
  const { code, report } = await verify(copy);
  assert.is(code, 0);
  assert.match(report.notes.join(" "), `The snapshot at position ${position} cannot be used by this build`);
});

it("audits a prefix where it is told to, up to the end of that position's commit", async () => {
  const position = firstAssignment();
  const { code, report } = await verify(good, "--until", String(position - 1));
  assert.is(code, 0);
  assert.is(report.events, position);
  const time = events[position - 1]?.recorded_at ?? "";
  assert.is((await verify(good, "--until", time)).report.events, position);
});

if (spawnSync("sqlite3", ["--version"]).status === 0) {
  it("finds what was changed with the sqlite3 tool", async () => {
    const copy = freshDirectory(good);
    const sql = `${dropTriggers} UPDATE events SET data = replace(data, 'Alice', 'Blice') WHERE position = ${firstAssignment()};`;
    assert.is(spawnSync("sqlite3", [join(copy, "ledger.db"), sql]).status, 0);
    await finds(copy, firstAssignment(), changed);
  });
} else {
  it.skip("finds what was changed with the sqlite3 tool", "there is no sqlite3 on the PATH");
}

/** Takes away what was folded from a ledger before it was tampered with. */
function withoutCaches(data_dir: string): string {
  rmSync(join(data_dir, "read.db"));
  rmSync(join(data_dir, "snapshots"), { recursive: true });
  return data_dir;
}

function firstReport(): number {
  return positionOf((event) => event.type === "incident.reported");
}

function firstAssignment(): number {
  return positionOf((event) => event.type === "incident.assigned");
}

function firstComment(): number {
  return positionOf((event) => event.type === "incident.commented");
}

function erasure(): number {
  return positionOf((event) => event.type === "text.erased");
}

function positionOf(condition: (event: RecordedEvent) => boolean): number {
  const event = events.find(condition);
  if (event === undefined) throw new Error("the example has no such event");
  return event.position;
}
