import { type Json, type OperationObject, shareParts } from "./shared-parts.ts";
import { describedTags } from "./tags.ts";

/** Marks, on the way through the generator, a route whose body may be left out. */
export const optionalBody = "x-optional-body";

interface Document {
  paths?: Record<string, Record<string, OperationObject>>;
  components?: Json;
  tags?: unknown;
}

/** Mends what the generator gets wrong, describes the tags, and shares what operations have in common. */
export function finishDocument<Made extends object>(made: Made): Made {
  const document: Document = made;
  const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path));
  for (const operation of operations) {
    freeOptionalBody(operation);
    freeDefaults(operation);
  }
  document.tags = describedTags(
    new Set(operations.flatMap(({ tags }) => (Array.isArray(tags) ? tags.map(String) : []))),
  );
  const { schemas, ...shared } = shareParts(operations);
  const named = document.components?.schemas as Json | undefined;
  document.components = { ...document.components, schemas: { ...named, ...schemas }, ...shared };
  return made;
}

/** The generator calls every body required; those that may be left out are told apart by their mark. */
function freeOptionalBody(operation: OperationObject): void {
  if (operation[optionalBody] !== true) return;
  delete operation[optionalBody];
  if (operation.requestBody !== undefined) operation.requestBody.required = false;
}

/** The generator calls a parameter required that has a default; nobody needs to send it. */
function freeDefaults({ parameters = [] }: OperationObject): void {
  for (const parameter of parameters) {
    const schema = parameter.schema as Json | undefined;
    if (schema?.default !== undefined) parameter.required = false;
  }
}
