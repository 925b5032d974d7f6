/**
 * What an e-mail address looks like here: one @, a name of at most 64 characters, a domain with a dot or `localhost`, and
 * nothing that means something in the header of a mail. Whether it exists only a mail to it shows.
 */
export const emailPattern =
  '^\\s*[^\\s@<>()\\[\\]\\\\,;:"\\u0000-\\u001f\\u007f]{1,64}@(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?\\.)*[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?\\s*$';

/** The longest address that mail can carry (RFC 5321). */
export const longestEmail = 254;

const form = new RegExp(emailPattern, "u");

/**
 * The one form in which an address is kept and compared: trimmed, in NFC and in small letters. Null where it is none. No
 * two people have mailboxes that differ only in that, and nobody shall become two users by it.
 */
export function canonicalEmail(email: string): string | null {
  const canonical = email.trim().normalize("NFC").toLowerCase().normalize("NFC");
  return canonical.length <= longestEmail && form.test(canonical) ? canonical : null;
}
