import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Known extends Options> = ReturnType<typeof parseArgs<{ options: Known }>>["values"];

const exitOfWrongUse = 2;

/**
 * Reads the options that a script was called with; `script` is its `import.meta.url`. `--help` prints what the script says of itself in
 * its first comment, and ends it; so does what it does not know, after saying what that is, with exit code 2.
 */
export function readOptions<const Known extends Options>(script: string, options: Known): Values<Known> {
  if (process.argv.slice(2).includes("--help")) {
    console.log(usageOf(script));
    process.exit();
  }
  try {
    return parseArgs<{ options: Known }>({ options }).values;
  } catch (error) {
    return refuse(`${error instanceof Error ? error.message : String(error)}\n\n${usageOf(script)}`);
  }
}

/** The whole number that an option was given as text. Where it is none, or below `least`, says so and ends with exit code 2. */
export function wholeNumber(name: string, text: string, least = 0): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && text.trim() !== "") return value;
  return refuse(`--${name} must be a whole number from ${least}, but is "${text}".`);
}

function refuse(why: string): never {
  console.error(why);
  process.exit(exitOfWrongUse);
}

/** The first comment of a script, without what makes it a comment. */
function usageOf(script: string): string {
  const comment = /\/\*\*\n(.*?)\n \*\//s.exec(readFileSync(fileURLToPath(script), "utf8"))?.[1] ?? "";
  return comment.replaceAll(/^ \* ?/gm, "");
}
