import type { FastifyReply, FastifyRequest } from "fastify";
import { isLoopback } from "../../config.ts";

/** Which sites' pages may ask, and which origins are the service's own. */
export interface BrowserOrigins {
  readonly host: string;
  readonly public_url: string | null;
  readonly cors_origins: readonly string[];
}

/** What a page of an allowed origin may read beside the body, and send beside what every page may. */
const exposed = [
  "ETag",
  "Ledger-Position",
  "Link",
  "Location",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "X-Request-Id",
  "Idempotency-Replayed",
].join(", ");
const taken = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "Ledger-Min-Position",
  "X-Request-Id",
].join(", ");
const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** For how long a browser need not ask again whether it may, in seconds. */
const preflight_seconds = 600;

/**
 * Tells a browser that the page which asks may read the answer, if it may. True where the request was only the question whether
 * another one is allowed (a preflight of the Fetch standard), which is answered with that. Credentials that a browser adds by
 * itself are never allowed.
 */
export function answerOrigin(
  request: FastifyRequest,
  reply: FastifyReply,
  { cors_origins }: Pick<BrowserOrigins, "cors_origins">,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined || !cors_origins.includes(origin)) return false;
  reply.header("access-control-allow-origin", origin);
  reply.header("access-control-expose-headers", exposed);
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return false;
  reply.header("access-control-allow-methods", methods);
  reply.header("access-control-allow-headers", taken);
  reply.header("access-control-max-age", preflight_seconds);
  return true;
}

/** The `Vary` of an answer that also depends on the origin of who asks. */
export function varyByOrigin(vary: unknown): string {
  return vary === undefined ? "Origin" : `${String(vary)}, Origin`;
}

/**
 * Whether a request names a host that this service does not have, on a loopback HOST where no credential is needed. A page can
 * have its own name lead here (DNS rebinding), and would read everything as if it were from here; but it cannot change what its
 * browser says of the name. Who sends no name at all is no browser.
 */
export function isForeignHost({ headers }: Pick<FastifyRequest, "headers">, origins: BrowserOrigins): boolean {
  if (headers.host === undefined || !isLoopback(origins.host)) return false;
  const name = hostname(`http://${headers.host}`);
  return name === null || !(isLoopback(name) || (origins.public_url !== null && name === hostname(origins.public_url)));
}

/** The name or address in a URL, without the brackets of IPv6. */
function hostname(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : null;
}

/**
 * Whether a request would change something and comes from the page of another site: a browser says so in `Origin`, and sends it
 * unasked. Where no credential is needed, nothing else keeps such a page from writing. On a loopback HOST the name in `Host`
 * proves nothing, because a foreign name may lead here.
 */
export function isForeignWrite(request: FastifyRequest, origins: BrowserOrigins): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || request.method === "GET" || request.method === "HEAD") return false;
  const { public_url, cors_origins } = origins;
  if (origin === public_url || cors_origins.includes(origin)) return false;
  if (!URL.canParse(origin)) return true;
  const url = new URL(origin);
  if (!isLoopback(origins.host)) return url.host !== host;
  const name = url.hostname.replace(/^\[|\]$/g, "");
  return !isLoopback(name) || Number(url.port || 80) !== request.socket.localPort;
}
