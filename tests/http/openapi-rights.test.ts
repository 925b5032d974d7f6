import * as assert from "uvu/assert";
import { rightsTable } from "../../src/http/openapi/rights-table.ts";
import { suite } from "../support/suite.ts";
import { callerOf } from "./support/client.ts";
import { openNode } from "./support/node.ts";
import { readOpenApi } from "./support/openapi.ts";

const it = suite("the documentation of rights");

it("shows the table of the code, and says at each operation who may do it", async () => {
  const node = await openNode();
  const { document, operations } = await readOpenApi(callerOf(node.app));
  const { description } = document.info as { description: string };
  assert.ok(description.includes(rightsTable()));
  assert.match(rightsTable(), "| report: report | yes |  | yes | yes | yes |");
  const redact = operations.find(({ path }) => path === "/incidents/{id}/redact");
  assert.match(String(redact?.json.description), /For admin\.$/);
  const queue = operations.find(({ path }) => path === "/queue");
  assert.match(String(queue?.json.description), /For viewer, responder, manager or admin\.$/);
  await node.close();
});
