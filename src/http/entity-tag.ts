import { ProblemError } from "./problem-error.ts";

/** The strong entity tag of a version (RFC 9110 §8.8.3), or of what a past version has become by erasures and renamings. */
export function entityTag(version: number | string): string {
  return `"${version}"`;
}

const tag = /(W\/)?"([^"]*)"/g;

interface Tag {
  readonly weak: boolean;
  readonly value: string;
}

/**
 * The versions that an `If-Match` allows; undefined where it allows any. A weak tag never matches (RFC 9110 §13.1.1),
 * and neither does one that we never gave. A bare number is taken as if it were quoted.
 */
export function versionsOfIfMatch(header: string | undefined): readonly number[] | undefined {
  if (header === undefined) return undefined;
  const tags = readTags("If-Match", header);
  if (tags === "*") return undefined;
  return tags.flatMap((tag) => (tag.weak || !/^[1-9]\d{0,14}$/.test(tag.value) ? [] : [Number(tag.value)]));
}

/** Whether an `If-None-Match` holds this version, so that 304 is the answer. Tags are compared weakly (§13.1.2). */
export function matchesIfNoneMatch(header: string | undefined, version: number | string): boolean {
  if (header === undefined) return false;
  const tags = readTags("If-None-Match", header);
  return tags === "*" || tags.some((tag) => tag.value === String(version));
}

function readTags(name: string, header: string): "*" | readonly Tag[] {
  const text = header.trim();
  if (text === "*") return "*";
  if (/^\d+$/.test(text)) return [{ weak: false, value: text }];
  const tags = [...text.matchAll(tag)];
  if (tags.length === 0 || /[^\s,]/.test(text.replace(tag, ""))) {
    const detail = 'must be *, or entity tags such as "3", separated by commas';
    throw new ProblemError("malformed-header", `${name} ${detail}.`, { faults: [{ header: name, detail }] });
  }
  return tags.map((match) => ({ weak: match[1] !== undefined, value: match[2] ?? "" }));
}
