import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the shared memory of a WAL says how many frames a checkpoint has begun to take over (struct WalCkptInfo). */
const backfill_attempted_offset = 128;

/** How many frames of the ledger's WAL are in the database already, or may be. Their pages may be newer there than what is before them. */
export function framesTakenOver(data_dir: string): number {
  const shared = readFileSync(join(data_dir, "ledger.db-shm"));
  const [frames = 0] = new Uint32Array(shared.buffer.slice(shared.byteOffset + backfill_attempted_offset), 0, 1);
  return frames;
}
