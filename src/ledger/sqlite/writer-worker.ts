import { parentPort, workerData } from "node:worker_threads";
import { openDurable } from "./durable-database.ts";
import { ledgerFile } from "./ledger-tables.ts";
import { HeadReader, SqliteWriter } from "./sqlite-writer.ts";
import {
  failureOf,
  unpacked,
  type WriterOrder,
  type WriterReply,
  type WriterSettings,
  type WriterTask,
} from "./writer-messages.ts";

/**
 * The thread that writes the ledger: it hashes, inserts, and waits for the disk, so that the desk's thread goes on
 * answering meanwhile. It does one task after another, in the order in which they were sent.
 */
const { file, busy_timeout_ms, pragmas } = workerData as WriterSettings;

const database = openDurable(ledgerFile, busy_timeout_ms === undefined ? { file } : { file, busy_timeout_ms });
for (const pragma of pragmas) database.pragma(pragma);
const writer = new SqliteWriter(database, new HeadReader(database));

function carryOut(task: WriterTask) {
  switch (task.kind) {
    case "append":
      return writer.append(task.expected, unpacked(task.packed), task.keys);
    case "forget":
      return writer.forget(task.before);
    case "probe":
      writer.probe();
      return null;
    case "set":
      database.pragma(task.pragma);
      return null;
    default:
      return task satisfies never;
  }
}

function replyTo({ id, ...task }: WriterTask & { readonly id: number }): WriterReply {
  try {
    return { id, result: carryOut(task) };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

parentPort?.on("message", (order: WriterOrder) => {
  if (order !== "close") {
    parentPort?.postMessage(replyTo(order));
    return;
  }
  database.close();
  parentPort?.close();
});
parentPort?.postMessage("ready" satisfies WriterReply);
