import type { Desk } from "../../src/desk/desk.ts";
import type { Outcome } from "../../src/desk/submission.ts";
import type { Command } from "../../src/rules/commands.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";

const reporter = 3;
const actor = `key:${reporter}`;
const services = ["checkout", "search", "payments", "login", "mail"];

/** Puts the key on record whose holder reports the incidents and works on them. */
export async function makeReporter(desk: Desk): Promise<void> {
  const command = {
    kind: "create-key",
    key: reporter,
    role: "admin",
    teams: null,
    dialect: null,
    expires_at: null,
  } as const;
  await desk.submit({ command, actor: "admin" });
}

/**
 * One incident from its report to its resolution, each command with an idempotency key: the five events reported, assigned,
 * acknowledged, commented and resolved, with texts as long as people and monitors write them.
 */
export async function liveThrough(desk: Desk, runtime: Runtime, index: number): Promise<void> {
  const service = services[index % services.length] ?? "checkout";
  const submit = async (command: Command): Promise<Outcome> => {
    const key = runtime.uuid();
    const fingerprint = Buffer.from(runtime.random(32)).toString("hex");
    const idempotency = { scope: actor, key, fingerprint, statusOf: () => 201 };
    const outcome = await desk.submit({ command, actor, idempotency });
    if (outcome.kind !== "written") throw new Error(`${command.kind} is ${JSON.stringify(outcome)}`);
    return outcome;
  };
  const reported = await submit({
    kind: "report",
    incident_id: runtime.uuid(),
    type: "High error rate",
    severity: 1 + (index % 5),
    source: "prometheus",
    dedup_key: `${service}/5xx/${index}`,
    labels: { service, region: "eu-central", environment: "production" },
    title: `${service}: more than 5 % of requests fail`,
    description: `The share of answers with status 5xx has been above 5 % for ten minutes on ${service}-${index % 40}. Last value: ${5 + (index % 60)} %. The usual cause is a deployment; look at the last one first.`,
    reported_by: "alerts@example.com",
    links: [{ href: `https://grafana.example.com/d/${service}?from=${index}`, text: "dashboard" }],
  });
  const incident = reported.kind === "written" ? (reported.incident?.number ?? 0) : 0;
  await submit({ kind: "acknowledge", incident });
  await submit({
    kind: "comment",
    incident,
    text: `The deployment of ${service} at noon is the cause: its pool of connections is too small. Rolling it back; numbers in ten minutes.`,
  });
  await submit({ kind: "resolve", incident, resolution: "Rolled back; the share of errors is back to normal." });
}
