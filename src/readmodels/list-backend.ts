import type { ListConnection } from "./list-connection.ts";
import type { ListUnavailable } from "./list-unavailable.ts";
import type { StatisticsAnswer, StatisticsQuery } from "./statistics/statistics-query.ts";

/** Where a list is kept, and who folds it. */
export interface ListBackend {
  readonly position: number;
  /** Why the list cannot be asked, or null. */
  readonly unavailable: ListUnavailable | null;
  /** Whether it has failed since it last came up with the ledger. */
  readonly isFailing: boolean;
  wake(position: number): void;
  waitFor(position: number, timeout_ms: number): Promise<boolean>;
  whenErased(position: number, timeout_ms: number): Promise<boolean>;
  read<Result>(work: (connection: ListConnection) => Promise<Result>): Promise<Result>;
  statistics(query: StatisticsQuery): Promise<StatisticsAnswer>;
  repair(number: number): Promise<void>;
  rebuild(why: string): void;
  snapshot(): Promise<boolean>;
  close(): Promise<void>;
}
