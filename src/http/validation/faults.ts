import type { ErrorObject } from "ajv";
import { pointerFragment, pointerTo } from "./pointer.ts";

/** Where a fault is, as a JSON pointer fragment, and what is wrong there. */
export interface PlacedFault {
  readonly pointer: string;
  readonly detail: string;
}

/** Turns what the validator found into one fault for each thing that is wrong, in its order, without doubles. */
export function faultsOf(errors: readonly ErrorObject[]): PlacedFault[] {
  const faults = new Map<string, PlacedFault>();
  for (const error of errors) {
    const fault = faultOf(error);
    if (fault !== null && !faults.has(fault.pointer)) faults.set(fault.pointer, fault);
  }
  return [...faults.values()];
}

function faultOf(error: ErrorObject): PlacedFault | null {
  const here = pointerFragment(error.instancePath);
  const params: Readonly<Record<string, unknown>> = error.params;
  // What stands under anyOf says which alternative failed how; the error of anyOf itself says it once.
  if (/\/anyOf\/\d+\//.test(error.schemaPath)) return null;
  switch (error.keyword) {
    case "required":
      return { pointer: pointerTo(here, String(params.missingProperty)), detail: "is required" };
    case "additionalProperties":
      return { pointer: pointerTo(here, String(params.additionalProperty)), detail: unknownField(error.parentSchema) };
    case "propertyNames":
      return null;
    case "anyOf":
      return oneOfRequired(error, here);
    default:
      return error.propertyName === undefined
        ? { pointer: here, detail: detailOf(error, params) }
        : { pointer: pointerTo(here, error.propertyName), detail: `has a name that ${detailOf(error, params)}` };
  }
}

function unknownField(schema: unknown): string {
  const properties = isRecord(schema) && isRecord(schema.properties) ? Object.keys(schema.properties) : [];
  return properties.length === 0 ? "is not known here" : `is not known here; known are ${properties.join(", ")}`;
}

/** Bodies use `anyOf` for one thing only: at least one of some fields must be there. */
function oneOfRequired(error: ErrorObject, here: string): PlacedFault {
  const alternatives: unknown[] = Array.isArray(error.schema) ? error.schema : [];
  const names = alternatives.flatMap((alternative) =>
    isRecord(alternative) && Array.isArray(alternative.required) ? alternative.required.map(String) : [],
  );
  const [first] = names;
  return first === undefined
    ? { pointer: here, detail: "is not valid" }
    : { pointer: pointerTo(here, first), detail: `is required (one of ${names.join(", ")})` };
}

function detailOf(error: ErrorObject, params: Readonly<Record<string, unknown>>): string {
  const schema: unknown = error.parentSchema;
  const expected = isRecord(schema) ? schema["x-expects"] : undefined;
  switch (error.keyword) {
    case "enum":
      return `must be one of ${Array.isArray(params.allowedValues) ? params.allowedValues.join(", ") : ""}`;
    case "minLength":
      return params.limit === 1 ? "must not be empty" : `must have at least ${params.limit} characters`;
    case "maxLength":
      return `must have at most ${params.limit} characters`;
    case "minimum":
      return typeof expected === "string" ? `must be ${expected}` : `must be at least ${params.limit}`;
    case "maximum":
      return typeof expected === "string" ? `must be ${expected}` : `must be at most ${params.limit}`;
    case "minItems":
      return `must have at least ${params.limit} items`;
    case "maxItems":
      return `must have at most ${params.limit} items`;
    case "minProperties":
      return `must have at least ${params.limit} fields`;
    case "maxProperties":
      return `must have at most ${params.limit} fields`;
    default:
      if (typeof expected === "string") return `must be ${expected}`;
      if (error.keyword === "type") return `must be ${String(params.type).replaceAll(",", " or ")}`;
      return error.message ?? "is not valid";
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
