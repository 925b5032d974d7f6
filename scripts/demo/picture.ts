import { demoTeams } from "./catalogue.ts";
import type { Client } from "./client.ts";
import type { Told } from "./player.ts";

/** A handler as a picture shows them. */
interface Worker {
  readonly handler: string;
  readonly active: number;
  readonly capacity: number;
  readonly available: boolean;
}

/** A team at a moment. */
export interface TeamPicture {
  readonly team: string;
  readonly waiting: number;
  /** What will be taken next, or null. */
  readonly next: string | null;
  readonly workers: readonly Worker[];
}

/** Asks the service how the demo's teams stand. */
export async function takePicture(client: Client): Promise<TeamPicture[]> {
  return Promise.all(
    demoTeams.map(async ({ team }) => {
      const queue = await client.read(`/queue?team=${team}&limit=1&count=true`);
      const handlers = await client.read(`/handlers?team=${team}&limit=100`);
      const [head] = rowsOf(queue.body.incidents);
      return {
        team,
        waiting: Number(queue.body.total ?? 0),
        next: head === undefined ? null : `#${String(head.number)} [${String(head.severity)}] ${String(head.title)}`,
        workers: rowsOf(handlers.body.handlers).map((row) => ({
          handler: String(row.handler_id),
          active: Number(row.active),
          capacity: Number(row.capacity),
          available: row.available === true,
        })),
      };
    }),
  );
}

function rowsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value : [];
}

/** The time of the day, which begins at six in the morning. */
export function clockOf(at_seconds: number): string {
  const minutes = Math.floor(at_seconds / 60) + 6 * 60;
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

/** One line about all teams: how many wait, and how much of the room of those who are there is used. */
export function lineOf(at_seconds: number, teams: readonly TeamPicture[]): string {
  const parts = teams.map(({ team, waiting, workers }) => {
    const here = workers.filter(({ available }) => available);
    const room = here.reduce((sum, { capacity }) => sum + capacity, 0);
    const active = here.reduce((sum, worker) => sum + worker.active, 0);
    return `${team} ${waiting} waiting, ${active}/${room} at work`;
  });
  return `${clockOf(at_seconds)}  ${parts.join(" | ")}`;
}

const dim = "\u001b[2m";
const bold = "\u001b[1m";
const red = "\u001b[31m";
const plain = "\u001b[0m";
const clear_line = "\u001b[K";

/** The lines of a whole picture, for a terminal of that size. */
export function drawing(
  at_seconds: number,
  teams: readonly TeamPicture[],
  told: readonly Told[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string[] {
  const cut = (text: string): string => {
    // What others reported may hold anything; the terminal must not obey it.
    const line = text.replace(/\p{Cc}/gu, "?");
    return line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
  };
  const lines = [
    `${bold}Incident Ledger, a day in the life${plain}  ${clockOf(at_seconds)}  ${dim}Ctrl-C ends it${plain}`,
    "",
  ];
  for (const { team, waiting, next, workers } of teams) {
    const bar = "▇".repeat(Math.min(waiting, Math.max(0, columns - 30)));
    lines.push(
      `${bold}${team.padEnd(11)}${plain}${String(waiting).padStart(4)} waiting ${waiting > 10 ? red : ""}${bar}${plain}`,
    );
    lines.push(cut(`  next  ${next ?? "nobody waits"}`));
    lines.push(cut(`  ${workers.map(workerText).join("  ")}`), "");
  }
  const room = Math.max(0, rows - lines.length - 1);
  for (const { at_seconds: at, team, sentence } of told.slice(-room)) {
    lines.push(`${dim}${cut(`${clockOf(at)} ${team.padEnd(10)} ${sentence}`)}${plain}`);
  }
  return lines.map((line) => `${line}${clear_line}`);
}

function workerText({ handler, active, capacity, available }: Worker): string {
  if (!available && active === 0) return `(${handler})`;
  const load = `${"■".repeat(active)}${"□".repeat(Math.max(0, capacity - active))}`;
  return available ? `${handler} ${load}` : `(${handler} ${load})`;
}
