/** What the name of an operation is made of. */
interface NamedRoute {
  readonly method: string;
  /** As the router has it: `/incidents/:id/resolve`. */
  readonly url: string;
  /** Whether it answers with a page of a list. */
  readonly isList: boolean;
}

const verbs: Readonly<Record<string, string>> = { patch: "update" };

/**
 * Names an operation for the clients that are generated from the document, in camelCase: `listIncidents`, `getIncident`,
 * `resolveIncident`, `getIncidentTimeline`. A route for which this reads badly says its `operationId` itself.
 */
export function operationIdOf({ method, url, isList }: NamedRoute): string {
  const steps = url.split("/").filter((step) => step !== "");
  const nouns = steps.flatMap((step, index) => (step.startsWith(":") ? [] : [nounOf(step, steps[index + 1])]));
  const word = method.toLowerCase();
  const last = steps.at(-1) ?? "root";
  if (word === "post" && steps.at(-2)?.startsWith(":") === true) return camelCase([last, ...nouns.slice(0, -1)]);
  const verb = isList && last.endsWith("s") ? "list" : (verbs[word] ?? word);
  return camelCase([verb, ...(nouns.length === 0 ? ["root"] : nouns)]);
}

/** One of many, where a parameter says which. */
function nounOf(step: string, next: string | undefined): string {
  return next?.startsWith(":") === true ? step.replace(/s$/, "") : step;
}

function camelCase(words: readonly string[]): string {
  const [first = "", ...others] = words.flatMap((word) => word.split(/[^A-Za-z0-9]+/));
  return first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
