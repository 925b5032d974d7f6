import type { TSchema } from "@sinclair/typebox";
import { Ajv, type ValidateFunction } from "ajv";
import { Instant } from "../../events/fields.ts";
import { ScenarioFault } from "./scenario-fault.ts";

/** Fields whose value is an incident: a name from the scenario, or a bare number. */
const incidentFields: ReadonlySet<string> = new Set(["incident", "into", "number"]);

/** Whether a field of this name stands for an incident. */
export function standsForIncident(field: string): boolean {
  return incidentFields.has(field);
}

const writtenInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** The instant that a file names, of whatever offset; refuses what is none. */
export function instantOf(value: unknown, line: number, what: string): string {
  const milliseconds = typeof value === "string" && writtenInstant.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new ScenarioFault(line, `${what} must be a time like 2023-12-17T10:05:00Z, not ${JSON.stringify(value)}.`);
  }
  return new Date(milliseconds).toISOString();
}

/** Whether a schema describes an instant. */
function isInstant(schema: TSchema): boolean {
  return schema.pattern === Instant.pattern;
}

const ajv = new Ajv({ strict: false });
const checks = new WeakMap<object, ValidateFunction>();

/** Brings a value to the form in which events and commands hold it; refuses what the field cannot hold. */
export function fieldValue(value: unknown, schema: TSchema, line: number, what: string): unknown {
  const brought = isInstant(schema) ? instantOf(value, line, what) : value;
  let check = checks.get(schema);
  if (check === undefined) {
    check = ajv.compile(schema);
    checks.set(schema, check);
  }
  if (check(brought)) return brought;
  const faults = (check.errors ?? []).map((error) => `${error.instancePath.slice(1)} ${error.message ?? ""}`.trim());
  throw new ScenarioFault(
    line,
    `${what} cannot be ${JSON.stringify(value)}: it ${[...new Set(faults)].join(", or ")}.`,
  );
}

/** Checks the name or number of an incident, as far as that can be seen without running anything. */
export function incidentReference(value: unknown, line: number, what: string): string | number {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw new ScenarioFault(line, `${what} must be the name of an incident, or a number, not ${JSON.stringify(value)}.`);
}
