import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";

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
