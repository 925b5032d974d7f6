import { Agent, request as ask } from "node:http";
import { join } from "node:path";
import { limits } from "../../src/config.ts";
import type { Request } from "../../tests/http/support/client.ts";
import { DocumentedAnswers } from "../../tests/http/support/documented-answers.ts";
import { type GeneratedRequest, requestsOf } from "../../tests/http/support/generated-requests.ts";
import type { Json } from "../../tests/http/support/json.ts";
import { type Operation, operationsOf } from "../../tests/http/support/openapi.ts";
import { patience } from "../../tests/support/time-limit.ts";
import { Aftermath } from "./aftermath.ts";
import { type Attack, insist } from "./attack.ts";
import { startVictim, type Victim } from "./victim.ts";

const at_a_time = 16;
/** What waits for a position that is not there waits five seconds; nothing else takes as long. */
const hang_ms = 15_000 * patience;

interface Sent {
  readonly operation: Operation;
  readonly generated: GeneratedRequest;
}

/**
 * Every operation of /openapi.json is asked with valid, nearly valid and hostile requests, many at a time: never a 5xx, never a
 * hang, every answer as the document says, and the ledger verifies afterwards.
 */
export const fuzz: Attack = {
  name: "fuzz",
  share: 1.5,
  needs: [],
  async run({ seed, directory, hasTime, say }) {
    const data_dir = join(directory, "data");
    const victim = await startVictim(data_dir);
    const document = (await victim.ask("GET", "/openapi.json")).json as Json;
    const documented = new DocumentedAnswers(document);
    // A stream does not end by itself.
    const operations = operationsOf(document).filter(
      ({ json }) => !JSON.stringify(json.responses).includes('"text/event-stream"'),
    );
    for (const title of ["a", "b", "c", "d", "e", "f"]) await victim.ask("POST", "/incidents", { title });
    await victim.ask("POST", "/teams", { name: "network" });
    const agent = new Agent({ keepAlive: true, maxSockets: at_a_time });
    let sent = 0;
    let rounds = 0;
    for (; rounds === 0 || hasTime(); rounds += 1) {
      const all = operations.flatMap((operation, index): Sent[] =>
        requestsOf(document, operation, (seed + rounds) * 1000 + index).map((generated) => ({ operation, generated })),
      );
      const waiting = all.values();
      const work = async (): Promise<void> => {
        for (const one of waiting) {
          if (rounds > 0 && !hasTime()) return;
          sent += 1;
          await send(victim, one, agent, documented);
        }
      };
      await Promise.all(Array.from({ length: at_a_time }, work));
      insist(victim.isAlive(), `the service ended:\n${victim.log().slice(-3000)}`);
    }
    agent.destroy();
    insist((await victim.ask("GET", "/readyz")).status === 200, "it is not ready afterwards");
    insist((await victim.end("SIGTERM")) === 0, `it does not stop in order:\n${victim.log().slice(-3000)}`);
    const aftermath = new Aftermath(data_dir);
    await aftermath.checkLedger();
    say(`${sent} requests`);
    return { rounds, checked: `${sent} requests of ${operations.length} operations, ${aftermath.position} events` };
  },
};

async function send(victim: Victim, { operation, generated }: Sent, agent: Agent, documented: DocumentedAnswers) {
  const { method } = operation;
  const { url, request } = generated;
  const where = `${method} ${url.slice(0, 300)} ${JSON.stringify(request).slice(0, 500)}`;
  const answer = await answerTo(victim, method, url, request, agent).catch((error: Error) => {
    // What is too large is refused before it has arrived: whoever is still sending may find the connection closed.
    if (/EPIPE|ECONNRESET/.test(error.message) && (request.raw?.length ?? 0) > limits.body_bytes) return null;
    throw new Error(`${where}: ${error.message}`);
  });
  if (answer === null) return;
  const { status, headers, body } = answer;
  const isWaiting = status === 503 && request.headers?.["ledger-min-position"] !== undefined;
  insist(status < 500 || isWaiting, `${where}: ${status} ${body.slice(0, 500)}`);
  const fault = documented.faultOf({ method, url, status, headers, body });
  insist(fault === null, `${where}: ${fault}`);
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function answerTo(
  { address, key }: Victim,
  method: string,
  path: string,
  { body, raw, headers = {} }: Request,
  agent: Agent,
): Promise<Answered> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const all: Record<string, string | null> = {
    authorization: `Bearer ${key}`,
    ...(payload === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(payload)) }),
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null));
  return new Promise((resolve, reject) => {
    // The path as it is: a URL would be put in order first.
    const { hostname, port } = new URL(address);
    const asked = ask({ hostname, port, path, method, agent, headers: sent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.setTimeout(hang_ms, () => asked.destroy(new Error(`no answer within ${hang_ms} ms`)));
    asked.once("error", reject);
    asked.end(payload);
  });
}
