import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";

const it = suite("what an incident takes on disk");

it("is measured on incidents that were lived through", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/disk-use.ts", "--incidents", "60", "--json"]);
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.is(error, "");
  const { incidents, events_per_incident } = JSON.parse(out);
  assert.equal({ incidents, events_per_incident }, { incidents: 60, events_per_incident: 5 });
});
