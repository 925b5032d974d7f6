import { checkBannedGlobals } from "./banned-globals.ts";
import { checkDeadFiles } from "./dead-files.ts";
import { checkDocComments } from "./doc-comments.ts";
import { checkExports } from "./exports.ts";
import { checkFileNames } from "./file-names.ts";
import { checkImportCycles } from "./import-cycles.ts";
import { checkImportDirection } from "./import-direction.ts";
import { checkLeftoverWords } from "./leftover-words.ts";
import type { Check } from "./source-tree.ts";
import { checkTopLevel } from "./top-level.ts";

/** All checks of the house rules, in the order in which they report. */
export const allChecks: readonly Check[] = [
  checkTopLevel,
  checkFileNames,
  checkImportDirection,
  checkImportCycles,
  checkDeadFiles,
  checkExports,
  checkBannedGlobals,
  checkDocComments,
  checkLeftoverWords,
];
