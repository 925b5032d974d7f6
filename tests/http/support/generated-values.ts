import * as fc from "fast-check";
import type { Json } from "./json.ts";

/** Texts are kept this short where the schema allows longer ones, and lists and labels this few. */
const longest = 40;
const most = 3;

/** Values that fit a schema of the document; `lively` gives, by a property's name, some that mean something to the service. */
export function valuesOf(
  document: Json,
  schema: Json,
  lively: Readonly<Record<string, readonly unknown[]>>,
): fc.Arbitrary<unknown> {
  const of = (inner: unknown): fc.Arbitrary<unknown> => valuesOf(document, inner as Json, lively);
  if (typeof schema.$ref === "string") return of(resolve(document, schema.$ref));
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => of({ ...schema, type })));
  switch (schema.type) {
    case "string":
      return texts(schema);
    case "integer":
    case "number":
      return fc.integer({ min: Number(schema.minimum ?? 0), max: Math.min(Number(schema.maximum ?? 1000), 2 ** 31) });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array": {
      const minLength = Number(schema.minItems ?? 0);
      return fc.array(of(schema.items), { minLength, maxLength: Math.max(minLength, most) });
    }
    default:
      return objects(schema, of, lively);
  }
}

function texts({ pattern, format, minLength = 0, maxLength = longest }: Json): fc.Arbitrary<string> {
  if (format === "date-time") {
    const range = { min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true };
    return fc.date(range).map((date) => date.toISOString());
  }
  const length = {
    minLength: Number(minLength),
    maxLength: Math.max(Number(minLength), Math.min(Number(maxLength), longest)),
  };
  if (typeof pattern !== "string") return fc.string({ ...length, unit: "grapheme" }).filter(isStorable);
  const fits = fc.stringMatching(new RegExp(pattern));
  return fits.filter((text) => text.length <= Number(maxLength) && isStorable(text));
}

function objects(
  schema: Json,
  of: (schema: unknown) => fc.Arbitrary<unknown>,
  lively: Readonly<Record<string, readonly unknown[]>>,
): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  if (properties.length === 0) {
    const values = typeof schema.additionalProperties === "object" ? of(schema.additionalProperties) : fc.jsonValue();
    return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), values, { maxKeys: most });
  }
  const fields = properties.map(([name, inner]) => {
    const known = lively[name];
    return [name, known === undefined ? of(inner) : fc.oneof(fc.constantFrom(...known), of(inner))] as const;
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: (schema.required ?? []) as string[] });
}

function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

function resolve(document: Json, reference: string): unknown {
  const steps = reference.replace(/^#\//, "").split("/");
  return steps.reduce<unknown>((part, step) => (part as Json | undefined)?.[step], document);
}

const strangers: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  "",
  " ",
  "x\0y",
  "\ud800",
  "x".repeat(70_000),
  [],
  [[]],
  {},
];

/** Values that are nearly one that fits: a field too many, one too few, or one that is something else altogether. */
export function nearly(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return strangers;
  const fields = Object.keys(value);
  return [
    ...[{ unheard_of: 1 }, { __proto__x: {} }, { constructor: null }].map((more) => ({ ...value, ...more })),
    ...fields.map((field) => Object.fromEntries(Object.entries(value).filter(([name]) => name !== field))),
    ...fields.flatMap((field) => strangers.map((stranger) => ({ ...value, [field]: stranger }))),
    [value],
    JSON.stringify(value),
    null,
  ];
}
