import type { Check, Finding } from "./source-tree.ts";

const vagueNames = ["utils", "util", "common", "helpers", "helper", "manager", "base", "misc"];
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Objects to names of folders and source files that are not kebab-case, or that say nothing about what is inside. */
export const checkFileNames: Check = (tree) => {
  const findings: Finding[] = [];
  for (const file of tree.sources.keys()) {
    const names = file.replace(/(\.test|\.d)?\.(ts|mjs|js)$/, "").split("/");
    const vague = names.find((name) => vagueNames.includes(name));
    const misspelt = names.find((name) => !kebabCase.test(name));
    if (vague !== undefined)
      findings.push({ file, line: 1, message: `"${vague}" says nothing; name it after the one thing it is about.` });
    if (misspelt !== undefined)
      findings.push({
        file,
        line: 1,
        message: `"${misspelt}" is not kebab-case; write it in small letters with hyphens.`,
      });
  }
  return findings;
};
