import { existsSync } from "node:fs";
import { join } from "node:path";

/** A name that nothing in a directory has yet: the wanted one, or that with a number. */
export function freeName(directory: string, wanted: string): string {
  let name = wanted;
  for (let count = 2; existsSync(join(directory, name)); count += 1) name = `${wanted}-${count}`;
  return name;
}
