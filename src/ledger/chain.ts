import { hash } from "node:crypto";

/**
 * The hash chain. Format 1, fixed for ever; whoever re-implements it needs no more than this.
 *
 * An event's hash is SHA-256 over these bytes, one after the other, with nothing between them:
 *
 *     "incident-ledger/event/1"           the domain tag, 23 bytes of ASCII, without a length
 *     twelve fields, each as              4 bytes: its length in bytes, unsigned, big endian; then the bytes themselves
 *
 *      1  position                        decimal digits in ASCII, no sign, no leading zeros
 *      2  stream                          UTF-8
 *      3  version                         decimal digits
 *      4  type                            UTF-8
 *      5  schema version                  decimal digits
 *      6  recorded_at                     UTF-8, as stored
 *      7  actor                           UTF-8
 *      8  command id                      UTF-8
 *      9  meta                            the stored bytes (JSON), as they are
 *     10  data                            the stored bytes (JSON), as they are
 *     11  text digest                     32 raw bytes; 32 zero bytes where the event never had a text
 *     12  previous hash                   32 raw bytes
 *
 * The previous hash of position 1 is SHA-256("incident-ledger/genesis/1" ‖ ledger_id), the id being the 36 ASCII
 * characters in the `data` of `ledger.opened`. The text digest is SHA-256(salt ‖ text), salt and text as stored; it
 * stays when both are erased. Nothing is ever parsed and written anew to be hashed.
 */
export const chainFormat = "incident-ledger/event/1";

const eventTag = Buffer.from(chainFormat, "latin1");
const genesisTag = "incident-ledger/genesis/1";

/** How many bytes a hash has. */
export const hashLength = 32;

/** What stands in for the digest of a text that never was. */
const noTextDigest = Buffer.alloc(hashLength);

/** What an event's hash covers, but for the hash before it. Bodies as strings are hashed as their UTF-8 bytes. */
export interface HashedFields {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: string;
  readonly actor: string;
  readonly command_id: string;
  readonly meta: string | Uint8Array;
  readonly data: string | Uint8Array;
  readonly text_digest: Uint8Array | null;
}

/** One buffer for all: hashing is synchronous. It grows to the largest event and stays. */
let scratch = Buffer.alloc(16_384);
eventTag.copy(scratch);
let used = 0;

function makeRoom(bytes: number): void {
  if (used + bytes <= scratch.length) return;
  const larger = Buffer.alloc(Math.max(scratch.length * 2, used + bytes));
  scratch.copy(larger, 0, 0, used);
  scratch = larger;
}

function putString(field: string): void {
  makeRoom(4 + field.length * 3);
  const length = scratch.write(field, used + 4, "utf8");
  scratch.writeUInt32BE(length, used);
  used += 4 + length;
}

function putBytes(field: Uint8Array): void {
  makeRoom(4 + field.length);
  scratch.writeUInt32BE(field.length, used);
  scratch.set(field, used + 4);
  used += 4 + field.length;
}

function put(field: string | Uint8Array): void {
  if (typeof field === "string") putString(field);
  else putBytes(field);
}

/** The hash of an event that follows the one with the hash `previous`: 32 bytes. */
export function eventHash(fields: HashedFields, previous: Uint8Array): Buffer {
  used = eventTag.length;
  putString(String(fields.position));
  putString(fields.stream);
  putString(String(fields.version));
  putString(fields.type);
  putString(String(fields.schema_version));
  putString(fields.recorded_at);
  putString(fields.actor);
  putString(fields.command_id);
  put(fields.meta);
  put(fields.data);
  putBytes(fields.text_digest ?? noTextDigest);
  putBytes(previous);
  return sha256(scratch.subarray(0, used));
}

/** What the first event of a ledger follows: 32 bytes made from the ledger's id. */
export function genesisHash(ledger_id: string): Buffer {
  return sha256(Buffer.from(genesisTag + ledger_id, "utf8"));
}

/** The digest that stands for a text in its event's hash: 32 bytes. Without the salt it tells nothing of the text. */
export function textDigest(salt: Uint8Array, text: string | Uint8Array): Buffer {
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  return sha256(Buffer.concat([salt, bytes]));
}

/** The digest of an event's text, or null: it has none. */
export function digestOf(event: {
  readonly text: string | null;
  readonly text_salt: Uint8Array | null;
}): Buffer | null {
  const { text, text_salt } = event;
  return text === null || text_salt === null ? null : textDigest(text_salt, text);
}

/** Node makes hexadecimal digests twice as fast as buffers, even with the way back. */
function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash("sha256", bytes, "hex"), "hex");
}
