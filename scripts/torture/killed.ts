import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Aftermath } from "./aftermath.ts";
import { type Attack, insist } from "./attack.ts";
import { beginVictim, startVictim } from "./victim.ts";
import { Writers } from "./writers.ts";

const clients = 50;
const fewest_rounds = 20;
/** Within this a service usually starts. */
const start_ms = 2500;
const longest_life_ms = 400;

/**
 * A service under fifty writing clients is killed at random moments, some of them while it starts, and is started again.
 * The clients send what was not answered once more, with the same keys.
 */
export const killed: Attack = {
  name: "killed",
  share: 9,
  needs: [],
  async run({ seed, choices, directory, hasTime, say }) {
    const data_dir = join(directory, "data");
    const writers = new Writers(clients, seed);
    const aftermath = new Aftermath(data_dir);
    let rounds = 0;
    for (; rounds < fewest_rounds || hasTime(); rounds += 1) {
      if (rounds > 0 && choices.percent(20)) {
        const beginning = beginVictim(data_dir);
        await sleep(choices.below(start_ms));
        await beginning.end("SIGKILL");
        aftermath.checkWrites(writers);
        continue;
      }
      const victim = await startVictim(data_dir);
      if (rounds > 0) {
        await writers.settle(victim);
        aftermath.checkWrites(writers);
        await aftermath.checkNobodyIdle(victim);
        // Beside the running service, which folds what it missed meanwhile.
        await aftermath.audit();
      }
      writers.start(victim);
      await sleep(20 + choices.below(longest_life_ms));
      await victim.end("SIGKILL");
      await writers.stop();
      aftermath.checkWrites(writers);
    }
    const last = await startVictim(data_dir);
    await writers.settle(last);
    aftermath.checkWrites(writers);
    await aftermath.checkNobodyIdle(last);
    insist((await last.end("SIGTERM")) === 0, `it does not stop in order:\n${last.log()}`);
    await aftermath.checkLedger();
    say(`killed ${rounds} times`);
    return { rounds, checked: `${writers.answered.size} answered writes, ${aftermath.position} events` };
  },
};
