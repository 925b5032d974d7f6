import type { Check, Finding } from "./source-tree.ts";

// Each is written in two halves, so that this file does not object to itself.
const leftovers: readonly { pattern: RegExp; advice: string }[] = [
  {
    pattern: new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b`),
    advice: "do it now, or open an issue",
  },
  { pattern: new RegExp("\\." + "only\\("), advice: "it keeps all other tests from running; take it out" },
  { pattern: new RegExp(`@ts-${"(ignore|nocheck)"}|biome-${"ignore"}`), advice: "mend what it hides" },
];

/** Objects to words that say something is unfinished, hidden from a tool, or switched off. */
export const checkLeftoverWords: Check = (tree) => {
  const findings: Finding[] = [];
  const texts = new Map([...tree.texts, ...[...tree.sources.values()].map(({ path, text }) => [path, text] as const)]);
  for (const [file, text] of texts) {
    text.split("\n").forEach((content, index) => {
      for (const { pattern, advice } of leftovers) {
        const found = pattern.exec(content)?.[0];
        if (found !== undefined)
          findings.push({ file, line: index + 1, message: `"${found}" is left here; ${advice}.` });
      }
    });
  }
  return findings;
};
