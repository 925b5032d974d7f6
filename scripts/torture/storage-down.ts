import { setTimeout as sleep } from "node:timers/promises";
import { patience } from "../../tests/support/time-limit.ts";
import { insist } from "./attack.ts";
import type { Victim } from "./victim.ts";

const wait_ms = 30_000 * patience;
const poll_ms = 50;

/** Waits until `/readyz` is green or red, as wanted. */
export async function untilReady(victim: Victim, wanted: 200 | 503): Promise<void> {
  const until_ms = Date.now() + wait_ms;
  for (;;) {
    const { status, text } = await victim.ask("GET", "/readyz");
    if (status === wanted) return;
    insist(
      Date.now() < until_ms,
      `/readyz is still ${status} after ${wait_ms} ms: ${text}\n${victim.log().slice(-3000)}`,
    );
    await sleep(poll_ms);
  }
}

/** What may still work while the storage is down. */
export interface Leeway {
  /** Nothing at all can be written, so that the list of all incidents may not have come up with the ledger. */
  readonly is_all_down?: true;
  /** A small write may fit after all: SQLite writes its log from the beginning again, into room that it has. */
  readonly may_write?: true;
}

/**
 * While the ledger cannot be written: red, no write taken, reads go on. Where the list has not come up with the ledger it says
 * so, and shows nothing older.
 */
export async function checkStorageDown(victim: Victim, { is_all_down, may_write }: Leeway = {}): Promise<void> {
  if (!may_write) await untilReady(victim, 503);
  insist((await victim.ask("GET", "/livez")).status === 200, "/livez is red");
  const write = await victim.ask("POST", "/incidents", { title: "while the disk is gone" });
  const isRefused = write.status === 503 && Number(write.headers["retry-after"]) >= 1;
  const isRight = isRefused || (may_write === true && write.status === 201);
  insist(isRight, `a write while the disk is gone is answered with ${write.status}: ${write.text}`);
  for (const path of ["/incidents/1", "/queue", "/handlers", "/events?limit=5", "/ledger/head", "/incidents?limit=5"]) {
    const { status, headers, text } = await victim.ask("GET", path);
    const isBehind = path.startsWith("/incidents?") && status === 503 && Number(headers["retry-after"]) >= 1;
    const isWell = status === 200 || (isBehind && is_all_down === true && !text.includes("built"));
    insist(isWell, `while the disk is gone GET ${path} is answered with ${status}: ${text}`);
  }
}
