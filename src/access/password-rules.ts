import { canonicalEmail } from "./email-address.ts";

/** The least length of a password, in characters (code points). */
export const shortestPassword = 8;
/** The greatest length of a password. */
export const longestPassword = 128;

/** What is wrong with a password that somebody would like to have, as the end of "The password …"; null: nothing. */
export async function faultOfPassword(password: string, email: string): Promise<string | null> {
  const characters = [...password].length;
  if (characters < shortestPassword) return `must have at least ${shortestPassword} characters`;
  if (characters > longestPassword) return `must have at most ${longestPassword} characters`;
  const plain = password.trim().normalize("NFC").toLowerCase();
  const address = canonicalEmail(email) ?? email;
  if (plain === address || plain === address.split("@", 1)[0])
    return "must not be your e-mail address, or its first part";
  if ((await commonPasswords()).has(plain))
    return "is one of those that are tried first; choose one that nobody else has";
  return null;
}

let common: Promise<ReadonlySet<string>> | null = null;

/**
 * The most frequent passwords of the world's leaks, from zxcvbn's list (MIT): 49,233, of which about 18,000 are long
 * enough to be chosen here at all. Read when first needed, because most starts need none.
 */
function commonPasswords(): Promise<ReadonlySet<string>> {
  common ??= import("@zxcvbn-ts/language-common").then(
    ({ dictionary }) => new Set(dictionary["passwords-common"].map((password) => password.toLowerCase())),
  );
  return common;
}
