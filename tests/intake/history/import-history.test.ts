import * as assert from "uvu/assert";
import { auditLedger } from "../../../src/audit/audit.ts";
import { histories } from "../../../src/intake/history/all-histories.ts";
import type { HistoricIncident } from "../../../src/intake/history/history.ts";
import { importHistory } from "../../../src/intake/history/import-history.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { type DialectNode, openDialects } from "../../http/support/dialect-client.ts";
import { openDesk } from "../../support/desk-under-test.ts";
import { suite } from "../../support/suite.ts";

const it = suite("moving the history of another system");

type Row = Readonly<Record<string, unknown>>;
let service: DialectNode;

it.before.each(async () => {
  service = await openDialects();
});
it.after.each(async () => {
  const audit = await auditLedger(service.node.services.ledger);
  await service.close();
  assert.equal(audit.faults, []);
});

const move = (system: keyof typeof histories, incidents: readonly HistoricIncident[]) => {
  const { desk, ledger } = service.node.services;
  const { team } = histories[system];
  return importHistory(incidents, { desk, ledger, runtime: systemRuntime(), system, team });
};
const position = () => service.node.desk.durable_position;

const uuidOf = (n: number) => `0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a1${n}`;
const klimbbRows = ["Pending", "Assigned", "In Progress", "Snoozed", "Resolved", "Closed"].map((status, n) => ({
  incident_id: uuidOf(n),
  type: "Outage",
  severity: 1 + (n % 5),
  timestamp: `2023-12-17T10:0${n}:00Z`,
  description: `number ${n}`,
  status,
  assigned_to: status === "Assigned" ? "Bob" : status === "In Progress" ? "Charlie" : null,
}));
const ucarRows = ["new", "in_progress", "resolved", "closed", "new"].map((status, n) => ({
  id: 10 + n,
  description: n === 4 ? "" : `number ${n}`,
  source: "partner",
  status,
  created_at: `2026-01-20T23:32:0${n}`,
}));
const trackerRows = ["Open", "In Progress", "Resolved"].map((status, n) => ({
  id: 1 + n,
  title: `t${n}`,
  description: `d${n}`,
  reported_by: "jane",
  severity: ["Low", "Medium", "High"][n],
  status,
  timestamp: `2025-09-06T20:52:35.52${n}000`,
}));

const nothing = {
  read: 0,
  imported: 0,
  already_there: 0,
  brought_on: 0,
  kept: [],
  without_handler: [],
  altered: [],
  refused: [],
};

it("leaves every incident of klimbb as it was, and its id with it", async () => {
  const report = await move("klimbb", histories.klimbb.read(klimbbRows));
  assert.equal(report, { ...nothing, read: 6, imported: 6 });
  const list = (await service.ask("klimbb", "GET", "/incidents/")).body as Row[];
  // The rules give what was pending to who has room.
  assert.equal(list.slice(1), klimbbRows.slice(1));
  assert.equal(list[0], { ...klimbbRows[0], status: "Assigned", assigned_to: "Alice" });
});

it("leaves every incident of ucar as it was, with ids counted anew", async () => {
  await move("ucar", histories.ucar.read({ incidents: ucarRows }));
  const { body } = await service.ask("ucar", "GET", "/incidents/");
  assert.equal(
    (body as Row).incidents,
    ucarRows.map((row, index) => ({ ...row, id: index + 1 })),
  );
});

it("leaves every incident of tracker as it was", async () => {
  await move("tracker", histories.tracker.read({ incidents: [...trackerRows].reverse() }));
  const { body } = await service.ask("tracker", "GET", "/incidents");
  assert.equal((body as Row).incidents, [...trackerRows].reverse());
});

it("changes nothing when it is done again with the same list, whatever was done here meanwhile", async () => {
  const incidents = histories.ucar.read({ incidents: ucarRows });
  await move("ucar", incidents);
  assert.equal(await move("ucar", incidents), { ...nothing, read: 5, already_there: 5 });
  await service.ask("ucar", "PATCH", "/incidents/1", { json: { status: "closed" } });
  await service.ask("ucar", "PATCH", "/incidents/4", { json: { status: "new" } });
  const before = position();
  assert.equal(await move("ucar", incidents), { ...nothing, read: 5, already_there: 3, kept: ["10", "13"] });
  assert.is(position(), before);
});

it("brings what has come on there to its new state, but for what was worked on here, which it names", async () => {
  await move("ucar", histories.ucar.read({ incidents: ucarRows }));
  await service.ask("ucar", "PATCH", "/incidents/1", { json: { status: "in_progress" } });
  const later = ucarRows.map((row, n) => ({
    ...row,
    status: ["closed", "new", "closed", "in_progress", "resolved"][n],
  }));
  const report = await move("ucar", histories.ucar.read({ incidents: later }));
  assert.equal(report, { ...nothing, read: 5, brought_on: 4, kept: ["10"] });
  const list = async () => ((await service.ask("ucar", "GET", "/incidents/")).body as Row).incidents as Row[];
  const states = (await list()).map(({ status }) => status);
  assert.equal(states, ["in_progress", "new", "closed", "in_progress", "resolved"]);
  const before = position();
  assert.equal(await move("ucar", histories.ucar.read({ incidents: later })), {
    ...nothing,
    read: 5,
    already_there: 4,
    kept: ["10"],
  });
  assert.is(position(), before);
  await move("ucar", histories.ucar.read({ incidents: ucarRows }));
  // What is resolved comes to be closed by itself, so that closed is not taken back for it.
  assert.equal(
    (await list()).map(({ status }) => status),
    ["in_progress", "in_progress", "closed", "closed", "new"],
  );
});

