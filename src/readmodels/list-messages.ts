/** What the worker is started with. */
export interface ListWorkerData {
  readonly data_dir: string;
  readonly ledger_file: string;
  /** Build the list anew, whatever there is: it has failed several times, and the disk was not to blame. */
  readonly rebuild: boolean;
  /** A snapshot of the board is due after so many events. */
  readonly snapshot_events: number;
}

/** What the main thread asks of the worker. */
export type ListOrder =
  /** The ledger has grown: fold what is new. */
  | { readonly kind: "fold" }
  /** The row of this incident is damaged. */
  | { readonly kind: "repair"; readonly number: number }
  /** The file is damaged. */
  | { readonly kind: "rebuild"; readonly why: string }
  /** Write a snapshot of the board. */
  | { readonly kind: "snapshot" }
  | { readonly kind: "close" };

/** What the worker tells. One `done` answers each order, in their order. */
export type ListReport =
  /** The list can be asked, in the file at its place. */
  | { readonly kind: "ready" }
  /** The list cannot be asked: it is being built. Whoever has the file open must let go of it. */
  | { readonly kind: "building"; readonly why: string }
  /** Folded, and written, up to here. */
  | { readonly kind: "folded"; readonly position: number }
  /** Whether something that was erased may still be in the file's WAL, because a reader is in the way. */
  | { readonly kind: "erased"; readonly is_left: boolean }
  /** Something was wrong and has been dealt with. */
  | { readonly kind: "fault"; readonly message: string }
  /** The thread is about to end because the disk is full or fails: the list itself is in order. */
  | { readonly kind: "storage" }
  | { readonly kind: "done"; readonly order: ListOrder["kind"] };
