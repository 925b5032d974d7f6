import fc from "fast-check";
import * as assert from "uvu/assert";
import { auditLedger } from "../../../src/audit/audit.ts";
import { suite } from "../../support/suite.ts";
import { type DialectNode, openDialects } from "../support/dialect-client.ts";

const it = suite("all dialects and the service's own interface at once");

type Row = Readonly<Record<string, unknown>>;

/** One call, as numbers: which incident of those there are is decided when it is made. */
const action = fc.record({ where: fc.nat(3), what: fc.nat(5), which: fc.nat(19), word: fc.nat(9) });
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

const words = {
  klimbb: ["Pending", "Assigned", "In Progress", "Snoozed", "Resolved", "Closed", "Open"],
  tracker: ["Open", "In Progress", "Resolved"],
  ucar: ["new", "in_progress", "resolved", "closed"],
};
const ownActions = ["acknowledge", "resolve", "close", "reopen", "dismiss", "escalate", "unassign", "wake"];

const pick = <Value>(values: readonly Value[], index: number): Value => values[index % values.length] as Value;

async function list(service: DialectNode, dialect: "klimbb" | "tracker" | "ucar"): Promise<readonly Row[]> {
  if (dialect === "klimbb") return (await service.ask("klimbb", "GET", "/incidents/")).body as Row[];
  const path = dialect === "ucar" ? "/incidents/?limit=1000" : "/incidents";
  const { incidents, total } = (await service.ask(dialect, "GET", path)).body as { incidents: Row[]; total: number };
  assert.is(total, incidents.length);
  return incidents;
}

async function act(service: DialectNode, { where, what, which, word }: Action): Promise<number> {
  const { ask, own } = service;
  if (where === 0) {
    const rows = await list(service, "klimbb");
    if (what < 2 || rows.length === 0) {
      const json = { type: "A", severity: 1 + (word % 5), timestamp: "2023-12-17T10:00:00Z", description: "d" };
      return (await ask("klimbb", "POST", "/incidents/", { json })).status;
    }
    const json = what === 2 ? { severity: 1 + (word % 5) } : { status: pick(words.klimbb, word) };
    return (await ask("klimbb", "PUT", `/incidents/${pick(rows, which).incident_id}/`, { json })).status;
  }
  if (where === 1) {
    const rows = await list(service, "tracker");
    if (what < 2 || rows.length === 0) {
      const json = { title: "t", description: "d", reported_by: "r", severity: pick(["Low", "Medium", "High"], word) };
      return (await ask("tracker", "POST", "/incidents", { json })).status;
    }
    const path = `/incidents/${pick(rows, which).id}`;
    if (what === 2) return (await ask("tracker", "DELETE", path)).status;
    return (await ask("tracker", "PATCH", path, { json: { status: pick(words.tracker, word) } })).status;
  }
  if (where === 2) {
    const rows = await list(service, "ucar");
    if (what < 2 || rows.length === 0) {
      return (await ask("ucar", "POST", "/incidents/", { json: { description: "d", source: "partner" } })).status;
    }
    const json = { status: pick(words.ucar, word) };
    return (await ask("ucar", "PATCH", `/incidents/${pick(rows, which).id}`, { json })).status;
  }
  const { incidents } = (await own("GET", "/incidents?sort=number")).body as { incidents: Row[] };
  if (incidents.length === 0) return 200;
  const path = `/incidents/${pick(incidents, which).number}`;
  if (what === 0) return (await own("PATCH", path, { team: pick(["default", "tracker", "ucar"], word) })).status;
  if (what === 1) return (await own("POST", `${path}/merge`, { into: pick(incidents, word).number })).status;
  if (what === 2) return (await own("POST", `${path}/snooze`, { minutes: 5 })).status;
  return (await own("POST", `${path}/${pick(ownActions, word)}`)).status;
}

/** What the dialect must show, from what the service's own interface shows. */
async function mustAgree(service: DialectNode): Promise<void> {
  const { incidents } = (await service.own("GET", "/incidents?sort=number&limit=1000")).body as { incidents: Row[] };
  const inTeam = (team: string) => incidents.filter((incident) => incident.team === team);
  const klimbb = await list(service, "klimbb");
  assert.equal(
    new Set(klimbb.map(({ incident_id }) => incident_id)),
    new Set(inTeam("default").map(({ incident_id }) => incident_id)),
  );
  for (const row of klimbb) {
    const own = incidents.find(({ incident_id }) => incident_id === row.incident_id);
    assert.equal([row.severity, row.assigned_to], [own?.severity, own?.assigned_to]);
    assert.equal((await service.ask("klimbb", "GET", `/incidents/${row.incident_id}/`)).body, row);
  }
  for (const dialect of ["tracker", "ucar"] as const) {
    const rows = await list(service, dialect);
    const ids = rows.map(({ id }) => Number(id));
    assert.is(new Set(ids).size, ids.length);
    assert.equal(
      ids,
      [...ids].sort((a, b) => (dialect === "ucar" ? a - b : b - a)),
    );
    assert.is(rows.length, inTeam(dialect).length);
  }
  for (const row of await list(service, "ucar")) {
    assert.equal((await service.ask("ucar", "GET", `/incidents/${row.id}`)).body, row);
  }
}

it(
  "keep every view in itself consistent, and the ledger verifiable",
  async () => {
    const sequence = fc.array(action, { minLength: 5, maxLength: 40, size: "max" });
    await fc.assert(
      fc.asyncProperty(sequence, async (actions) => {
        const service = await openDialects();
        try {
          for (const one of actions) {
            const status = await act(service, one);
            assert.ok(status < 500, `${JSON.stringify(one)} was answered with ${status}`);
          }
          await mustAgree(service);
          const audit = await auditLedger(service.node.services.ledger);
          assert.equal([audit.faults, audit.board?.position], [[], service.node.desk.board.position]);
        } finally {
          await service.close();
        }
      }),
      { numRuns: 10 },
    );
  },
  { timeout_ms: 100_000 },
);

it("give every incident an id of its own when clients report at the same time", async () => {
  const service = await openDialects();
  try {
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) =>
        index % 2 === 0
          ? service.ask("ucar", "POST", "/incidents/", { json: { description: `${index}`, source: "operator" } })
          : service.own("POST", "/incidents", { title: "elsewhere" }),
      ),
    );
    const ids = answers.flatMap(({ body }, index) => (index % 2 === 0 ? [Number((body as Row).id)] : []));
    assert.equal(
      ids.sort((a, b) => a - b),
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    for (const { body } of answers.filter((_, index) => index % 2 === 0)) {
      const { id } = body as Row;
      assert.equal((await service.ask("ucar", "GET", `/incidents/${id}`)).body, body);
    }
  } finally {
    await service.close();
  }
});
