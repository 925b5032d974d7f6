import { parentPort, workerData } from "node:worker_threads";
import { UnreadableEvent } from "../ledger/ledger-errors.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { stepBack } from "../runtime/step-back.ts";
import type { QueryOf } from "./board-questions.ts";
import { PastInProcess } from "./past-in-process.ts";
import type { PastOrder, PastReport, PastRequest, PastWorkerData } from "./past-messages.ts";

// The thread that folds boards of the past and answers from them, so that the desk's own thread never has to. Questions
// that need no fold are answered while another one folds.

const port = parentPort;
if (port === null) throw new Error("This file is a worker thread's; it is started by whoever asks about the past.");
const { data_dir, ledger_file } = workerData as PastWorkerData;

stepBack();
const ledger = openSqliteLedger({ file: ledger_file, readonly: true });
const past = new PastInProcess({ ledger, data_dir });

function answer(request: PastRequest): Promise<unknown> {
  switch (request.kind) {
    case "board":
      return past.board(request.position, request.question, request.query as QueryOf<typeof request.question>);
    case "texts":
      return past.texts(request.position, request.numbers);
    case "alternatives":
      return past.alternatives(request.positions);
    default:
      return request satisfies never;
  }
}

function failure(id: number, error: unknown): PastReport {
  if (error instanceof UnreadableEvent) return { id, damaged: error.position };
  return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

port.on("message", ({ id, request }: PastOrder) => {
  answer(request).then(
    (found) => port.postMessage({ id, answer: found } satisfies PastReport),
    (error: unknown) => port.postMessage(failure(id, error)),
  );
});
