import { writeFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { auditList } from "../../src/readmodels/audit-list.ts";
import { KeptList } from "../support/readmodels/kept-list.ts";
import { suite } from "../support/suite.ts";

const it = suite("the audit of the list");

it("finds nothing in a list that is a fold of the ledger, also while the ledger goes on", async () => {
  const kept = await KeptList.grown(1);
  assert.is(await auditList(kept.data_dir, kept.ledger), null);
  await kept.visit();
  const audit = await auditList(kept.data_dir, kept.ledger);
  assert.equal(audit, { position: kept.history.position, incidents: (await kept.numbers()).length, faults: [] });
  await kept.grow(100);
  const behind = await auditList(kept.data_dir, kept.ledger);
  assert.equal(behind?.faults, []);
  assert.is(behind?.position, audit?.position);
});

it("names every row that is not what the ledger makes of it", async () => {
  const kept = await KeptList.grown(2);
  await kept.visit();
  const [a, b, c, d] = await kept.numbers();
  const found = async (): Promise<string> => (await auditList(kept.data_dir, kept.ledger))?.faults.join(" ") ?? "";
  kept.alter(`UPDATE incidents SET team = 'nowhere' WHERE number = ${a}`);
  kept.alter(`UPDATE states SET state = state || ' ' WHERE number = ${b}`);
  kept.alter(`DELETE FROM incidents WHERE number = ${c}`);
  const faults = await found();
  for (const number of [a, b, c]) assert.match(faults, `incident ${number} `);
  assert.not.match(faults, `incident ${d} `);
  await kept.visit();
  kept.alter("INSERT INTO labels VALUES ('made', 'up', 1)");
  assert.match(await found(), /labels instead of/);
  writeFileSync(kept.read_db, "no list at all");
  assert.match(await found(), /cannot be read/);
});
