import type { Check } from "./source-tree.ts";

const folders = ["src/", "projections/", "events/", "tests/", "scripts/"];
/** Made by npm, by the compiler, by a running service and by a coverage report; none of it is in the repository. */
const made = ["node_modules/", "dist/", "data/", "coverage/"];
const files = [
  "package.json",
  "package-lock.json",
  "README.md",
  "LICENSE",
  "biome.json",
  "knip.json",
  "Dockerfile",
  "compose.yaml",
];
const toolConfig = /^(tsconfig(\.[a-z-]+)?\.json|[a-z-]+\.config\.(js|ts|mjs|json)|\..+)$/;

/** Objects to anything at the top of the checkout but the five folders, the package's own files and tool settings. */
export const checkTopLevel: Check = (tree) =>
  tree.topLevel
    .filter((name) => ![...folders, ...made, ...files].includes(name) && !toolConfig.test(name))
    .map((file) => ({
      file,
      line: 1,
      message: `does not belong at the top; move it into one of ${folders.join(", ")}.`,
    }));
