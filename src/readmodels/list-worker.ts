import { parentPort, workerData } from "node:worker_threads";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { stepBack } from "../runtime/step-back.ts";
import { LedgerFollower } from "./ledger-follower.ts";
import type { ListOrder, ListReport, ListWorkerData } from "./list-messages.ts";
import { isStorageFailure } from "./storage-failure.ts";

// The thread that folds the ledger into the list and into the board's snapshots. Whatever is thrown here ends it, and the
// main thread starts another one.

const port = parentPort;
if (port === null) throw new Error("This file is a worker thread's; it is started by the list of incidents.");
const report = (message: ListReport): void => port.postMessage(message);
const options = workerData as ListWorkerData;

stepBack();
const ledger = openSqliteLedger({ file: options.ledger_file, readonly: true });
const follower = await blaming(() => LedgerFollower.open({ ...options, ledger, report }));

/** Before a failure of the disk ends the thread, it is told that the list is not to blame. */
async function blaming<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isStorageFailure(error)) report({ kind: "storage" });
    // What SQLite throws would lose its message on its way out of the thread.
    throw error instanceof Error ? new Error(error.message) : error;
  }
}

async function obey(order: ListOrder): Promise<void> {
  await blaming(() => follower.obey(order));
  if (order.kind === "close") {
    await ledger.close();
    port?.unref();
  }
  report({ kind: "done", order: order.kind });
}

// The first fold counts as an order that was given with the start.
let obeyed = obey({ kind: "fold" });
port.on("message", (order: ListOrder) => {
  if (order.kind === "close") follower.hurry();
  obeyed = obeyed.then(() => obey(order));
});
await obeyed;
