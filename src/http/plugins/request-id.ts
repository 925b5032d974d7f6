import type { IncomingHttpHeaders } from "node:http";
import type { Runtime } from "../../runtime/runtime.ts";

/**
 * Names requests: by the caller's `x-request-id` where that is a plain word, else by a number behind a prefix that
 * this process drew, so that ids differ between nodes and starts and cost next to nothing.
 */
export function requestIds(runtime: Runtime): (request: { readonly headers: IncomingHttpHeaders }) => string {
  const prefix = Buffer.from(runtime.random(6)).toString("hex");
  let count = 0;
  return ({ headers }) => {
    const given = headers["x-request-id"];
    if (typeof given === "string" && /^[\w.:-]{1,128}$/.test(given)) return given;
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}
