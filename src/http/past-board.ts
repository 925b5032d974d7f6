import type { Board } from "../../projections/board.ts";
import { boardAt } from "../readmodels/fold-board.ts";
import { loadLatestSnapshot } from "../readmodels/snapshots.ts";
import type { Services } from "./services.ts";

/** The board as it was at the end of an earlier commit, folded anew: for what is asked rarely. Others work meanwhile. */
export async function pastBoard({ ledger, config }: Services, position: number): Promise<Board> {
  const { data_dir } = config;
  const from = data_dir === undefined ? null : await loadLatestSnapshot(data_dir, ledger, position);
  return boardAt(ledger, { from, until: position });
}
