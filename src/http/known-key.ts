import { keyLifetime_ms } from "../desk/stored-outcome.ts";
import type { IdempotencyRecord } from "../ledger/ledger.ts";
import type { Services } from "./services.ts";

/** What an idempotency key stands for, if it is still remembered; else null. */
export function knownKey(
  { ledger, runtime }: Pick<Services, "ledger" | "runtime">,
  scope: string,
  key: string,
): Promise<IdempotencyRecord | null> {
  return ledger.idempotencyOf(scope, key, new Date(runtime.now() - keyLifetime_ms).toISOString());
}
