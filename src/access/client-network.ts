import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * Whom an address belongs to, as limits, counts and the access log tell callers apart: an IPv4 address by itself; of an IPv6
 * address the first 64 bits, because whoever has one of them has them all. What is written in several ways, as an IPv4 address in
 * IPv6 is, counts once; what is no address stands for itself.
 */
export function networkOf(address: string): string {
  const plain = address.split("%", 1)[0] ?? "";
  if (isIP(plain) !== 6) return plain;
  const parsed = ipaddr.process(plain);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
