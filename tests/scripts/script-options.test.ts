import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";

const it = suite("what a script is called with");

async function called(...words: readonly string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/soak.ts", ...words]);
  const code = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, error };
}

it("is explained where it is wrong, or where somebody asks", async () => {
  const [asked, unknown, no_number] = await Promise.all([
    called("--help"),
    called("--minuts", "3"),
    called("--minutes", "0"),
  ]);
  assert.is(asked.code, 0);
  assert.match(asked.out, "\n    npm run soak -- --minutes 60 --rate 100 ");
  assert.is(unknown.code, 2);
  assert.match(unknown.error, "Unknown option '--minuts'");
  assert.match(unknown.error, "\n    npm run soak -- --minutes 60 --rate 100 ");
  assert.is(no_number.code, 2);
  assert.is(no_number.error, '--minutes must be a whole number from 1, but is "0".\n');
});
