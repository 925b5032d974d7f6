import type { EncodedEvent } from "../event-codec.ts";
import type { AppendResult, IdempotencyRecord } from "../ledger.ts";
import { InvalidCommit } from "../ledger-errors.ts";
import type { PreparedCommits } from "../prepared-commits.ts";

/** What the writer's thread is started with. */
export interface WriterSettings {
  readonly file: string;
  readonly busy_timeout_ms?: number | undefined;
  /** SQLite's settings for the connection that writes, each `name = value`. */
  readonly pragmas: readonly string[];
}

/** What the writer's thread is asked to do. */
export type WriterTask =
  | {
      readonly kind: "append";
      readonly expected: number;
      readonly packed: PackedCommits;
      readonly keys: readonly IdempotencyRecord[];
    }
  | { readonly kind: "forget"; readonly before: string }
  | { readonly kind: "probe" }
  | { readonly kind: "set"; readonly pragma: string };

/** A task with its number, or the last message of all. */
export type WriterOrder = (WriterTask & { readonly id: number }) | "close";

/** What became of a task. The first message of all says that the file is open. */
export type WriterReply =
  | "ready"
  | { readonly id: number; readonly result: AppendResult | number | null }
  | { readonly id: number; readonly failure: WriterFailure };

/** An error on its way between threads, which keep neither classes nor codes. */
export interface WriterFailure {
  readonly is_invalid: boolean;
  readonly message: string;
  readonly code: string | null;
}

type Field = string | number | null;

/**
 * Prepared commits as they travel between threads: one list of all fields of all events. Copying that takes a fraction of
 * what copying as many objects does.
 */
export interface PackedCommits extends Omit<PreparedCommits, "events"> {
  readonly fields: readonly Field[];
}

const fields_of_event = 12;

/** Packs commits for the way to the writer. */
export function packed({ events, ...rest }: PreparedCommits): PackedCommits {
  const fields: Field[] = [];
  for (const event of events) {
    fields.push(
      event.position,
      event.stream,
      event.version,
      event.type,
      event.schema_version,
      event.recorded_at,
      event.actor,
      event.command_id,
      event.meta,
      event.data,
      event.text,
      event.text_salt === null ? null : Buffer.from(event.text_salt).toString("latin1"),
    );
  }
  return { ...rest, fields };
}

/** Gives back what was packed. */
export function unpacked({ fields, ...rest }: PackedCommits): PreparedCommits {
  const events: EncodedEvent[] = [];
  for (let at = 0; at < fields.length; at += fields_of_event) {
    const salt = fields[at + 11];
    events.push({
      position: fields[at] as number,
      stream: fields[at + 1] as string,
      version: fields[at + 2] as number,
      type: fields[at + 3] as string,
      schema_version: fields[at + 4] as number,
      recorded_at: fields[at + 5] as string,
      actor: fields[at + 6] as string,
      command_id: fields[at + 7] as string,
      meta: fields[at + 8] as string,
      data: fields[at + 9] as string,
      text: fields[at + 10] as string | null,
      text_salt: typeof salt === "string" ? Buffer.from(salt, "latin1") : null,
    });
  }
  return { ...rest, events };
}

/** What is kept of an error on its way. */
export function failureOf(error: unknown): WriterFailure {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  return { is_invalid: error instanceof InvalidCommit, message, code };
}

/** The error that it was. */
export function errorOf({ is_invalid, message, code }: WriterFailure): Error {
  if (is_invalid) return new InvalidCommit(message);
  return code === null ? new Error(message) : Object.assign(new Error(message), { code });
}
