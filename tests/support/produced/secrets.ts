import { isKey } from "../../../src/access/api-key.ts";

/** What nobody may be shown but in the one answer that creates it, and a password's hash not even there. */
export type SecretKind =
  | "key"
  | "admin key"
  | "link"
  | "refresh token"
  | "access token"
  | "device mark"
  | "password hash"
  | "credential"
  | "password";

interface Shape {
  readonly kind: SecretKind;
  /** What every such secret has in it; to look for that costs nearly nothing. */
  readonly mark: string;
  readonly pattern: RegExp;
  readonly isOne?: (found: string) => boolean;
}

/** In the documentation's examples all letters are the same one. */
const isNoExample = (found: string): boolean => new Set(found.slice(-43)).size > 4;

const shapes: readonly Shape[] = [
  { kind: "key", mark: "il_", pattern: /il_[\w-]{49}/g, isOne: isKey },
  { kind: "admin key", mark: "il_admin_", pattern: /il_admin_[\w-]{43}/g, isOne: isNoExample },
  { kind: "link", mark: "il_link_", pattern: /il_link_[\w-]{43}/g, isOne: isNoExample },
  { kind: "refresh token", mark: "il_refresh_", pattern: /il_refresh_[\w-]{86}/g, isOne: isNoExample },
  { kind: "access token", mark: "eyJ", pattern: /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/g },
  { kind: "device mark", mark: "il_device=", pattern: /il_device=[\w-]{22}\.\w+\.[\w-]{43}/g },
  { kind: "password hash", mark: "$argon2", pattern: /\$argon2\w*\$v=\d+\$[^$\s]+\$[\w+/]{8,}\$[\w+/]{20,}/g },
];

/** A secret that stands in a text, and enough of it to tell which. */
export interface FoundSecret {
  readonly kind: SecretKind;
  readonly begins: string;
}

/** The secrets of a text that have a form of their own. */
export function secretsIn(text: string | Buffer): FoundSecret[] {
  const marked = shapes.filter(({ mark }) => text.includes(mark));
  if (marked.length === 0) return [];
  const searched = text.toString("latin1");
  return marked.flatMap(({ kind, pattern, isOne = () => true }) =>
    [...searched.matchAll(pattern)]
      .filter(([found]) => isOne(found))
      .map(([found]) => ({ kind, begins: found.slice(0, 20) })),
  );
}
