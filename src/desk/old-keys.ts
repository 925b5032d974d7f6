import type { Ledger } from "../ledger/ledger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Desk } from "./desk.ts";
import { keyLifetime_ms } from "./stored-outcome.ts";

/** What forgetting keys needs. */
export interface Forgetting {
  readonly desk: Pick<Desk, "state" | "now">;
  readonly ledger: Pick<Ledger, "forgetIdempotency">;
  readonly runtime: Pick<Runtime, "after">;
  readonly onTrouble: (what: string, error: unknown) => void;
}

const expiry_ms = 60 * 60 * 1000;
const first_expiry_ms = 60 * 1000;
const between_some_ms = 100;

/**
 * Drops idempotency keys that are too old, a few at a time, soon after the start and every hour. Returns the way to stop.
 * Their age is in desk time, which they were recorded in: where the wall clock once ran far ahead, it would take it years
 * to catch up, and no key would be dropped until then.
 */
export function forgetOldKeys({ desk, ledger, runtime, onTrouble }: Forgetting): () => void {
  let cancel = () => {};
  let isOver = false;
  const forgetSome = async (): Promise<boolean> => {
    if (desk.state !== "ready") return false;
    return (await ledger.forgetIdempotency(new Date(Date.parse(desk.now()) - keyLifetime_ms).toISOString())) > 0;
  };
  const sleep = (delay_ms: number) => {
    if (isOver) return;
    cancel = runtime.after(delay_ms, () => {
      forgetSome().then(
        (is_more) => sleep(is_more ? between_some_ms : expiry_ms),
        (error: unknown) => {
          onTrouble("old idempotency keys could not be dropped", error);
          sleep(expiry_ms);
        },
      );
    });
  };
  sleep(first_expiry_ms);
  return () => {
    isOver = true;
    cancel();
  };
}
