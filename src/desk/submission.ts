import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Command } from "../rules/commands.ts";
import type { Refusal } from "../rules/refusal.ts";
import type { Shown } from "./shown.ts";

/** A command on its way to the desk. */
export interface Submission {
  readonly command: Command;
  /** Who wants it: `admin`, `key:3`, `clock` … */
  readonly actor: string;
  /** A UUIDv7, where the caller has one: repeated, it changes nothing. Else the desk makes one. */
  readonly command_id?: string;
  readonly idempotency?: IdempotencyKey;
}

/** The caller's key for this request. */
export interface IdempotencyKey {
  readonly scope: string;
  readonly key: string;
  /** HMAC over the request, 64 hex digits. */
  readonly fingerprint: string;
  /** The HTTP status with which these events are answered. */
  readonly statusOf: (events: readonly RecordedEvent[]) => number;
}

/** What became of a command. Whatever was written is durable when this is known. */
export type Outcome =
  | (Shown & {
      readonly kind: "written";
      readonly events: readonly RecordedEvent[];
      /** Present where this is the stored outcome of an earlier request with the same key: its HTTP status. */
      readonly repeated?: { readonly status: number };
    })
  /** Nothing to do: its goal held already. */
  | (Shown & { readonly kind: "unchanged" })
  | { readonly kind: "refused"; readonly position: number; readonly refusal: Refusal }
  /** The same idempotency key came with another request. */
  | { readonly kind: "key-reused"; readonly position: number };

/** Why the desk takes no command just now, for programs. */
export type UnavailableReason = "queue-full" | "storage-failing" | "rules-too-new" | "closing";

/** Thrown by `submit` where the command was not taken. Nothing of it was written, or that is not known. */
export class DeskUnavailable extends Error {
  readonly reason: UnavailableReason;
  /** After how many seconds it is worth trying again. */
  readonly retry_after_seconds: number;
  constructor(reason: UnavailableReason, message: string, retry_after_seconds: number) {
    super(message);
    this.name = "DeskUnavailable";
    this.reason = reason;
    this.retry_after_seconds = retry_after_seconds;
  }
}

const cases = {
  "queue-full": ["queue-full", "Too many commands are waiting. Try again in a moment.", 1],
  failing: ["storage-failing", "The ledger cannot be written just now. Try again later.", 5],
  unreadable: ["storage-failing", "The ledger cannot be read just now. Try again later.", 5],
  "outcome-unknown": [
    "storage-failing",
    "The ledger could not be written; whether this was recorded is not known. Try again with the same key.",
    5,
  ],
  "rules-too-new": [
    "rules-too-new",
    "The ledger is under rules that this build does not know. Update the service.",
    60,
  ],
  closing: ["closing", "The service is shutting down. Try again in a moment.", 5],
} as const;

/** What the desk says where it takes no command, in each of the cases that there are. */
export function unavailable(which: keyof typeof cases): DeskUnavailable {
  const [reason, message, retry_after_seconds] = cases[which];
  return new DeskUnavailable(reason, message, retry_after_seconds);
}
