import type { FastifySchemaCompiler } from "fastify";
import { limits } from "../../config.ts";
import { type Fault, invalid, type ProblemError } from "../problem-error.ts";
import { bodyAjv, queryAjv } from "./ajv.ts";
import { faultsOf } from "./faults.ts";
import { faultOfText, unstorableText } from "./unstorable-text.ts";

type Verdict = true | { readonly error: ProblemError };

/**
 * Compiles the validators of every route: strict ones for bodies, coercing ones for query strings. Each answers with
 * all faults at once.
 */
export function validatorCompiler(): FastifySchemaCompiler<object> {
  const strict = bodyAjv();
  const coercing = queryAjv();
  return ({ schema, httpPart }) => {
    if (httpPart === "body") {
      const compiled = once(() => strict.compile(schema));
      return (body: unknown): Verdict => {
        const validate = compiled();
        const valid = validate(body);
        const text = unstorableText(body);
        if (valid && text.length === 0) return true;
        return refuse([...faultsOf(validate.errors ?? []), ...text]);
      };
    }
    if (httpPart === "querystring") {
      const compiled = once(() => coercing.compile(schema));
      return (query: unknown): Verdict => {
        const validate = compiled();
        const text = unstorableParameters(query);
        const valid = validate(query);
        const endless = endlessParameters(query);
        if (valid && text.length === 0 && endless.length === 0) return true;
        const faults = faultsOf(validate.errors ?? []).map(({ pointer, detail }) => ({
          parameter: pointer.split("/")[1] ?? "",
          detail,
        }));
        return refuse([...faults, ...text, ...endless]);
      };
    }
    // Path parameters are documented, not validated: an id that makes no sense is one that does not exist.
    return (): Verdict => true;
  };
}

/** What is made at its first use: a start has no time for the validators of all routes. */
function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function refuse(faults: readonly Fault[]): Verdict {
  return { error: invalid(faults.slice(0, limits.faults)) };
}

/** Digits beyond all numbers are read as infinity, which the validator then holds against no limit. */
function endlessParameters(query: unknown): Fault[] {
  if (typeof query !== "object" || query === null) return [];
  return Object.entries(query)
    .filter(([, value]) => [value].flat().some((one) => one === Infinity || one === -Infinity))
    .map(([parameter]) => ({ parameter, detail: "must be a number that is not endless" }));
}

function unstorableParameters(query: unknown): Fault[] {
  if (typeof query !== "object" || query === null) return [];
  return Object.entries(query).flatMap(([parameter, value]) => {
    const wrong = [value].flat().flatMap((text) => (typeof text === "string" ? (faultOfText(text) ?? []) : []));
    return wrong[0] === undefined ? [] : [{ parameter, detail: wrong[0] }];
  });
}
