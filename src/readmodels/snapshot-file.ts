import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "../../projections/board.ts";
import { type BoardState, boardFromState, boardState } from "../../projections/board-state.ts";
import { makeDirectoryForOwner } from "../ledger/sqlite/owner-only.ts";
import { type Rung, superfluous } from "./snapshot-ladder.ts";
import { canonicalPieces, hashOfState } from "./state-hash.ts";

/** The number of the shape of a snapshot's file. */
export const snapshotFormat = 1;

/** What a snapshot says of itself. In the file it stands before the state. */
export interface SnapshotHeader {
  readonly format: number;
  readonly rules: number;
  readonly ledger_id: string;
  readonly position: number;
  /** The ledger's hash at that position, 64 hex digits. */
  readonly hash: string;
  /** The board's state hash, 64 hex digits. */
  readonly state_hash: string;
}

/** Who writes snapshots: the thread that follows the ledger, and the one that answers questions about the past. */
export type SnapshotWriter = "follower" | "past";

/** Each has files of its own while it writes, so that neither takes away the other's. */
const unfinished: Readonly<Record<SnapshotWriter, string>> = { follower: ".tmp", past: ".past.tmp" };

const stateStart = ',"state":';

/** Where a data directory has its snapshots. */
export function snapshotsDirectory(data_dir: string): string {
  return join(data_dir, "snapshots");
}

/** The snapshots there are, newest first. What has another name is not one. */
export function snapshotFiles(data_dir: string): { readonly file: string; readonly position: number }[] {
  const directory = snapshotsDirectory(data_dir);
  return namesIn(directory)
    .map((name) => ({
      file: join(directory, name),
      position: Number(/^board-(\d+)\.json$/.exec(name)?.[1] ?? Number.NaN),
    }))
    .filter(({ position }) => Number.isSafeInteger(position))
    .sort((a, b) => b.position - a.position);
}

/** The snapshots there are, with their sizes. */
export function snapshotRungs(data_dir: string): readonly (Rung & { readonly file: string })[] {
  return snapshotFiles(data_dir).map((found) => ({ ...found, bytes: bytesOf(found.file) }));
}

/**
 * Writes a snapshot of the board, of which `hash` is the ledger's hash at the board's position. The file appears whole or
 * not at all; of the others those are kept that make up the ladder.
 */
export function writeSnapshot(
  data_dir: string,
  board: Board,
  hash: string,
  writer: SnapshotWriter = "follower",
): SnapshotHeader {
  const directory = snapshotsDirectory(data_dir);
  makeDirectoryForOwner(directory);
  const file = join(directory, `board-${board.position}.json`);
  const draft = file + unfinished[writer];
  const header = writeDurably(draft, board, hash);
  renameSync(draft, file);
  forgetOthers(data_dir, board.position, writer);
  return header;
}

/**
 * A snapshot's header and board. Null where the text is not one, is of another format, or is not as it was written: the
 * state hash is over the very bytes of the state.
 */
export function parseSnapshot(content: string): { readonly header: SnapshotHeader; readonly board: Board } | null {
  const start = content.indexOf(stateStart);
  if (start < 0 || !content.endsWith("}\n")) return null;
  try {
    const header: SnapshotHeader = JSON.parse(`${content.slice(0, start)}}`);
    const state = content.slice(start + stateStart.length, -2);
    if (header.format !== snapshotFormat || header.state_hash !== hashOfState(state)) return null;
    const parsed: BoardState = JSON.parse(state);
    const board = boardFromState(parsed);
    const told = header.position === board.position && header.ledger_id === board.ledger_id;
    return told && header.rules === board.rules ? { header, board } : null;
  } catch {
    return null;
  }
}

/**
 * Writes the state piece by piece, which takes a fraction of the memory of all of it; what its hash is shows at the end, and is
 * then set into the header, which has its length already.
 */
function writeDurably(file: string, board: Board, hash: string): SnapshotHeader {
  const { rules, ledger_id, position } = board;
  const header = { format: snapshotFormat, rules, ledger_id, position, hash, state_hash: "0".repeat(64) };
  const state_hash = createHash("sha256");
  const descriptor = openSync(file, "w", 0o600);
  try {
    let end = writeAt(descriptor, 0, headerText(header));
    for (const piece of canonicalPieces(boardState(board))) {
      state_hash.update(piece);
      end = writeAt(descriptor, end, piece);
    }
    writeAt(descriptor, end, "}\n");
    header.state_hash = state_hash.digest("hex");
    writeAt(descriptor, 0, headerText(header));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return header;
}

function headerText(header: SnapshotHeader): string {
  return JSON.stringify(header).slice(0, -1) + stateStart;
}

/** Returns where what was written ends. */
function writeAt(descriptor: number, start: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, start + written);
  }
  return start + bytes.length;
}

/** The follower's board is the newest there can be: what is said to be newer is of another ledger. */
function forgetOthers(data_dir: string, position: number, writer: SnapshotWriter): void {
  const rungs = snapshotRungs(data_dir);
  const foreign = writer === "follower" ? rungs.filter((rung) => rung.position > position) : [];
  const own = rungs.filter((rung) => !foreign.includes(rung));
  for (const { file } of [...foreign, ...superfluous(own)]) rmSync(file, { force: true });
  const directory = snapshotsDirectory(data_dir);
  const draft = new RegExp(`^board-\\d+\\.json${unfinished[writer].replaceAll(".", "\\.")}$`);
  for (const name of namesIn(directory)) if (draft.test(name)) rmSync(join(directory, name), { force: true });
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