it("lets those who woke by themselves be awake, when the same list is moved again", async () => {
  const { desk, ledger, runtime } = await openDesk();
  const again = () =>
    importHistory(histories.klimbb.read([klimbbRows[3]]), { desk, ledger, runtime, system: "klimbb", team: "default" });
  await again();
  assert.is(desk.board.incident(1)?.status, "snoozed");
  runtime.sleepThrough(25 * 60 * 60 * 1000);
  await desk.catchUp();
  assert.is(desk.board.incident(1)?.status, "assigned");
  const before = desk.durable_position;
  assert.equal(await again(), { ...nothing, read: 1, already_there: 1 });
  assert.is(desk.durable_position, before);
});

it("keeps on record who had what has ended, and names those whose handler is not here", async () => {
  const rows = ["Alice", "Zoe"].map((assigned_to, n) => ({
    ...klimbbRows[4],
    incident_id: uuidOf(7 + n),
    assigned_to,
  }));
  const report = await move("klimbb", histories.klimbb.read(rows));
  assert.equal(report, { ...nothing, read: 2, imported: 2, without_handler: [uuidOf(8)] });
  const list = (await service.ask("klimbb", "GET", "/incidents/")).body as Row[];
  assert.equal(
    list.map(({ status, assigned_to }) => [status, assigned_to]),
    [
      ["Resolved", "Alice"],
      ["Resolved", null],
    ],
  );
});

it("shows the times that the other system gave, were they in the future", async () => {
  const late = "2031-01-01T00:00:00";
  await move("ucar", histories.ucar.read({ incidents: [{ ...ucarRows[0], created_at: late }] }));
  assert.is(((await service.ask("ucar", "GET", "/incidents/1")).body as Row).created_at, late);
  await move("tracker", histories.tracker.read({ incidents: [{ ...trackerRows[0], timestamp: `${late}.000000` }] }));
  const { body } = await service.ask("tracker", "GET", "/incidents");
  assert.is(((body as Row).incidents as Row[])[0]?.timestamp, `${late}.000000`);
});

it("cuts off what does not fit, replaces what cannot be kept, and names it", async () => {
  const long = "x".repeat(600);
  const rows = [{ ...trackerRows[0], title: long, description: "a\0b" }, trackerRows[1]];
  const report = await move("tracker", histories.tracker.read({ incidents: rows }));
  assert.equal(report, { ...nothing, read: 2, imported: 2, altered: ["1"] });
  const { body } = await service.ask("tracker", "GET", "/incidents");
  const [, first] = (body as Row).incidents as Row[];
  assert.is(first?.title, `${"x".repeat(499)}…`);
  assert.is(first?.description, `${long}\n\na\ufffdb`);
});

it("knows by its id an incident of klimbb that came another way, and after it was erased or deleted", async () => {
  const incidents = histories.klimbb.read(klimbbRows);
  await move("klimbb", incidents);
  assert.is((await service.own("DELETE", `/incidents/${uuidOf(0)}`)).status, 200);
  const before = position();
  assert.equal(await move("klimbb", incidents), { ...nothing, read: 6, already_there: 5, kept: [uuidOf(0)] });
  const others = incidents.map((one) => ({ ...one, source_id: "other" }));
  assert.is((await move("klimbb", others)).already_there, 6);
  assert.is(position(), before);
});

it("goes on where it was cut off, in the middle of an incident too", async () => {
  const incidents = histories.ucar.read({ incidents: ucarRows });
  for (let commands = 1; commands <= 6; commands += 1) {
    const cut = await openDialects();
    try {
      const { desk, ledger } = cut.node.services;
      let left = commands;
      const failing = new Proxy(desk, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== "function") return value;
          if (name !== "submit") return value.bind(target);
          return (...args: unknown[]) => {
            left -= 1;
            if (left < 0) return Promise.reject(new Error("cut off"));
            return value.apply(target, args);
          };
        },
      });
      const options = { ledger, runtime: systemRuntime(), system: "ucar", team: "ucar" } as const;
      await importHistory(incidents, { ...options, desk: failing }).then(
        () => assert.unreachable("it was not cut off"),
        (error: unknown) => assert.match(String(error), "cut off"),
      );
      const again = await importHistory(incidents, { ...options, desk });
      assert.is(again.imported + again.already_there + again.brought_on, 5);
      const { body } = await cut.ask("ucar", "GET", "/incidents/");
      assert.equal(
        (body as Row).incidents,
        ucarRows.map((row, index) => ({ ...row, id: index + 1 })),
      );
    } finally {
      await cut.close();
    }
  }
});

it("says what the rules refuse, and moves the rest", async () => {
  const incidents = histories.ucar.read({ incidents: ucarRows });
  const { desk, ledger } = service.node.services;
  const refusing = new Proxy(desk, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "submit") return value.bind(target);
      return (submission: { command: { kind: string; description?: string } }) =>
        submission.command.description === "number 1"
          ? Promise.resolve({ kind: "refused", position: 1, refusal: { code: "x", detail: "No." } })
          : value.call(target, submission);
    },
  });
  const report = await importHistory(incidents, {
    desk: refusing,
    ledger,
    runtime: systemRuntime(),
    system: "ucar",
    team: "ucar",
  });
  assert.equal([report.imported, report.refused], [4, [{ source_id: "11", detail: "No." }]]);
});

it("puts no word of what people wrote into ids that stay for ever", async () => {
  const incidents = histories.tracker.read({ incidents: trackerRows });
  await move("tracker", incidents);
  const retold = histories.tracker.read({ incidents: trackerRows.map((row) => ({ ...row, title: "other" })) });
  assert.is((await move("tracker", retold)).already_there, 3);
});
