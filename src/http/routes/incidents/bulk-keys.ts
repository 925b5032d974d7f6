import type { FastifyRequest } from "fastify";
import type { IdempotencyKey } from "../../../desk/submission.ts";
import { fingerprintOf, keyReused } from "../../command-answer.ts";
import { readIdempotencyKey } from "../../idempotency-key.ts";
import { knownKey } from "../../known-key.ts";
import type { Services } from "../../services.ts";

/** The key of the item of this index (0 for the first). */
export type KeyOf = (index: number) => IdempotencyKey;

/**
 * A key for each item; refuses a key that was used for another request. The first item has the caller's own key, so that
 * it is known again wherever else it is used; the others have theirs in a scope where no caller has any.
 */
export async function itemKeys(services: Services, request: FastifyRequest, items: number): Promise<KeyOf | null> {
  const header = request.headers["idempotency-key"];
  if (header === undefined) return null;
  const key = readIdempotencyKey(String(header));
  const fingerprint = fingerprintOf(services, request);
  const keyOf: KeyOf = (index) => ({
    ...(index === 0 ? { scope: request.actor, key } : { scope: `bulk ${request.actor}`, key: `${key} #${index}` }),
    fingerprint,
    statusOf: () => 200,
  });
  for (let index = 0; index < items; index += 1) {
    const { scope, key: item_key } = keyOf(index);
    const record = await knownKey(services, scope, item_key);
    if (record !== null && record.fingerprint !== fingerprint) throw keyReused();
  }
  return keyOf;
}
