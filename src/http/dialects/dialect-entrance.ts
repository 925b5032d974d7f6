import type { IncomingMessage } from "node:http";
import type { Keys } from "../../access/keys.ts";

/** Who may use a dialect, and as whom. */
export interface Entrance {
  /** Whether who shows no key is let in. */
  readonly is_open: boolean;
  /** Who asks; null: nobody who may. */
  readonly actorOf: (request: IncomingMessage) => Promise<string | null>;
}

/** What was taken off a request's path before a dialect saw it. */
interface Taken {
  /** What links to the dialect begin with, without a slash at the end. */
  base: string;
  key: string | null;
}

const taken = new WeakMap<IncomingMessage, Taken>();

const keyStep = /^\/(il_[A-Za-z0-9_-]{20,})(?=[/?]|$)/;

/** Takes off what leads to a dialect on the main port, such as `/compat/ucar`, however many characters it was spelled with. */
export function takeBase(request: IncomingMessage, base: string, length: number): void {
  taken.set(request, { base, key: null });
  request.url = rest(request.url ?? "/", length);
}

/** A URL as a path, where a client or a proxy has sent all of it. */
export function originForm(url: string): string {
  if (url.startsWith("/")) return url;
  const path = url.replace(/^https?:\/\/[^/?]*/i, "");
  return path.startsWith("/") ? path : `/${path}`;
}

/** Takes a key off the beginning of the path, if there is one, and gives the URL without it. */
export function takeKey(request: IncomingMessage): string {
  const url = originForm(request.url ?? "/");
  const key = keyStep.exec(url)?.[1];
  if (key === undefined) return url;
  const before = taken.get(request)?.base ?? "";
  taken.set(request, { base: `${before}/${key}`, key });
  return rest(url, key.length + 1);
}

/** What links within a dialect begin with: where it is mounted, and the key that the caller used. */
export function baseOf(request: IncomingMessage): string {
  return taken.get(request)?.base ?? "";
}

/** The key that was taken off a request's path, if there was one. */
export function keyOf(request: IncomingMessage): string | undefined {
  return taken.get(request)?.key ?? undefined;
}

/**
 * The entrance of a dialect that knows no credentials: a key of this very dialect in the path, or, where it is open,
 * nothing at all. A key that is there must be valid in any case.
 */
export function entranceOf(dialect: string, isOpen: boolean, keys: Pick<Keys, "find">): Entrance {
  return {
    is_open: isOpen,
    actorOf: async (request) => {
      const key = keyOf(request);
      if (key === undefined) return isOpen ? `dialect:${dialect}` : null;
      const owner = await keys.find(key);
      return owner !== null && owner.dialect === dialect ? `key:${owner.key_id}` : null;
    },
  };
}

function rest(url: string, length: number): string {
  const left = url.slice(length);
  return left.startsWith("/") ? left : `/${left}`;
}
