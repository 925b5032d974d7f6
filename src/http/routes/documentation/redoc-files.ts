import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of the page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly text: string;
}

/** What a build lays beside this module (scripts/copy-assets.mjs). In a checkout it is taken from where that copies it. */
const beside = fileURLToPath(new URL("./redoc/", import.meta.url));
const script = "redoc.standalone.js";
const licences = ["LICENSE", "THIRD_PARTY_NOTICES"];

/** The mark at the foot of the page, instead of a picture from the maker's own host. */
const mark = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="52" height="14"><text y="11" font-family="sans-serif" font-size="12" fill="#777">Redocly</text></svg>')}`;

/** What Redoc would fetch from elsewhere, and what it gets instead: this page asks no other host for anything. */
const instead: readonly (readonly [string, string])[] = [
  ["https://cdn.redoc.ly/redoc/logo-mini-full.svg", mark],
  ["https://cdn.redoc.ly/redoc/logo-mini.svg", mark],
  ["https://otel.cloud.redocly.com/v1/traces", "data:,"],
];

/** Redoc itself, in one script, with its licences. Throws where the build left it out. */
export function redocScript(): PageFile {
  const text = readFileSync(join(folder(), script), "utf8");
  const offline = instead.reduce((made, [url, other]) => made.replaceAll(url, other), text);
  return {
    type: "text/javascript; charset=utf-8",
    text: `/* Its licences: licences.txt beside this file */\n${offline}`,
  };
}

/** The licences of what is in that script. */
export function redocLicences(): PageFile {
  const place = folder() === beside ? beside : join(folder(), "..", "..");
  const texts = licences.map((name) => readFileSync(join(place, name), "utf8").trimEnd());
  return { type: "text/plain; charset=utf-8", text: `${texts.join("\n\n")}\n` };
}

/** Shows the document in the page's only element, wherever the application is: all is named from where this script is. */
export const redocStart: PageFile = {
  type: "text/javascript; charset=utf-8",
  text: `import { init } from "./${script}";

const options = { disableTelemetry: true, hideSchemaPattern: true, sortRequiredPropsFirst: true };
init(new URL("../openapi.json", import.meta.url).href, options, document.getElementById("redoc"));
`,
};

function folder(): string {
  if (existsSync(join(beside, script))) return beside;
  return join(createRequire(import.meta.url).resolve("@redocly/cli/package.json"), "..", "lib", "chunks");
}
