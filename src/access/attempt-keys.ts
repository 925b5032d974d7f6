import { createHmac } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { canonicalEmail } from "./email-address.ts";

/** What stands for an account in the table of attempts: no address can be read from it, nor tried without the vault's secret. */
export function accountKey(secret: Uint8Array, email: string): Buffer {
  return keyOf(secret, `account:${canonicalEmail(email) ?? email.slice(0, 400)}`);
}

/** What stands for the network that an attempt came from. */
export function networkKey(secret: Uint8Array, address: string): Buffer {
  return keyOf(secret, `network:${networkOf(address)}`);
}

/** What stands for a device that somebody has signed in with. */
export function deviceKey(secret: Uint8Array, device: string): Buffer {
  return keyOf(secret, `device:${device}`);
}

/**
 * Whom an address belongs to: an IPv4 address by itself; of an IPv6 address the first 64 bits, because whoever has one of
 * them has them all.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIPv4(address)) return address;
  const plain = address.split("%", 1)[0] ?? "";
  if (!isIPv6(plain)) return address;
  const [head = "", tail = ""] = plain.toLowerCase().split("::", 2);
  const first = head === "" ? [] : head.split(":");
  const last = tail === "" ? [] : tail.split(":");
  const missing = plain.includes("::") ? Math.max(0, 8 - first.length - last.length) : 0;
  const groups = [...first, ...Array.from({ length: missing }, () => "0"), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

function keyOf(secret: Uint8Array, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest().subarray(0, 16);
}
