import { createInterface } from "node:readline";
import { openSqliteLedger } from "../../../src/ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../../../src/runtime/runtime.ts";
import { comment } from "./example-commits.ts";

/*
 * Appends comments on incident 1 to the ledger in the file that it is given, and prints the position of each when it
 * is durable: as fast as it can ("endless"), or one for each line that it is sent ("turns").
 */
const [, , file = "", mode] = process.argv;
const ledger = openSqliteLedger({ file, runtime: systemRuntime() });

async function appendOne(): Promise<void> {
  const { position } = await ledger.head();
  // The events before the reports at 3 and 4 are not of incident 1; all later ones are.
  const result = await ledger.append(position, [comment(position, 1, position - 1, `said at ${position}`)]);
  if (!result.appended) throw new Error(`somebody else was at ${result.head.position}`);
  process.stdout.write(`${result.head.position}\n`);
}

if (mode === "turns") {
  for await (const _ of createInterface({ input: process.stdin })) await appendOne();
  await ledger.close();
} else {
  for (;;) {
    await appendOne();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
