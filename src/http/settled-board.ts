import type { FastifyReply } from "fastify";
import type { Board } from "../../projections/board.ts";
import type { Services } from "./services.ts";

const pause_ms = 1;

/**
 * Reads the board as soon as it shows only what is durable. The reading is synchronous: after any `await` the board may
 * run ahead again.
 */
export async function readBoard<Result>(
  { desk, runtime }: Pick<Services, "desk" | "runtime">,
  read: (board: Board) => Result,
): Promise<Result> {
  for (let isFirst = true; desk.board.position !== desk.durable_position; isFirst = false) {
    if (!isFirst) await new Promise<void>((resolve) => runtime.after(pause_ms, resolve));
    await desk.readable();
  }
  return read(desk.board);
}

/** Says in the answer which position it reflects. */
export function reflect(reply: FastifyReply, position: number): void {
  reply.header("ledger-position", position);
}
