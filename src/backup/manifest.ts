import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Ajv } from "ajv";
import { WrongContent } from "../transfer/wrong-content.ts";
import { backupFiles } from "./place-restored.ts";

const Hash = Type.String({ pattern: "^[0-9a-f]{64}$" });

const Shape = Type.Object(
  {
    format: Type.Literal("incident-ledger/backup/1"),
    /** Name and version of the build that made it, and when. */
    made_by: Type.String(),
    made_at: Type.String(),
    ledger_id: Type.String(),
    head: Type.Object({ position: Type.Integer({ minimum: 1 }), hash: Hash }),
    files: Type.Array(
      Type.Object({
        name: Type.Union(backupFiles.map((name) => Type.Literal(name))),
        bytes: Type.Integer({ minimum: 0 }),
        sha256: Hash,
      }),
    ),
  },
  { additionalProperties: false },
);

/** What a backup says of itself: which ledger, up to which head, and what its files must be. */
export type Manifest = Static<typeof Shape>;

const isManifest = new Ajv({ strict: false, logger: false }).compile(Shape);

/** The file of a backup that holds its manifest. */
export const manifestFile = "manifest.json";

/** Reads the manifest of a backup. Throws with a sentence where there is none, `WrongContent` where it is not one of ours. */
export function readManifest(backup: string): Manifest {
  const file = join(backup, manifestFile);
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`There is no backup at ${backup}: it has no ${manifestFile} that can be read.`, { cause: error });
  }
  const manifest = parsed(content);
  if (!isManifest(manifest)) throw new WrongContent(`${file} is not the manifest of a backup that this build knows.`);
  const found = manifest as Manifest;
  const names = found.files.map(({ name }) => name);
  if (!names.includes("ledger.db") || new Set(names).size < names.length) {
    throw new WrongContent(`${file} names no ledger.db, or a file twice.`);
  }
  return found;
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

/** The length and the SHA-256 of what comes in pieces; each piece is handed on. */
export async function digestOf(
  source: AsyncIterable<Uint8Array>,
  onPiece: (piece: Uint8Array) => void | Promise<void> = () => {},
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of source) {
    hash.update(piece);
    bytes += piece.length;
    await onPiece(piece);
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** A file's bytes in pieces of a megabyte. */
export function piecesOf(file: string): AsyncIterable<Uint8Array> {
  return createReadStream(file, { highWaterMark: 1_048_576 });
}
