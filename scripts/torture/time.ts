import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { patience } from "../../tests/support/time-limit.ts";
import { Aftermath } from "./aftermath.ts";
import { type Attack, insist, type Trial } from "./attack.ts";
import { checkFirings } from "./firings.ts";
import { startVictim, type Victim } from "./victim.ts";
import { WallClock } from "./wall-clock.ts";

const fewest_rounds = 6;
const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const wait_ms = 20_000 * patience;
/** A due time is met within this, by the wall clock. */
const late_ms = 3000;

/**
 * The clock jumps by hours, ahead and back, and the machine sleeps for a day, while incidents sleep, wait for their
 * acknowledgement and for their closing, many until the same millisecond; in between the service is killed.
 */
export const time: Attack = {
  name: "time",
  share: 2,
  needs: ["gcc"],
  async run(trial) {
    const { choices, directory, hasTime, say } = trial;
    const data_dir = join(directory, "data");
    const clock = new WallClock(directory);
    let victim = await startVictim(data_dir, { env: clock.env });
    await must(victim, "PATCH", "/teams/default", { rules: { ack_timeout_seconds: 1800, auto_close_days: 1 } });
    let rounds = 0;
    for (; rounds < fewest_rounds || hasTime(); rounds += 1) {
      for (let count = 0; count < 6; count += 1) await act(victim, clock, trial);
      const what = choices.one(["ahead", "ahead", "back", "asleep", "killed"] as const);
      const by_ms = minute_ms + choices.below(6 * hour_ms);
      if (what === "ahead") clock.jump(by_ms);
      if (what === "back") clock.jump(-by_ms);
      if (what === "asleep") {
        process.kill(victim.pid, "SIGSTOP");
        clock.jump(24 * hour_ms);
        process.kill(victim.pid, "SIGCONT");
      }
      if (what === "killed") {
        await victim.end("SIGKILL");
        clock.jump(choices.below(2 * hour_ms) - hour_ms);
        victim = await startVictim(data_dir, { env: clock.env });
      }
      await nothingForgotten(victim, clock);
      checkFirings(data_dir);
    }
    // Far enough for everything that was ever set.
    clock.jump(40 * 24 * hour_ms);
    await nothingForgotten(victim, clock);
    const fired = checkFirings(data_dir);
    insist((await victim.end("SIGTERM")) === 0, `it does not stop in order:\n${victim.log().slice(-3000)}`);
    const aftermath = new Aftermath(data_dir);
    await aftermath.checkLedger();
    insist(fired.woken > 0 && fired.timed_out > 0 && fired.closed > 0, `too little was due: ${JSON.stringify(fired)}`);
    const checked = `${fired.woken} woken, ${fired.timed_out} timed out, ${fired.closed} closed: each once, none early`;
    say(`${rounds} jumps; ${checked}`);
    return { rounds, checked };
  },
};

/** A report, and mostly something that will be due later. */
async function act(victim: Victim, clock: WallClock, { choices }: Trial): Promise<void> {
  const { json } = await must(victim, "POST", "/incidents", { title: "x", severity: 1 + choices.below(5) });
  const incident = `/incidents/${json.number}`;
  switch (choices.below(4)) {
    case 0:
      await must(victim, "POST", `${incident}/snooze`, { minutes: 1 + choices.below(600) });
      return;
    case 1: {
      // The next full hour after all that a jump may bring: the same millisecond for many.
      const until = new Date((Math.floor(clock.now() / hour_ms) + 8 + choices.below(3)) * hour_ms).toISOString();
      const { status, text } = await victim.ask("POST", `${incident}/snooze`, { until });
      // Desk time may be ahead of the wall clock by more than that.
      insist(status === 200 || (status === 422 && text.includes("until-not-in-the-future")), `${status} ${text}`);
      return;
    }
    case 2:
      await must(victim, "POST", `${incident}/resolve`, {});
      return;
    default:
    // It waits for somebody, and somebody to acknowledge it.
  }
}

async function must(victim: Victim, method: "POST" | "PATCH", path: string, body: unknown) {
  const reply = await victim.ask(method, path, body);
  insist(reply.status < 300, `${method} ${path} is answered with ${reply.status}: ${reply.text}`);
  return reply;
}

/** Whatever is due by the wall clock has happened, after a moment. */
async function nothingForgotten(victim: Victim, clock: WallClock): Promise<void> {
  const until_ms = Date.now() + wait_ms;
  for (;;) {
    const due = clock.now() - late_ms;
    const overdue = /^incident_ledger_clock_overdue_seconds (.*)$/m.exec(
      (await victim.ask("GET", "/metrics")).text,
    )?.[1];
    const asleep = await rows(victim, "snoozed");
    const resolved = await rows(victim, "resolved");
    const late = [
      ...asleep.filter(({ snoozed_until }) => Date.parse(String(snoozed_until)) < due),
      ...resolved.filter(({ resolved_at }) => Date.parse(String(resolved_at)) + 24 * hour_ms < due),
    ];
    if (late.length === 0 && Number(overdue) === 0) return;
    insist(
      Date.now() < until_ms,
      `forgotten at ${new Date(clock.now()).toISOString()}: ${JSON.stringify(late.slice(0, 2))}, ${overdue} s overdue`,
    );
    await sleep(100);
  }
}

async function rows(victim: Victim, status: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { json, text } = await victim.ask("GET", `/incidents?status=${status}&limit=1000`);
  insist(Array.isArray(json.incidents), text);
  return json.incidents;
}
