/**
 * Lints the OpenAPI document as the service gives it: `npm run lint:openapi`, or with a file name as its argument to keep
 * the document. The rules are in .redocly.yaml. Nothing is asked of any other host.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNode } from "../tests/http/support/node.ts";

const folder = mkdtempSync(join(tmpdir(), "incident-ledger-openapi-"));
const file = process.argv[2] ?? join(folder, "openapi.json");

const node = await openNode();
const { body } = await node.app.inject("/openapi.json");
await node.close();
writeFileSync(file, JSON.stringify(JSON.parse(body), null, 2));

const redocly = createRequire(import.meta.url).resolve("@redocly/cli/bin/cli.js");
const { status, error } = spawnSync(process.execPath, [redocly, "lint", "--config", ".redocly.yaml", file], {
  env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  stdio: "inherit",
});
rmSync(folder, { recursive: true, force: true });
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
