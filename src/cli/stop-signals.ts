import type { Runtime } from "../runtime/runtime.ts";

/** What asks a service to stop. */
export const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * What the system says where a program is broken, in native code too. Whoever listened for these would not hear of it: no code runs
 * any more, and the broken place is run again and again, for ever.
 */
export const crashSignals = ["SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGSEGV"] as const;

/** What happens at the first stop signal, and at another one after it. */
export interface StopListeners {
  readonly onFirst: (signal: NodeJS.Signals) => void;
  readonly onAnother: (signal: NodeJS.Signals) => void;
}

/** npm passes Ctrl-C on to a process that the terminal has told already: what comes so soon is the same wish again. */
const echo_ms = 500;

/** Listens for signals from now on. Returns the way to leave them to the system again. */
export function listenForStop(runtime: Pick<Runtime, "elapsed">, { onFirst, onAnother }: StopListeners): () => void {
  let first_ms: number | null = null;
  const hear = (signal: NodeJS.Signals): void => {
    if (first_ms === null) {
      first_ms = runtime.elapsed();
      onFirst(signal);
    } else if (runtime.elapsed() - first_ms >= echo_ms) onAnother(signal);
  };
  for (const signal of stopSignals) process.on(signal, hear);
  return () => {
    for (const signal of stopSignals) process.off(signal, hear);
  };
}
