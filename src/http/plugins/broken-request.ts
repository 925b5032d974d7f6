import type { Socket } from "node:net";
import { problemDocument } from "../problem-error.ts";
import { type ProblemCode, problemKind } from "../problems.ts";
import { securityHeaders } from "../protection/security-headers.ts";

const codeOfParser: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: "headers-too-large",
  ERR_HTTP_REQUEST_TIMEOUT: "request-timeout",
};

const reasonOf: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

const said = securityHeaders(null)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

/** Answers what is no HTTP request at all, as a problem, and closes the connection. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const code = codeOfParser[error.code ?? ""] ?? "bad-request";
  const { status, explanation } = problemKind(code);
  const body = JSON.stringify(problemDocument(code, explanation, "unread"));
  if (!socket.writable) return void socket.destroy();
  socket.end(
    `HTTP/1.1 ${status} ${reasonOf[status] ?? "Bad Request"}\r\nContent-Type: application/problem+json\r\n` +
      said +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
