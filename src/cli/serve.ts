import { type Command, Option } from "commander";
import { type Given, readConfig, variables } from "../config.ts";

/** Adds the verb `serve`. */
export function addServe(program: Command): void {
  const serve = program
    .command("serve")
    .description("Runs the service. Each flag has a variable of the environment of the same name; the flag wins.");
  for (const { name, default: value, meaning } of variables) {
    serve.addOption(new Option(`${flagOf(name)} <value>`, `${meaning} (default: ${value}, env: ${name})`));
  }
  serve.addOption(
    new Option("--dialect <name[=port]>", "switches one dialect on, as DIALECTS does; may be given several times")
      .conflicts("dialects")
      .argParser((value: string, before: string | undefined) => (before === undefined ? value : `${before},${value}`)),
  );
  serve.action(async ({ dialect, ...flags }: Readonly<Record<string, string>>) => {
    const config = readConfig(process.env, givenOf(flags), { DIALECTS: dialect });
    // The other verbs start in half the time without all that serves HTTP.
    const { runService } = await import("./run-service.ts");
    await runService(config);
  });
}

function flagOf(name: string): string {
  return `--${name.toLowerCase().replaceAll("_", "-")}`;
}

function givenOf(flags: Readonly<Record<string, string>>): Given {
  const attributeOf = (name: string): string => new Option(`${flagOf(name)} <value>`).attributeName();
  return Object.fromEntries(variables.map(({ name }) => [name, flags[attributeOf(name)]]));
}
