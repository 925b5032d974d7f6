import { pino } from "pino";
import { readConfig } from "../../src/config.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { openService } from "../../src/service.ts";

/**
 * Opens a service on a data directory, as `serve` does, looks at its list once, and prints the bytes that are in use on the
 * heap after a forced collection, with what is outside of it. Needs --expose-gc.
 */
const [data_dir = ""] = process.argv.slice(2);
const config = readConfig({ DATA_DIR: data_dir, PORT: "0" }, {});
const service = await openService({
  config,
  runtime: systemRuntime(),
  logger: pino({ level: "silent" }),
  about: { name: "bench", version: "0" },
});
await service.app.inject({ method: "GET", url: "/health" });
for (let round = 0; round < 5; round += 1) {
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const { heapUsed, external } = process.memoryUsage();
process.stdout.write(`${heapUsed + external}\n`);
await service.close();
process.exit();
