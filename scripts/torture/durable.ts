import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Attack, insist } from "./attack.ts";
import { DiskOrders } from "./disk-orders.ts";
import { faultsOfTrace } from "./system-calls.ts";
import { startVictim, type Victim, type VictimOptions } from "./victim.ts";

const reports = 60;
const at_a_time = 12;

/**
 * The kernel's own record of what the service does: between the write of a report into the WAL and its answer there is a
 * sync of the WAL that has come back. That the record can show the contrary is proved with a disk that only pretends to sync.
 */
export const durable: Attack = {
  name: "durable",
  share: 1,
  needs: ["strace", "gcc"],
  async run({ directory, say }) {
    const honest = await traced(join(directory, "honest"), {});
    insist(honest.answers === reports, `of ${reports} answers the record shows ${honest.answers}`);
    insist(honest.faults.length === 0, honest.faults.slice(0, 3).join("; "));
    say(`${honest.answers} answers, each after a sync of what it says`);
    const orders = new DiskOrders(directory);
    orders.dropSyncs();
    const lying = await traced(join(directory, "lying"), { env: orders.env });
    insist(
      lying.answers === reports && lying.faults.length === reports,
      `without a single sync the check has objected to ${lying.faults.length} of ${lying.answers} answers only`,
    );
    say(`without syncs ${lying.faults.length} of ${lying.answers} answers are objected to`);
    return { rounds: 2, checked: `${reports} answers against strace; without syncs the check objects to all of them` };
  },
};

async function traced(data_dir: string, options: VictimOptions): Promise<ReturnType<typeof faultsOfTrace>> {
  const trace = `${data_dir}.strace`;
  const calls = "fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg";
  const under = ["strace", "-D", "-f", "--seccomp-bpf", "-y", "-s", "5000", "-o", trace, "-e", `trace=${calls}`];
  const victim = await startVictim(data_dir, { ...options, under });
  // One by one, then several in one batch.
  for (let index = 0; index < at_a_time; index += 1) await report(victim, index);
  for (let first = at_a_time; first < reports; first += at_a_time) {
    await Promise.all(Array.from({ length: at_a_time }, (_, index) => report(victim, first + index)));
  }
  await victim.end("SIGTERM");
  return faultsOfTrace(readFileSync(trace, "latin1"));
}

async function report(victim: Victim, index: number): Promise<void> {
  const { status, text } = await victim.ask("POST", "/incidents", { title: `<<${index}>>`, severity: 1 + (index % 5) });
  insist(status === 201, `${status} ${text}`);
}
