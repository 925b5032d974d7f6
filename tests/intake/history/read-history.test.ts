import * as assert from "uvu/assert";
import { histories } from "../../../src/intake/history/all-histories.ts";
import { readHistory } from "../../../src/intake/history/fetch-history.ts";
import { suite } from "../../support/suite.ts";

const it = suite("reading the lists of other systems");

const read = (system: keyof typeof histories, answer: unknown) =>
  readHistory(JSON.stringify(answer), "list.json", histories[system]).incidents;

const klimbb = {
  incident_id: "0198C0DE-7b1c-7cc3-9d53-2f1f2c0e7a11",
  type: "System Outage",
  severity: 1,
  timestamp: "2023-12-17T10:00:00Z",
  description: "Complete system failure\nsince ten",
  status: "Assigned",
  assigned_to: "Alice",
};
const tracker = {
  id: 7,
  title: "Gateway down",
  description: "Cards are declined.",
  reported_by: "jane",
  severity: "High",
  status: "In Progress",
  timestamp: "2025-09-06T20:52:35.521060",
};
const ucar = {
  id: 1,
  description: "Самокат",
  source: "monitoring",
  status: "closed",
  created_at: "2026-11-20T23:32:02",
};

it("reads klimbb's, whose ids stay", () => {
  assert.equal(read("klimbb", [klimbb]), [
    {
      source_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
      incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
      status: "pending",
      assigned_to: "Alice",
      is_altered: false,
      report: {
        title: "Complete system failure",
        description: "Complete system failure\nsince ten",
        type: "System Outage",
        severity: 1,
        timestamp: "2023-12-17T10:00:00.000Z",
      },
    },
  ]);
});

it("reads tracker's, whose times are UTC without saying so", () => {
  const { id, ...newest } = { ...tracker, id: 7 };
  const answer = { incidents: [{ ...newest, id: id + 1 }, tracker], total: 2 };
  const found = read("tracker", answer);
  assert.equal(
    found.map(({ source_id }) => source_id),
    ["7", "8"],
  );
  assert.equal(found[0]?.report, {
    title: "Gateway down",
    description: "Cards are declined.",
    reported_by: "jane",
    severity: 2,
    timestamp: "2025-09-06T20:52:35.521Z",
  });
  assert.equal([found[0]?.status, found[0]?.assigned_to], ["acknowledged", null]);
});

it("reads ucar's, descriptions that say nothing included", () => {
  assert.equal(read("ucar", { incidents: [{ ...ucar, description: "" }], total: 1 })[0], {
    source_id: "1",
    status: "closed",
    assigned_to: null,
    is_altered: false,
    report: {
      title: "(no description)",
      description: "",
      source: "monitoring",
      timestamp: "2026-11-20T23:32:02.000Z",
    },
  });
});

it("names the entry and the field that is not as it should be", () => {
  const cases: [keyof typeof histories, unknown, string][] = [
    ["klimbb", [klimbb, { ...klimbb, severity: 6 }], "entry 2: severity must be a whole number from 1 to 5, not 6."],
    ["klimbb", [{ ...klimbb, incident_id: "7" }], 'entry 1: incident_id must be a UUID, not "7".'],
    ["klimbb", [{ ...klimbb, assigned_to: 7 }], "entry 1: assigned_to must be a text, not 7."],
    ["klimbb", [null], "entry 1 is no incident: it is not an object."],
    ["tracker", { incidents: [{ ...tracker, status: "new" }] }, "status must be one of Open, In Progress, Resolved"],
    ["tracker", { incidents: [{ ...tracker, title: 7 }] }, "title must be a text, not 7."],
    ["ucar", { incidents: [{ ...ucar, created_at: "2024-02-30T00:00:00" }] }, "created_at must be a time"],
    ["tracker", { incidents: [{ ...tracker, timestamp: "yesterday" }] }, 'timestamp must be a time, not "yesterday".'],
    ["ucar", { incidents: [{ ...ucar, created_at: "9999-12-31T23:59:59-05:00" }] }, "created_at must be a time"],
    ["ucar", { incidents: [{ ...ucar, id: 0 }] }, "entry 1: id must be a whole number from 1, not 0."],
    ["ucar", { incidents: {} }, "`incidents` must be a list of incidents."],
    ["ucar", [ucar], "`incidents` must be a list of incidents."],
    ["ucar", "text", "`incidents` must be a list of incidents."],
  ];
  for (const [system, answer, message] of cases) {
    let said = "";
    try {
      read(system, answer);
    } catch (error) {
      said = error instanceof Error ? error.message : String(error);
    }
    assert.match(said, message);
    assert.match(said, /^list\.json: /);
  }
});
