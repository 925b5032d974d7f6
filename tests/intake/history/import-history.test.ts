import * as assert from "uvu/assert";
import { auditLedger } from "../../../src/audit/audit.ts";
import { histories } from "../../../src/intake/history/all-histories.ts";
import type { HistoricIncident } from "../../../src/intake/history/history.ts";
import { importHistory } from "../../../src/intake/history/import-history.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { type DialectNode, openDialects } from "../../http/support/dialect-client.ts";
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

it("leaves every incident of klimbb as it was, and its id with it", async () => {
  const report = await move("klimbb", histories.klimbb.read(klimbbRows));
  assert.equal(report, { read: 6, imported: 6, already_there: 0, refused: [] });
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

it("changes nothing when it is done again, however far things have come meanwhile", async () => {
  const incidents = histories.ucar.read({ incidents: ucarRows });
  await move("ucar", incidents);
  await service.ask("ucar", "PATCH", "/incidents/1", { json: { status: "closed" } });
  await service.ask("ucar", "PATCH", "/incidents/4", { json: { status: "new" } });
  const before = position();
  assert.equal(await move("ucar", incidents), { read: 5, imported: 0, already_there: 5, refused: [] });
  // The other system has gone on, too: what is here is what counts.
  const later = histories.ucar.read({ incidents: ucarRows.map((row) => ({ ...row, status: "resolved" })) });
  await move("ucar", later);
  assert.is(position(), before);
});

it("knows by its id an incident of klimbb that came another way, and after it was erased or deleted", async () => {
  const incidents = histories.klimbb.read(klimbbRows);
  await move("klimbb", incidents);
  assert.is((await service.own("DELETE", `/incidents/${uuidOf(0)}`)).status, 200);
  const before = position();
  assert.is((await move("klimbb", incidents)).already_there, 6);
  assert.is(
    (
      await move(
        "klimbb",
        incidents.map((one) => ({ ...one, source_id: "other" })),
      )
    ).already_there,
    6,
  );
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
      assert.is(again.imported + again.already_there, 5);
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
