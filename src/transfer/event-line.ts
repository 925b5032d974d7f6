import { isUtf8 } from "node:buffer";
import type { StoredEvent } from "../ledger/ledger.ts";
import { WrongContent } from "./wrong-content.ts";

/** What the chain covers of an event, as a line of an export has it: bodies are the stored bytes as a string, hashes hex. */
export interface HashedLine {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: string;
  readonly actor: string;
  readonly command_id: string;
  readonly meta: string;
  readonly data: string;
  /** Null where the event never had a text. */
  readonly text_digest: string | null;
  readonly hash: string;
}

/** A whole event as a line of an export. A text that was erased is null, and its digest is there. */
export interface EventLine extends HashedLine {
  readonly text: string | null;
  readonly text_salt: string | null;
}

/** A stored event as a line of an export. Throws `WrongContent` where its bytes are no text. */
export function eventLineOf(stored: StoredEvent): EventLine {
  const { position, stream, version, type, schema_version, recorded_at, actor, command_id } = stored;
  const textOf = (bytes: Uint8Array): string => {
    if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
    throw new WrongContent(`Position ${position}: its stored bytes are not UTF-8; run verify to learn more.`);
  };
  return {
    ...{ position, stream, version, type, schema_version, recorded_at, actor, command_id },
    meta: textOf(stored.meta),
    data: textOf(stored.data),
    text: stored.text === null ? null : textOf(stored.text),
    text_salt: hexOf(stored.text_salt),
    text_digest: hexOf(stored.text_digest),
    hash: hexOf(stored.hash) ?? "",
  };
}

/** The line without its text and the text's salt: all that the hash covers, and nothing that people wrote. */
export function withoutText({ text: _text, text_salt: _salt, ...hashed }: EventLine): HashedLine {
  return hashed;
}

/** The event that a line holds, as a ledger stores it. */
export function storedEventOf(line: EventLine): StoredEvent {
  return {
    ...line,
    meta: Buffer.from(line.meta, "utf8"),
    data: Buffer.from(line.data, "utf8"),
    text: line.text === null ? null : Buffer.from(line.text, "utf8"),
    text_salt: bytesOf(line.text_salt),
    text_digest: bytesOf(line.text_digest),
    hash: Buffer.from(line.hash, "hex"),
  };
}

function hexOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

function bytesOf(hex: string | null): Buffer | null {
  return hex === null ? null : Buffer.from(hex, "hex");
}
