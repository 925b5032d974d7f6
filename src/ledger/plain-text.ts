/**
 * Whether a string can be stored and read back as it is: UTF-8 has no lone surrogates, and much of what handles text
 * stops at a NUL.
 */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}

/**
 * Whether every string of a JSON value, keys included, can be stored and read back. `json` is the value's own text:
 * where it holds no escape of the form \u, which is nearly always, there is nothing to look for.
 */
export function isStorableJson(json: string, value: unknown): boolean {
  return !json.includes("\\u") || everyString(value);
}

function everyString(value: unknown): boolean {
  if (typeof value === "string") return isStorable(value);
  if (Array.isArray(value)) return value.every(everyString);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, member]) => isStorable(key) && everyString(member));
}
