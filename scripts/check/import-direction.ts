import { importsOf } from "./imports.ts";
import type { Check, Finding } from "./source-tree.ts";

interface Area {
  /** Where its files begin; the first area of the table that fits is the one that counts. */
  path: string;
  /** Beginnings of the paths it may import, besides its own. */
  may: readonly string[];
  /** The packages it may import, where that is limited. */
  packages?: readonly string[];
}

/** Imports point one way: events ← projections ← rules ← desk ← everything that talks to the outside. */
const areas: readonly Area[] = [
  { path: "events/", may: [], packages: ["@sinclair/typebox"] },
  { path: "projections/", may: ["events/"], packages: [] },
  { path: "src/runtime/", may: [] },
  { path: "src/ledger/", may: ["events/", "src/runtime/"] },
  { path: "src/rules/", may: ["events/", "projections/"], packages: [] },
  { path: "src/readmodels/", may: ["events/", "projections/", "src/rules/", "src/ledger/", "src/runtime/"] },
  { path: "src/desk/", may: ["events/", "projections/", "src/rules/", "src/ledger/", "src/runtime/"] },
  { path: "src/", may: ["events/", "projections/"] },
  { path: "tests/", may: ["events/", "projections/", "src/", "scripts/"] },
  { path: "scripts/", may: ["events/", "projections/", "src/", "tests/"] },
];

/** Objects to an import that points against the direction of the table above. */
export const checkImportDirection: Check = (tree) => {
  const findings: Finding[] = [];
  for (const file of tree.sources.values()) {
    const area = areas.find(({ path }) => file.path.startsWith(path));
    if (area === undefined) continue;
    for (const { line, specifier, target } of importsOf(file, tree)) {
      const wrong = target === undefined ? isForbiddenPackage(area, specifier) : isForbiddenFile(area, target);
      if (!wrong) continue;
      const allowed = [area.path, ...area.may, ...(area.packages ?? ["packages"])].join(", ");
      const message = `${area.path} must not import ${target ?? specifier}; it may import only ${allowed}. Move the code or turn the dependency round.`;
      findings.push({ file: file.path, line, message });
    }
  }
  return findings;
};

function isForbiddenFile(area: Area, target: string): boolean {
  return ![area.path, ...area.may].some((beginning) => target.startsWith(beginning));
}

function isForbiddenPackage(area: Area, specifier: string): boolean {
  if (specifier.startsWith(".") || area.packages === undefined) return false;
  return !area.packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}
