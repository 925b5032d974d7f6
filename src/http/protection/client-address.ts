import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import ipaddr from "ipaddr.js";

/**
 * The address of who asks. Behind the proxies of TRUSTED_PROXIES it is the last entry of X-Forwarded-For that none of them
 * wrote for another of them; what stands left of it may be anybody's invention. Some proxies add a port, which is dropped; where
 * the entry is no address, it is the proxy that asks.
 */
export function clientAddress(request: Pick<FastifyRequest, "ip" | "socket">): string {
  const direct = request.socket.remoteAddress ?? "";
  const { ip = direct } = request;
  if (isIP(ip) !== 0) return ip;
  const withoutPort = /^(?:\[(.+)\]|([\d.]+)):\d{1,5}$/.exec(ip)?.slice(1).find(Boolean) ?? "";
  return isIP(withoutPort) === 0 ? direct : withoutPort;
}

/**
 * An address as limits count it: one of IPv4 whole, of IPv6 the /64, since one customer has all of that. What is written in
 * several ways, as an IPv4 address in IPv6 is, counts once.
 */
export function networkOf(address: string): string {
  const plain = address.split("%", 1)[0] ?? "";
  if (isIP(plain) !== 6) return plain;
  const parsed = ipaddr.process(plain);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const network = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}
