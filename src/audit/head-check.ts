import type { Head, Ledger, StoredEvent } from "../ledger/ledger.ts";
import type { FaultList } from "./fault.ts";
import { misshapenColumn } from "./row-shape.ts";
import { readStoredEvent } from "./stored-reading.ts";

/** Whether the head says what the last event says, and nothing stands beyond it. */
export async function checkHead(ledger: Ledger, head: Head, faults: FaultList): Promise<void> {
  if (head.position === 0) faults.add(1, "the ledger was never opened: its head says that there is no event");
  else {
    const [last] = await storedOrNone(ledger, head.position - 1);
    if (last?.position === head.position && misshapenColumn(last) === null)
      for (const fault of disagreements(head, last)) faults.add(last.position, fault);
  }
  const [beyond] = await storedOrNone(ledger, head.position);
  if (beyond === undefined) return;
  // Beside a running service more may have come since; then the head has moved past it.
  const now = await ledger.head();
  if (now.position >= beyond.position) return;
  faults.add(beyond.position, `it stands after the end of the ledger, which the head says is ${now.position}`);
}

function* disagreements(head: Head, last: StoredEvent): Generator<string> {
  const hash = Buffer.from(last.hash).toString("hex");
  if (hash !== head.hash) yield `the head says that its hash is ${head.hash}, recorded is ${hash}`;
  if (last.recorded_at !== head.recorded_at) {
    yield `the head says that its time is ${head.recorded_at}, recorded is ${last.recorded_at}`;
  }
  const event = readStoredEvent(last);
  if (!("unreadable" in event) && event.meta.rules !== head.rules) {
    yield `the head says that its rules are ${head.rules}, recorded are ${event.meta.rules}`;
  }
}

/** Where the file cannot be read, the walk over all events says so. */
async function storedOrNone(ledger: Ledger, after: number): Promise<readonly StoredEvent[]> {
  try {
    return await ledger.readStored(after, 1);
  } catch {
    return [];
  }
}
