import type { App } from "../../../src/http/app-type.ts";
import { DocumentedAnswers } from "./documented-answers.ts";
import type { Json } from "./json.ts";

/** What is said of answers that nobody documented, up to so many of them. */
const told = 5;

let documented: DocumentedAnswers | undefined;

/**
 * Holds every answer of an application against its own OpenAPI document. The function that comes back throws where one
 * was not in it. All applications of a process have the same document.
 */
export function watchAnswers(app: App): () => void {
  const faults: string[] = [];
  app.addHook("onSend", async (request, reply, payload) => {
    documented ??= new DocumentedAnswers(JSON.parse(JSON.stringify(app.swagger())) as Json);
    const fault = documented.faultOf({
      method: request.method,
      url: request.url,
      status: reply.statusCode,
      headers: reply.getHeaders(),
      body: bodyOf(request.method, payload),
    });
    if (fault !== null) faults.push(fault);
  });
  return () => {
    if (faults.length > 0) throw new Error(`not as documented:\n${faults.slice(0, told).join("\n")}`);
  };
}

function bodyOf(method: string, payload: unknown): string | undefined {
  if (method === "HEAD") return undefined;
  if (payload === undefined || payload === null) return "";
  return typeof payload === "string" || Buffer.isBuffer(payload) ? payload.toString() : undefined;
}
