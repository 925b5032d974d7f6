import { decodeEvent } from "../ledger/event-codec.ts";
import type { HashedEvent, StoredEvent } from "../ledger/ledger.ts";
import { UnreadableEvent } from "../ledger/ledger-errors.ts";

/** Parses a stored event, brings it to its present version and checks it against its schema; else says what is wrong. */
export function readStoredEvent(stored: StoredEvent): HashedEvent | { readonly unreadable: string } {
  try {
    return decodeEvent({
      position: stored.position,
      stream: stored.stream,
      version: stored.version,
      type: stored.type,
      schema_version: stored.schema_version,
      recorded_at: stored.recorded_at,
      actor: stored.actor,
      command_id: stored.command_id,
      meta: textOf(stored.meta),
      data: textOf(stored.data),
      text: stored.text === null ? null : textOf(stored.text),
      had_text: stored.text_digest !== null,
      hash: textOf(stored.hash, "hex"),
    });
  } catch (error) {
    if (!(error instanceof UnreadableEvent)) throw error;
    const known = `The event at position ${error.position} cannot be read: `;
    const told = error.message.startsWith(known) ? error.message.slice(known.length, -1) : error.message;
    return { unreadable: told };
  }
}

function textOf(bytes: Uint8Array, encoding: "utf8" | "hex" = "utf8"): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}
