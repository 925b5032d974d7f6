/**
 * Where a person chooses a password. The token stands behind the #, which no browser sends to any server, so it is in no log
 * of one; the page at that address takes it from there.
 */
export function linkUrl(public_url: string, token: string): string {
  return `${public_url.replace(/\/+$/, "")}/auth/link#${token}`;
}
