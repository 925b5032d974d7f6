import type { Browser } from "playwright-core";
import * as assert from "uvu/assert";
import { browserPath, noBrowser, openBrowser, openPage, type PageLog } from "../support/browser.ts";
import { suite } from "../support/suite.ts";
import { callerOf } from "./support/client.ts";
import { adminKey, openNode, type TestNode } from "./support/node.ts";
import { type Operation, readOpenApi } from "./support/openapi.ts";

const it = suite("the pages of the documentation, in a browser");
/** A whole test's time: a machine that is busy draws the large pages slowly, and a single thing on them may take most of it. */
const drawing_ms = 90_000;
const inBrowser = (sentence: string, test: () => Promise<void>) =>
  browserPath === undefined ? it.skip(sentence, noBrowser) : it(sentence, test, { timeout_ms: drawing_ms });

let node: TestNode;
let address: string;
let browser: Browser | undefined;
let operations: readonly Operation[];

it.before(async () => {
  node = await openNode();
  ({ operations } = await readOpenApi(callerOf(node.app)));
  address = await node.app.listen({ host: "127.0.0.1", port: 0 });
  if (browserPath !== undefined) browser = await openBrowser();
});
it.after(async () => {
  await browser?.close();
  await node.close();
});

async function open(path: string) {
  if (browser === undefined) throw new Error(noBrowser);
  const { page, log } = await openPage(browser);
  page.setDefaultTimeout(drawing_ms);
  await page.goto(`${address}${path}`);
  return { page, log };
}

/** Everything came from the service itself, and nothing went wrong. */
function assertAtHome({ requests, errors }: PageLog): void {
  const elsewhere = requests.filter((url) => !url.startsWith(`${address}/`) && !/^(?:data|blob):/.test(url));
  assert.equal([elsewhere, errors], [[], []]);
}

inBrowser("list every operation in Swagger UI, and ask no other host for anything", async () => {
  const { page, log } = await open("/docs");
  await page
    .locator(".opblock")
    .nth(operations.length - 1)
    .waitFor();
  const shown = await page.locator(".opblock-summary").allInnerTexts();
  for (const { method, path } of operations) {
    const isShown = shown.some((text) =>
      text.replaceAll("\u200b", "").split(/\s+/).join(" ").startsWith(`${method} ${path} `),
    );
    assert.ok(isShown, `${method} ${path}`);
  }
  assertAtHome(log);
  await page.close();
});

inBrowser("let a reader try an operation with a key in Swagger UI", async () => {
  const { page, log } = await open("/docs#/queue/getQueue");
  await page.locator(".auth-wrapper .authorize").click();
  await page.locator(".auth-container input").fill(adminKey);
  await page.locator(".auth-btn-wrapper .authorize").click();
  await page.locator(".auth-btn-wrapper .btn-done").click();
  const operation = page.locator("#operations-queue-getQueue");
  await operation.locator(".try-out__btn").click();
  await operation.locator(".execute").click();
  await operation.locator(".live-responses-table .response-col_status").first().waitFor();
  const answered = await operation.locator(".live-responses-table tbody .response-col_status").first().innerText();
  assert.match(answered, /^200/);
  assert.match(await operation.locator(".live-responses-table").innerText(), '"incidents": []');
  assertAtHome(log);
  await page.close();
});

inBrowser("list every operation in Redoc, and ask no other host for anything", async () => {
  const { page, log } = await open("/redoc");
  // What is below the window is drawn when somebody goes there.
  await page.getByText("incidents", { exact: true }).first().click();
  await page.getByText("Reporting incidents, finding them").first().waitFor();
  for (const tag of new Set(operations.flatMap(({ json }) => json.tags as string[]))) {
    await page.getByText(tag, { exact: true }).first().click();
    for (const { json } of operations.filter((one) => (one.json.tags as string[]).includes(tag))) {
      await page.getByText(String(json.summary), { exact: true }).first().waitFor();
    }
  }
  assertAtHome(log);
  await page.close();
});
