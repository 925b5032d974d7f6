/** One line of `strace -f -y`: a call as it begins, or the end of one that was shown in two parts. */
const beginning = /^(\d+) +(\w+)\((\d+)<([^>]*)>(.*)$/;
const resumed = /^(\d+) +<\.\.\. (\w+) resumed>(.*)$/;
const mark = /<<[\d.]+>>/g;

/** What a record of system calls says of the answers in it. */
export interface Traced {
  /** How many answers with 201 there are. */
  readonly answers: number;
  /** A sentence for each that was sent before what it says was synced. */
  readonly faults: readonly string[];
}

/**
 * Goes through a record of strace: a mark (`<<7>>`) that was written into ledger.db-wal is durable when a sync of that file
 * that began later has come back with 0; an answer that shows the mark must come after that.
 */
export function faultsOfTrace(record: string): Traced {
  const written = new Set<string>();
  const durable = new Set<string>();
  /** Syncs under way, by thread: what had been written when they began. */
  const syncing = new Map<string, readonly string[]>();
  const faults: string[] = [];
  let answers = 0;
  const synced = (thread: string): void => {
    for (const one of syncing.get(thread) ?? []) durable.add(one);
    syncing.delete(thread);
  };
  for (const line of record.split("\n")) {
    const end = resumed.exec(line);
    if (end !== null) {
      const [, thread = "", call = "", rest = ""] = end;
      if (/^f(?:data)?sync$/.test(call) && /= 0$/.test(rest.trimEnd())) synced(thread);
      continue;
    }
    const [, thread = "", call = "", , file = "", rest = ""] = beginning.exec(line) ?? [];
    if (file.endsWith("/ledger.db-wal")) {
      if (/^f(?:data)?sync$/.test(call)) {
        syncing.set(thread, [...written]);
        if (/= 0$/.test(rest.trimEnd())) synced(thread);
      } else for (const [found] of rest.matchAll(mark)) written.add(found);
    } else if (/"HTTP\/1\.1 201 /.test(rest)) {
      answers += 1;
      const found = rest.match(mark)?.[0];
      if (found === undefined) faults.push(`an answer shows no mark: ${line.slice(0, 200)}`);
      else if (!written.has(found)) faults.push(`${found} was answered, and never written to the WAL`);
      else if (!durable.has(found)) faults.push(`${found} was answered before the WAL was synced`);
    }
  }
  return { answers, faults };
}
