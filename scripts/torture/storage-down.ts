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

/**
 * While the ledger cannot be written: red, no write taken, reads go on. Where nothing at all can be written the list of all
 * incidents may not have come up with the ledger; it says so then, and shows nothing older.
 */
export async function checkStorageDown(victim: Victim, can_list = true): Promise<void> {
  await untilReady(victim, 503);
  insist((await victim.ask("GET", "/livez")).status === 200, "/livez is red");
  const write = await victim.ask("POST", "/incidents", { title: "while the disk is gone" });
  const isRefused = write.status === 503 && Number(write.headers["retry-after"]) >= 1;
  insist(isRefused, `a write while the disk is gone is answered with ${write.status}: ${write.text}`);
  for (const path of ["/incidents/1", "/queue", "/handlers", "/events?limit=5", "/ledger/head", "/incidents?limit=5"]) {
    const { status, headers, text } = await victim.ask("GET", path);
    const isBehind = path.startsWith("/incidents?") && status === 503 && Number(headers["retry-after"]) >= 1;
    const isWell = status === 200 || (isBehind && !can_list && !text.includes("built"));
    insist(isWell, `while the disk is gone GET ${path} is answered with ${status}: ${text}`);
  }
}
