import { request } from "undici";
import { type DialectName, dialectNames } from "../../../src/config.ts";
import { adminKey, openNode, type TestNode, type TestNodeOptions } from "./node.ts";

/** What came back, as a client of the dialect sees it. */
export interface DialectAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Sent {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A node that listens, and clients of its dialects and of its own API. */
export interface DialectNode {
  readonly node: TestNode;
  readonly address: string;
  /** Asks a dialect under /compat. */
  readonly ask: (dialect: DialectName, method: string, path: string, sent?: Sent) => Promise<DialectAnswer>;
  /** Asks the service's own API as the administrator. */
  readonly own: (method: string, path: string, json?: unknown) => Promise<DialectAnswer>;
  close(): Promise<void>;
}

export async function openDialects(options: TestNodeOptions = {}): Promise<DialectNode> {
  const node = await openNode({ dialects: dialectNames, ...options });
  await node.app.listen({ host: "127.0.0.1", port: 0 });
  const [found] = node.app.addresses();
  const address = `http://127.0.0.1:${typeof found === "object" ? found.port : 0}`;
  return {
    node,
    address,
    ask: (dialect, method, path, sent) => send(`${address}/compat/${dialect}${path}`, method, sent),
    own: (method, path, json) =>
      send(`${address}${path}`, method, {
        headers: { authorization: `Bearer ${adminKey}` },
        ...(json === undefined ? {} : { json }),
      }),
    close: () => node.close(),
  };
}

/** One request over a real connection. */
export async function send(
  url: string,
  method: string,
  { json, raw, headers = {} }: Sent = {},
): Promise<DialectAnswer> {
  const body = raw ?? (json === undefined ? null : JSON.stringify(json));
  const typed = body === null ? headers : { "content-type": "application/json", ...headers };
  const answer = await request(url, { method: method as "GET", headers: typed, body });
  const text = await answer.body.text();
  return { status: answer.statusCode, body: parsed(text), headers: answer.headers };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
