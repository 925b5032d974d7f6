import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import type { CheckpointOrder, CheckpointReply } from "./checkpointer.ts";

/**
 * The thread that moves the WAL's pages into the database file, so that no commit has to wait for it. A passive
 * checkpoint never blocks a writer, but under steady load it never catches up with the end of the WAL either. So once
 * the passive one has done nearly all the work, another keeps writers out for the short rest, and the next writer starts
 * the WAL again at its beginning.
 */
const { file, long_pages, huge_pages } = workerData as { file: string; long_pages: number; huge_pages: number };

const database = new Database(file, { fileMustExist: true, timeout: 0 });
database.pragma("synchronous = FULL");

type CheckpointRow = { busy: number; log: number; checkpointed: number };

function run(mode: "PASSIVE" | "RESTART" | "TRUNCATE", busy_timeout_ms: number): CheckpointRow {
  database.pragma(`busy_timeout = ${busy_timeout_ms}`);
  const rows = database.pragma(`wal_checkpoint(${mode})`) as CheckpointRow[];
  return rows[0] ?? { busy: 1, log: 0, checkpointed: 0 };
}

/** Whoever waits for the lock here may, once it has it, keep writers waiting just as long for readers to leave. */
function restart(pages: number): CheckpointRow {
  return run("RESTART", pages > huge_pages ? 200 : 15);
}

function carryOut(order: CheckpointOrder): CheckpointReply {
  const passive = run("PASSIVE", 0);
  if (order === "truncate") return { done: run("TRUNCATE", 15).busy === 0, failure: null };
  if (passive.log <= long_pages) return { done: true, failure: null };
  return { done: restart(passive.log).busy === 0, failure: null };
}

parentPort?.on("message", (order: CheckpointOrder | "close") => {
  if (order === "close") {
    database.close();
    parentPort?.close();
    return;
  }
  let reply: CheckpointReply;
  try {
    reply = carryOut(order);
  } catch (error) {
    reply = { done: false, failure: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});
