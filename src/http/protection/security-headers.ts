import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet from "helmet";

/** A name and its value. */
type Header = readonly [name: string, value: string];

/** A year, as browsers want it at least for lists of such hosts. Hosts below this one are not ours to speak for. */
const strict_transport_s = 365 * 24 * 60 * 60;

/** What Helmet (helmetjs.github.io) has an answer say. It says the same each time, so it is asked once. */
const saidByHelmet: readonly Header[] = (() => {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  const protectAnswer = helmet({
    // An answer that is no page may load nothing, run nothing, and stand in nobody's frame.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    xFrameOptions: { action: "deny" },
    strictTransportSecurity: { maxAge: strict_transport_s, includeSubDomains: false },
  });
  protectAnswer(answer.req, answer, (error) => {
    if (error !== undefined) throw error;
  });
  return Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)]);
})();

const strictTransport = "strict-transport-security";
/** Those of Helmet's headers that have a meaning for an answer that is no page; each costs every request some of its time. */
const everywhere = new Set([
  "content-security-policy",
  "x-content-type-options",
  "referrer-policy",
  "cross-origin-resource-policy",
]);
const everyAnswer: readonly Header[] = [
  ...saidByHelmet.filter(([name]) => everywhere.has(name)),
  // What a caller with a credential was shown is nobody else's to keep.
  ["cache-control", "no-store"],
];

/** What a page says beside that and a policy of its own, which says what it needs. */
export const pageHeaders: Readonly<Record<string, string>> = Object.fromEntries(
  saidByHelmet.filter(([name]) => !everywhere.has(name) && name !== strictTransport),
);

/** The headers of every answer. Only where others reach the service by https are browsers told to stay with that. */
export function securityHeaders(public_url: string | null): readonly Header[] {
  const isSecure = public_url?.startsWith("https:") === true;
  return [...everyAnswer, ...saidByHelmet.filter(([name]) => isSecure && name === strictTransport)];
}
