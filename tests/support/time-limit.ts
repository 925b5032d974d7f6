/** A test or a hook. */
export type Hook = () => unknown;

/** How long a test or a hook may take when nothing else is said. */
export const defaultTimeout_ms = 30_000;

/** Runs a step and waits for it; throws when it has not come to an end within the time given. */
export async function withinTime(step: Hook, name: string, timeout_ms = defaultTimeout_ms): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name} did not come to an end within ${timeout_ms} ms.`)), timeout_ms);
  });
  try {
    await Promise.race([step(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
