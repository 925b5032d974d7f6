import type { StoredEvent } from "../ledger/ledger.ts";

const numbers = ["position", "version", "schema_version"] as const;
const strings = ["stream", "type", "recorded_at", "actor", "command_id"] as const;
const bytes = ["meta", "data", "hash"] as const;
const bytesOrNull = ["text", "text_salt", "text_digest"] as const;

/** The column of a stored event that does not hold what its type says, or null. A damaged file can give anything. */
export function misshapenColumn(event: StoredEvent): string | null {
  const row: Readonly<Record<keyof StoredEvent, unknown>> = event;
  return (
    numbers.find((column) => !Number.isSafeInteger(row[column])) ??
    strings.find((column) => typeof row[column] !== "string") ??
    bytes.find((column) => !(row[column] instanceof Uint8Array)) ??
    bytesOrNull.find((column) => row[column] !== null && !(row[column] instanceof Uint8Array)) ??
    null
  );
}
