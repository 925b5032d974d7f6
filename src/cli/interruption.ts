import { rmSync } from "node:fs";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs work; where a signal ends the process meanwhile, what the work has begun at these paths is removed first. */
export async function removingWhenStopped<Result>(
  paths: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const stop = (): void => {
    for (const path of paths) rmSync(path, { recursive: true, force: true });
    process.stderr.write("Stopped before the end; nothing of it was kept.\n");
    process.exit(2);
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.removeListener(signal, stop);
  }
}
