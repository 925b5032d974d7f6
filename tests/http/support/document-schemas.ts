import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Json } from "./json.ts";

/** The schemas of an OpenAPI document, to hold values against. Lengths are counted as the service counts them. */
export class DocumentSchemas {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, unicode: false, logger: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: Json) {
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ ...document, $id: "openapi" });
  }

  /** What is wrong with a value, or null. References of the schema lead into the document. */
  faultOf(schema: unknown, value: unknown): string | null {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
    const validate = this.#compiled.get(text) ?? this.#ajv.compile(JSON.parse(text));
    this.#compiled.set(text, validate);
    return validate(value) ? null : JSON.stringify(validate.errors).slice(0, 1000);
  }

  /** Whether it is a schema at all. */
  isSchema(schema: object): boolean {
    return this.#ajv.validateSchema(schema) === true;
  }
}
