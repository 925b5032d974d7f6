import type { DataOf } from "../events/registry.ts";

/** What a user may do. */
export type UserRole = DataOf<"user.created">["role"];
/** What a key may do. */
export type KeyRole = DataOf<"key.created">["role"];
/** Any role there is. */
export type Role = UserRole | KeyRole;

/** Somebody who signs in, as far as the ledger knows: never who that is. */
export interface User {
  readonly user: number;
  readonly version: number;
  readonly role: UserRole;
  /** Where the role counts; null: everywhere. */
  readonly teams: readonly string[] | null;
  /** The handler as whom they take incidents, or null. */
  readonly handler: string | null;
  readonly is_active: boolean;
  readonly is_erased: boolean;
  readonly created_at: string;
}

/** A program's key, as far as the ledger knows: neither its name nor its secret. */
export interface AccessKey {
  readonly key: number;
  readonly version: number;
  readonly role: KeyRole;
  /** Where the role counts; null: everywhere. */
  readonly teams: readonly string[] | null;
  readonly dialect: string | null;
  /** When it ends by itself, an instant, or null. */
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly revoked_at: string | null;
  /** Whether the secret before the present one is good, too. */
  readonly is_rotating: boolean;
}
