import type { FileKind } from "../ledger/sqlite/durable-database.ts";
import { accessLogTables } from "./access-log-tables.ts";
import { identityTables } from "./identity-tables.ts";

/** The one place whose rows change and go. A key itself is never stored, only its SHA-256. Times are instants. */
const tables = `
CREATE TABLE secrets (
  name  TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

CREATE TABLE keys (
  key_id     INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  hash       BLOB NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  revoked_at TEXT,
  dialect    TEXT,
  previous_hash  BLOB,
  last_used_at   TEXT,
  last_used_from TEXT,
  is_from_before INTEGER NOT NULL DEFAULT 0
) STRICT;
${identityTables}${accessLogTables}`;

/** Keys that were there before the ledger knew any are marked: it learns of them at the next start. */
const rotatingKeys = `
ALTER TABLE keys ADD COLUMN previous_hash BLOB;
ALTER TABLE keys ADD COLUMN last_used_at TEXT;
ALTER TABLE keys ADD COLUMN last_used_from TEXT;
ALTER TABLE keys ADD COLUMN is_from_before INTEGER NOT NULL DEFAULT 1;
`;

/**
 * Version 2: a key may be one of a dialect, good for nothing else. Version 3: keys rotate, and people sign in. Version 4: the
 * access log.
 */
const upgrades = ["ALTER TABLE keys ADD COLUMN dialect TEXT", rotatingKeys + identityTables, accessLogTables];

/** The file that holds the vault; its application id reads "ILvt". */
export const vaultFile: FileKind = { name: "vault", application_id: 0x494c7674, tables_version: 4, tables, upgrades };
