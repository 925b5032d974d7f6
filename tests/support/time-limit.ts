/** A test or a hook. */
export type Hook = () => unknown;

/** How long a test or a hook may take when nothing else is said. */
const defaultTimeout_ms = 30_000;

/**
 * TEST_PATIENCE, a number from 1: by how much all limits of time in tests are stretched. They are there so that what hangs
 * comes to an end, not to check speed; on a machine that is shared with much else an honest test may need longer.
 */
export const patience = Math.max(1, Number(process.env.TEST_PATIENCE ?? 1) || 1);

/** Runs a step and waits for it; throws when it has not come to an end within the time given. */
export async function withinTime(step: Hook, name: string, usual_ms = defaultTimeout_ms): Promise<void> {
  const timeout_ms = usual_ms * patience;
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
