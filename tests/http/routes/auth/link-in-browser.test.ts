import type { Browser } from "playwright-core";
import * as assert from "uvu/assert";
import { browserPath, noBrowser, openBrowser, openPage } from "../../../support/browser.ts";
import { suite } from "../../../support/suite.ts";
import { type AuthNode, openAuthNode } from "../../support/auth-node.ts";

const it = suite("the page that a mailed link leads to, in a browser");
const inBrowser = (sentence: string, work: () => Promise<void>) =>
  browserPath === undefined ? it.skip(sentence, noBrowser) : it(sentence, work, { timeout_ms: 90_000 });

let test: AuthNode;
let address: string;
let browser: Browser | undefined;

it.before(async () => {
  test = await openAuthNode();
  address = await test.node.app.listen({ host: "127.0.0.1", port: 0 });
  if (browserPath !== undefined) browser = await openBrowser();
});
it.after(async () => {
  await browser?.close();
  await test.close();
});

async function follow(fragment: string) {
  if (browser === undefined) throw new Error(noBrowser);
  const { page, log } = await openPage(browser);
  await page.goto(`${address}/auth/link${fragment}`);
  const choose = async (password: string, again = password) => {
    await page.getByLabel("New password").fill(password);
    await page.getByLabel("Once more").fill(again);
    await page.getByRole("button").click();
  };
  const says = (text: string) => page.getByRole("status").filter({ hasText: text }).waitFor();
  return { page, log, choose, says };
}

inBrowser("takes the token out of the address, and sets the password with it", async () => {
  const user_id = await test.user("ana@example.com", "seven herons on a roof");
  const { token } = await test.vault.links.make(user_id, "recovery");
  const { page, log, choose, says } = await follow(`#${token}`);
  assert.is(page.url(), `${address}/auth/link`);
  await choose("a kettle, a comet, a coat", "another");
  await says("The two passwords differ.");
  await choose("password");
  await says("The password is one of those that are tried first");
  await choose("a kettle, a comet, a coat");
  await says("Your password is set.");
  assert.is((await test.login("ana@example.com", "a kettle, a comet, a coat")).status, 200);
  assert.equal(
    log.requests.filter((url) => !url.startsWith("data:")),
    ["link", "accept", "accept"].map((path) => `${address}/auth/${path}`),
  );
  // A browser notes the refusal of the first password as an error of its own.
  assert.not.match(log.errors.join("\n"), /policy|script|il_link/i);
});

inBrowser("says what to do where the link is not whole, or was used", async () => {
  const nothing = await follow("");
  await nothing.says("This link is not whole.");
  assert.is(await nothing.page.locator("form").isVisible(), false);
  const used = await follow(`#il_link_${"A".repeat(43)}`);
  await used.choose("a kettle, a comet, a coat");
  await used.says("This link was used, is too old, or never was.");
});
