import { limits } from "../../config.ts";
import { ProblemError } from "../problem-error.ts";
import type { Services } from "../services.ts";

/** The position that a `Ledger-Min-Position` header asks for, or null where there is none. */
export function minPositionOf(header: string | string[] | undefined): number | null {
  if (header === undefined) return null;
  const text = String(header).trim();
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const detail = "must be a position, a whole number";
  throw new ProblemError("malformed-header", `Ledger-Min-Position ${detail}.`, {
    faults: [{ header: "Ledger-Min-Position", detail }],
  });
}

/** Waits until this node has reached the position; refuses when it takes too long. */
export async function waitForPosition({ desk, ledger, runtime }: Services, position: number): Promise<void> {
  await desk.readable();
  if (desk.durable_position >= position) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (settled: () => void): void => {
      cancel();
      unsubscribe();
      settled();
    };
    const check = (): void => {
      if (desk.durable_position >= position) settle(resolve);
    };
    const cancel = runtime.after(limits.min_position_wait_ms, () =>
      settle(() => reject(notReached(position, desk.durable_position))),
    );
    // The desk folds what it hears of; the check comes after that, not within the ledger's own announcement.
    const unsubscribe = ledger.subscribe(() => {
      void desk.readable().then(check, reject);
    });
  });
}

function notReached(wanted: number, reached: number): ProblemError {
  const detail = `This node has reached position ${reached} and waited for ${wanted} in vain. Try again.`;
  return new ProblemError("position-not-reached", detail, { headers: { "retry-after": "1" } });
}
