/** How much of a user agent is kept, in characters. */
const longestAgent = 200;

/** What might open a door or name a person, where a client wrote it into its user agent: keys and tokens of ours, addresses. */
const unwanted: readonly (readonly [RegExp, string])[] = [
  [/il_[\w-]{4,}/gi, "il_..."],
  [/eyJ[\w-]+(?:\.[\w-]*)*/g, "eyJ..."],
  [/\b(bearer|basic)\s+\S+/gi, "$1 ..."],
  [/[^\s<>()@]{1,64}@[^\s<>()@]{1,255}/g, "...@..."],
];

/** A user agent as the access log keeps it: short, on one line, without controls, and without what looks like a secret. */
export function plainAgent(user_agent: string | undefined): string | null {
  if (user_agent === undefined) return null;
  // Cut before it is searched, so that a long one costs no more; once more after, for what was put in.
  const line = user_agent.slice(0, 4 * longestAgent).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
  const plain = unwanted.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
  return plain.slice(0, longestAgent).trim();
}
