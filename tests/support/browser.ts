import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", process.env.CHROMIUM ?? ""];

/** Where a Chromium is installed, or undefined. The variable CHROMIUM may name another one. */
export const browserPath: string | undefined = places.reverse().find((path) => path !== "" && existsSync(path));

/** Says what to do where there is none. */
export const noBrowser = "there is no Chromium here: install Debian's package chromium, or name one in CHROMIUM";

/** Starts a browser without a window, that asks nobody for anything by itself. */
export function openBrowser(): Promise<Browser> {
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", ...quiet];
  return chromium.launch({ ...(browserPath === undefined ? {} : { executablePath: browserPath }), args });
}

/** What went on in a page. */
export interface PageLog {
  /** The URLs of all that it asked for, or tried to. */
  readonly requests: string[];
  /** Errors of its scripts and in its console: what a policy forbids, what is not found. */
  readonly errors: string[];
}

/** Opens a page that notes what it asks for and what goes wrong in it. */
export async function openPage(browser: Browser): Promise<{ page: Page; log: PageLog }> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const log: PageLog = { requests: [], errors: [] };
  page.on("request", (request) => log.requests.push(request.url()));
  page.on("pageerror", (error) => log.errors.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) log.errors.push(message.text());
  });
  return { page, log };
}
