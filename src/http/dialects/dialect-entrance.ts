import type { IncomingMessage } from "node:http";
import type { Keys } from "../../access/keys.ts";

/** Who may use a dialect, and as whom. */
export interface Entrance {
  /** Whether who shows no key is let in. */
  readonly is_open: boolean;
  /** Who asks; null: nobody who may. */
  readonly actorOf: (request: IncomingMessage) => Promise<string | null>;
  /** Whose key was shown, also one that is not good here, or not any longer: for the record of who was turned away. */
  readonly ownerOf: (request: IncomingMessage) => Promise<string | null>;
}

/** The keys that were taken off requests' paths before a dialect saw them. */
const taken = new WeakMap<IncomingMessage, string>();

const keyStep = /^\/(il_[A-Za-z0-9_-]{20,})(?=[/?]|$)/;

/** Takes off what leads to a dialect on the main port, such as `/compat/ucar`, however many characters it was spelled with. */
export function takeBase(request: IncomingMessage, length: number): void {
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
  taken.set(request, key);
  return rest(url, key.length + 1);
}

/**
 * What links within a dialect begin with: what leads from the path that was asked for to the dialect's own root, as `.` or `../..`.
 * So they lead back to wherever it was reached, and no answer repeats a key that stands in front.
 */
export function rootFrom(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  const steps = path.split("/").length - 2;
  return steps < 1 ? "." : Array(steps).fill("..").join("/");
}

/** The key that was taken off a request's path, if there was one. */
export function keyOf(request: IncomingMessage): string | undefined {
  return taken.get(request);
}

/**
 * The entrance of a dialect that knows no credentials: a key of this very dialect in the path, or, where it is open,
 * nothing at all. A key that is there must be valid in any case.
 */
export function entranceOf(dialect: string, isOpen: boolean, keys: Pick<Keys, "find" | "ownerOf">): Entrance {
  return {
    is_open: isOpen,
    actorOf: async (request) => {
      const key = keyOf(request);
      if (key === undefined) return isOpen ? `dialect:${dialect}` : null;
      const owner = await keys.find(key);
      return owner !== null && owner.dialect === dialect ? `key:${owner.key_id}` : null;
    },
    ownerOf: async (request) => {
      const key = keyOf(request);
      const owner = key === undefined ? null : await keys.ownerOf(key);
      return owner === null ? null : `key:${owner}`;
    },
  };
}

function rest(url: string, length: number): string {
  const left = url.slice(length);
  return left.startsWith("/") ? left : `/${left}`;
}
