import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Runtime } from "../runtime/runtime.ts";

/** The administrator's key, and the file that holds it where it was made here. */
export interface AdminKey {
  readonly key: string;
  /** Null where the configuration gave the key. */
  readonly file: string | null;
  readonly made_now: boolean;
}

const shortest = 16;

/**
 * The configured key; else the one in `admin.key` of the data directory, which is made at the first start, readable by
 * its owner alone. Refuses a file that holds no key.
 */
export function adminKey(configured: string | null, data_dir: string, runtime: Pick<Runtime, "random">): AdminKey {
  if (configured !== null) return { key: configured, file: null, made_now: false };
  const file = join(data_dir, "admin.key");
  if (!existsSync(file)) {
    const key = `il_admin_${Buffer.from(runtime.random(32)).toString("base64url")}`;
    writeFileSync(file, `${key}\n`, { mode: 0o600, flag: "wx", flush: true });
    return { key, file, made_now: true };
  }
  chmodSync(file, 0o600);
  const key = readFileSync(file, "utf8").trim();
  if (key.length < shortest || /\s/.test(key)) {
    throw new Error(`${file} holds no key of at least ${shortest} characters; delete it to have one made.`);
  }
  return { key, file, made_now: false };
}
