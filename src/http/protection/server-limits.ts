import type { Server, ServerOptions } from "node:http";
import { limits } from "../../config.ts";

/**
 * What Node's server enforces before a request reaches anybody: the size of its headers (431), and how long they and all of it may
 * take to arrive (408). A request that has arrived is under no such limit, so that connections stay open and streams go on.
 */
export const serverOptions: ServerOptions = {
  maxHeaderSize: limits.header_bytes,
  headersTimeout: limits.headers_timeout_ms,
  requestTimeout: limits.request_timeout_ms,
  connectionsCheckingInterval: limits.arrival_check_ms,
};

/** Bounds what a server takes at the same time, and has one header more than is allowed seen, so that it can be refused. */
export function limitServer(server: Server): void {
  server.maxConnections = limits.connections;
  server.maxHeadersCount = limits.headers + 1;
}
