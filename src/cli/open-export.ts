import { createReadStream, statSync } from "node:fs";
import { CannotRun } from "./outcome.ts";

const piece_bytes = 1_048_576;

/** An export's bytes, piece by piece. Refuses what is no file that can be read. */
export function openExport(file: string): AsyncIterable<Uint8Array> {
  if (file === "-") return process.stdin;
  try {
    if (statSync(file).isDirectory())
      throw new CannotRun(`${file} is a directory; name a file, or - for standard input.`);
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    throw new CannotRun(`There is no file ${file} that can be read.`, { cause: error });
  }
  return read(file);
}

async function* read(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: piece_bytes });
  } catch (error) {
    throw new CannotRun(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}
