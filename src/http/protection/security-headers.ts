/** What an answer tells a browser, whatever it holds; a page gives a policy of its own, which says what it needs. */
const everyAnswer = {
  // An answer that is no page may load nothing, run nothing, and stand in nobody's frame.
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  // What a caller with a credential was shown is nobody else's to keep.
  "cache-control": "no-store",
} as const;

/** What a page says beside that and its own policy; for anything else it has no meaning, and each header costs its time. */
export const pageHeaders = { "x-frame-options": "DENY", "cross-origin-opener-policy": "same-origin" } as const;

/** A year, as browsers want it at least for lists of such hosts. Hosts below this one are not ours to speak for. */
const strictTransport = "max-age=31536000";

/**
 * The headers of every answer, the way of Helmet (helmetjs.github.io) as far as it concerns an interface without pages of others.
 * Only where others reach the service by https are browsers told to stay with that.
 */
export function securityHeaders(public_url: string | null): readonly (readonly [name: string, value: string])[] {
  const isSecure = public_url?.startsWith("https:") === true;
  return Object.entries({ ...everyAnswer, ...(isSecure ? { "strict-transport-security": strictTransport } : {}) });
}
