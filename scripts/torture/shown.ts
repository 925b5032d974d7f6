import { setTimeout as sleep } from "node:timers/promises";
import { patience } from "../../tests/support/time-limit.ts";
import { insist } from "./attack.ts";
import type { Victim } from "./victim.ts";

const wait_ms = 20_000 * patience;

/** What a service shows of a ledger, from each of its read models. */
const paths = [
  "/queue?limit=1000",
  "/handlers",
  "/incidents?limit=1000",
  "/incidents?limit=1000&status=open&sort=severity",
  "/incidents?limit=1000&status=resolved&sort=number",
  "/incidents?limit=1000&severity=3",
  "/incidents?limit=1000&q=changed",
  "/incidents?limit=1000&q=report",
  "/statistics?by=severity",
];

/** All of it, once; some of it may be 503 while the list is being built. */
export async function shownBy(
  victim: Victim,
): Promise<Map<string, { readonly status: number; readonly text: string }>> {
  const shown = new Map<string, { status: number; text: string }>();
  for (const path of paths) {
    const { status, text } = await victim.ask("GET", path);
    shown.set(path, { status, text });
  }
  return shown;
}

/** All of it as soon as nothing is 503 any more. */
export async function untilShown(victim: Victim): Promise<Map<string, string>> {
  const until_ms = Date.now() + wait_ms;
  for (;;) {
    const shown = await shownBy(victim);
    const wrong = [...shown].find(([, { status }]) => status !== 200);
    if (wrong === undefined) return new Map([...shown].map(([path, { text }]) => [path, text]));
    const [path, { status, text }] = wrong;
    insist(status === 503 && Date.now() < until_ms, `GET ${path} is answered with ${status}: ${text.slice(0, 500)}`);
    await sleep(50);
  }
}
