import { Worker } from "node:worker_threads";

/** Folds make much that is dropped at once; with less room than this a quarter of their time goes into collecting it. */
const young_generation_mb = 64;

/**
 * Starts the module of this name (without its extension) that stands beside the calling one, in a thread of its own.
 * `beside` is the caller's `import.meta.url`. In a checkout modules are TypeScript, and on Node 20 a new thread knows
 * nothing of the loader that the main thread was started with: there it is registered first.
 */
export function startWorker(beside: string, name: string, workerData: unknown): Worker {
  const options = { workerData, resourceLimits: { maxYoungGenerationSizeMb: young_generation_mb } };
  if (!beside.endsWith(".ts")) return new Worker(new URL(`./${name}.js`, beside), options);
  const script = JSON.stringify(new URL(`./${name}.ts`, beside).href);
  const start = `import("tsx/esm/api").then(({ register }) => { register(); return import(${script}); })`;
  return new Worker(start, { ...options, eval: true });
}
