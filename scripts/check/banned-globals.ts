import ts from "typescript";
import { isGlobalValue } from "./global-names.ts";
import { type Check, type Finding, lineOf, walk } from "./source-tree.ts";

/** Here clock, randomness and timers may be touched: in the one place of the product that is for it, and beside it. */
const free = /^(src\/runtime|scripts|tests)\//;

/**
 * Here everything is pure and synchronous: the same on every machine, in every year and time zone. That these import
 * no node:* module either is in the table of import-direction.ts.
 */
const pure = /^(events|projections|src\/rules)\//;

const timers = ["setTimeout", "setInterval"];
const randomNames = ["randomUUID", "randomBytes", "randomFill", "randomFillSync", "randomInt", "getRandomValues"];
const impureMembers =
  /^(toLocale.*|localeCompare|getTimezoneOffset|(get|set)(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds))$/;
const impureGlobals = ["process", "console", "fetch", "Intl", "Buffer", "crypto", "setImmediate", "queueMicrotask"];

/** What must not be imported, by module. Importing one of these modules whole would hide what is used of it. */
const bannedImports: Readonly<Record<string, readonly string[]>> = {
  crypto: [...randomNames, "webcrypto"],
  timers: [...timers, "promises"],
  "timers/promises": [...timers, "scheduler"],
  perf_hooks: ["performance"],
  uuid: ["v1", "v4", "v6", "v7"],
};

const useRuntime = "take it from the Runtime that is passed in (src/runtime/runtime.ts)";
const stayPure = "events, projections and rules are pure: take it as an argument, or move the code to an edge";

/** Objects to clocks, randomness and timers outside src/runtime/, and to anything impure in events, projections, rules. */
export const checkBannedGlobals: Check = (tree) => {
  const findings: Finding[] = [];
  for (const file of tree.sources.values()) {
    if (free.test(file.path)) continue;
    walk(file.syntax, (node) => {
      const timeOrChance = nameOfTimeOrChance(node);
      const impure = pure.test(file.path) ? nameOfImpure(node) : undefined;
      const message =
        timeOrChance !== undefined
          ? `${timeOrChance} is banned here; ${useRuntime}.`
          : impure && `${impure} is banned here; ${stayPure}.`;
      if (message) findings.push({ file: file.path, line: lineOf(file, node), message });
    });
  }
  return findings;
};

function nameOfTimeOrChance(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return bannedImport(node);
  if (ts.isPropertyAccessExpression(node) && node.getText() === "AbortSignal.timeout") return "AbortSignal.timeout";
  if (ts.isPropertyAccessExpression(node) && /^(process|globalThis\.process)\.hrtime$/.test(node.getText()))
    return node.getText();
  if (!ts.isIdentifier(node) || !isGlobalValue(node)) return undefined;
  const name = node.text;
  const parent = node.parent;
  const member = ts.isPropertyAccessExpression(parent) ? parent.name.text : undefined;
  if (name === "Date") return isHarmlessDate(parent, member) ? undefined : clockOf(parent, member);
  if (name === "Math") return member !== undefined && member !== "random" ? undefined : "Math.random";
  if (name === "crypto")
    return member !== undefined && !randomNames.includes(member) ? undefined : `crypto.${member ?? "*"}`;
  if (name === "globalThis") return "globalThis (it hides which global is used)";
  if (name === "performance" || timers.includes(name)) return name;
  return undefined;
}

function isHarmlessDate(parent: ts.Node, member: string | undefined): boolean {
  if (ts.isNewExpression(parent)) return (parent.arguments?.length ?? 0) > 0;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  return member === "parse" || member === "UTC";
}

function clockOf(parent: ts.Node, member: string | undefined): string {
  if (ts.isNewExpression(parent)) return "new Date() without an argument";
  return member === undefined ? "Date used as a value" : `Date.${member}`;
}

function bannedImport(node: ts.ImportDeclaration | ts.ExportDeclaration): string | undefined {
  if (node.moduleSpecifier === undefined || !ts.isStringLiteral(node.moduleSpecifier)) return undefined;
  const module = node.moduleSpecifier.text;
  const banned = bannedImports[module.replace(/^node:/, "")];
  if (banned === undefined) return undefined;
  const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (bindings === undefined || !("elements" in bindings)) return `${module} as a whole`;
  const names = bindings.elements.map((element) => (element.propertyName ?? element.name).text);
  const found = names.filter((name) => banned.includes(name));
  return found.length > 0 ? `${found.join(", ")} of ${module}` : undefined;
}

function nameOfImpure(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && impureMembers.test(node.name.text)) return node.name.text;
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) return "async code";
  if (ts.isIdentifier(node) && impureGlobals.includes(node.text) && isGlobalValue(node)) return node.text;
  return undefined;
}
