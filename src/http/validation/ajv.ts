import { Ajv, type Options } from "ajv";
import { parseInstant } from "../rfc3339.ts";
import { parseQueryInstant } from "./query-instant.ts";

/**
 * What both validators share: every fault is found, strings are counted in UTF-16 code units (as the events count
 * them), and an `x-expects` beside a pattern or a format says in words what it takes.
 */
const shared: Options = {
  allErrors: true,
  verbose: true,
  removeAdditional: false,
  unicode: false,
  allowUnionTypes: true,
  strictTypes: true,
  strictTuples: true,
  // That each schema is one is a matter of tests (tests/http/openapi.test.ts); a start has no time for it.
  meta: false,
  validateSchema: false,
  // All that is worth a warning is an error; what is left is that counting UTF-16 code units is deprecated.
  logger: false,
};

/** For bodies: nothing is coerced, dropped or filled in, because what is recorded is recorded for ever. */
export function bodyAjv(): Ajv {
  const ajv = new Ajv({ ...shared, coerceTypes: false, useDefaults: false });
  ajv.addFormat("date-time", (text: string) => parseInstant(text) !== null);
  return withAnnotations(ajv);
}

/** For query strings, where everything is text: numbers and booleans are read, defaults filled in. */
export function queryAjv(): Ajv {
  const ajv = new Ajv({ ...shared, coerceTypes: "array", useDefaults: true });
  ajv.addFormat("date-time", (text: string) => parseQueryInstant(text) !== null);
  return withAnnotations(ajv);
}

function withAnnotations(ajv: Ajv): Ajv {
  ajv.addKeyword({ keyword: "x-expects", schemaType: "string" });
  return ajv;
}
