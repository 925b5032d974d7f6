import { parentPort, workerData } from "node:worker_threads";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { stepBack } from "../runtime/step-back.ts";
import { sentenceOf } from "./fault.ts";
import type { ScrubReport, ScrubWorkerData } from "./scrub-messages.ts";
import { type ScrubProgress, scrubPass } from "./scrub-pass.ts";

// The thread that walks the chain while the service runs: a page, a pause, a page; and after the last one from the beginning.

const port = parentPort;
if (port === null) throw new Error("This file is a worker thread's; it is started by the scrubber.");
const options = workerData as ScrubWorkerData;
const runtime = systemRuntime();
let isOver = false;
let endPause = (): void => {};

port.on("message", () => {
  isOver = true;
  endPause();
});

function pause(delay_ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = runtime.after(delay_ms, resolve);
    endPause = () => {
      cancel();
      resolve();
    };
  });
}

function tell({ position, faults }: ScrubProgress, is_end: boolean): void {
  const [first] = faults.first;
  const report: ScrubReport = { position, faults: faults.count, first: first ? sentenceOf(first) : null, is_end };
  port?.postMessage(report);
}

stepBack();
const ledger = openSqliteLedger({ file: options.ledger_file, readonly: true });
while (!isOver) {
  const onPage = async (progress: ScrubProgress): Promise<boolean> => {
    tell(progress, false);
    if (!isOver) await pause(options.scrub_page_pause_ms);
    return !isOver;
  };
  const progress = await scrubPass(ledger, { page_events: options.scrub_page_events, onPage });
  if (isOver) break;
  tell(progress, true);
  await pause(options.scrub_pass_pause_ms);
}
await ledger.close();
port.close();
