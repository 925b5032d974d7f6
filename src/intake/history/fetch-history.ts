import { fetch } from "undici";
import { limits } from "../../config.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type HistoricIncident, HistoryFault, type HistoryReader } from "./history.ts";

/** The whole list of another system. */
export interface FetchedHistory {
  readonly incidents: readonly HistoricIncident[];
  /** How many it says it has; null: it does not say. */
  readonly total: number | null;
}

/** A list could not be had from where it should be. The message is one sentence that says what to do. */
export class HistoryUnreachable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HistoryUnreachable";
  }
}

/** Whether a source is the address of a system that runs, and not a file. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/**
 * Asks a running system for all of its incidents, page by page where it has pages. The address is that of its list, or of
 * its host alone. Throws `HistoryUnreachable`, or `HistoryFault` where what comes is no list of that system.
 */
export async function fetchHistory(
  address: string,
  reader: HistoryReader,
  runtime: Pick<Runtime, "after">,
): Promise<FetchedHistory> {
  const first = urlOf(address);
  if (first.pathname === "/") first.pathname = reader.list_path;
  const incidents: HistoricIncident[] = [];
  let total: number | null = null;
  let bytes = 0;
  for (let next: URL | null = first; next !== null; ) {
    const text: string = await ask(next, limits.history_bytes - bytes, runtime);
    bytes += Buffer.byteLength(text);
    const page = readHistory(text, next.href, reader);
    incidents.push(...page.incidents);
    total = page.total;
    // A page without incidents is the last, whatever it says of how many there are.
    next = page.incidents.length === 0 ? null : reader.nextPage(first, page.answer, incidents.length);
  }
  return { incidents, total };
}

/** Reads a list answer that was kept. `place` is what messages call it. Throws `HistoryFault`. */
export function readHistory(
  text: string,
  place: string,
  reader: HistoryReader,
): FetchedHistory & { readonly answer: unknown } {
  let answer: unknown;
  try {
    answer = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HistoryFault(`What ${place} holds is not JSON: ${why}.`);
  }
  try {
    return { incidents: reader.read(answer), total: reader.total(answer), answer };
  } catch (error) {
    if (error instanceof HistoryFault) throw new HistoryFault(`${place}: ${error.message}`);
    throw error;
  }
}

function urlOf(address: string): URL {
  if (!URL.canParse(address)) throw new HistoryUnreachable(`${address} is no address; name one like http://host:8000.`);
  const url = new URL(address);
  if (url.username === "" && url.password === "") return url;
  throw new HistoryUnreachable("An address may not hold a name and a password; these systems know none.");
}

async function ask(url: URL, most_bytes: number, runtime: Pick<Runtime, "after">): Promise<string> {
  const patience = new AbortController();
  const endPatience = runtime.after(limits.history_answer_ms, () => patience.abort(new TooSlow()));
  try {
    const answer = await fetch(url, { headers: { accept: "application/json" }, signal: patience.signal });
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw new HistoryUnreachable(`${url.href} answered with ${answer.status}; name the address of its list.`);
    }
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of answer.body ?? []) {
      pieces.push(piece);
      bytes += piece.byteLength;
      if (bytes > most_bytes) throw new HistoryUnreachable(`${url.href} answers with more than can be read at once.`);
    }
    return Buffer.concat(pieces).toString("utf8");
  } catch (error) {
    if (error instanceof HistoryUnreachable) throw error;
    throw new HistoryUnreachable(`${url.href} cannot be reached: ${reasonOf(error)}.`, { cause: error });
  } finally {
    endPatience();
  }
}

class TooSlow extends Error {}

function reasonOf(error: unknown): string {
  if (error instanceof TooSlow) return `no whole answer came within ${limits.history_answer_ms / 1000} s`;
  const { cause = error } = error instanceof Error ? error : { cause: error };
  if (!(cause instanceof Error)) return String(cause);
  if ("code" in cause && cause.code === "ECONNREFUSED") return "nobody listens there";
  if ("code" in cause && cause.code === "ENOTFOUND") return "there is no such host";
  return cause.message.replace(/\.$/, "") || String("code" in cause ? cause.code : cause.name);
}
