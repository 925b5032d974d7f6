import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";

/** A block of a stream of server-sent events, as its lines say. */
export interface Block {
  readonly id?: string;
  readonly data?: string;
  readonly retry?: string;
  readonly comment?: string;
}

/** How a stream ended: after its proper end, or broken. */
export type StreamEnd = "in order" | "broken";

/** A client of a stream: it reads nothing by itself that a browser would not. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All blocks so far, in their order. */
  readonly blocks: readonly Block[];
  /** The blocks with data, which are the events. */
  readonly events: () => readonly Block[];
  /** The last id, with which a browser would resume. */
  readonly last_id: () => string;
  /** Waits until the blocks are as wanted, or the stream has ended. */
  readonly until: (isWanted: (blocks: readonly Block[]) => boolean) => Promise<void>;
  readonly ended: Promise<StreamEnd>;
  /** Stops taking what comes, and goes on. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Leaves without a word. */
  readonly leave: () => void;
}

/** Opens a stream; resolves when its headers are there. A problem is a stream that ends, with its text as a comment. */
export function openStream(
  url: string,
  headers: Readonly<Record<string, string>>,
  { is_paused = false } = {},
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, agent: false }, (response) => {
      if (is_paused) response.pause();
      resolve(read(response));
    });
    asked.once("error", reject);
    asked.end();
  });
}

function read(response: IncomingMessage): EventStream {
  const blocks: Block[] = [];
  const watchers = new Set<() => void>();
  let text = "";
  response.setEncoding("utf8");
  const was_paused = response.isPaused();
  response.on("data", (chunk: string) => {
    text += chunk;
    const whole = text.split("\n\n");
    text = whole.pop() ?? "";
    for (const block of whole) blocks.push(parse(block));
    for (const watcher of watchers) watcher();
  });
  if (was_paused) response.pause();
  const ended = new Promise<StreamEnd>((resolve) => {
    response.once("end", () => resolve("in order"));
    response.once("error", () => resolve("broken"));
    response.once("close", () => resolve("broken"));
  });
  const until = (isWanted: (blocks: readonly Block[]) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watch = (): void => {
        if (!isWanted(blocks)) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
      void ended.then(() => resolve());
    });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    blocks,
    events: () => blocks.filter(({ data }) => data !== undefined),
    last_id: () => blocks.findLast(({ id }) => id !== undefined)?.id ?? "",
    until,
    ended,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    leave: () => void response.destroy(),
  };
}

function parse(block: string): Block {
  const fields: Record<string, string> = {};
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^([a-z]*): ?(.*)$/s.exec(line) ?? [];
    const field = name === "" ? "comment" : name;
    fields[field] = fields[field] === undefined ? value : `${fields[field]}\n${value}`;
  }
  return fields;
}
