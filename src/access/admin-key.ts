import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
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
 * its owner alone. An empty file counts as none. Refuses a file that holds something else than a key.
 */
export function adminKey(configured: string | null, data_dir: string, runtime: Pick<Runtime, "random">): AdminKey {
  if (configured !== null) return { key: configured, file: null, made_now: false };
  const file = join(data_dir, "admin.key");
  const found = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (found === "") {
    const key = `il_admin_${Buffer.from(runtime.random(32)).toString("base64url")}`;
    writeWhole(file, `${key}\n`);
    return { key, file, made_now: true };
  }
  chmodSync(file, 0o600);
  if (found.length < shortest || /\s/.test(found)) {
    throw new Error(`${file} holds no key of at least ${shortest} characters; delete it to have one made.`);
  }
  return { key: found, file, made_now: false };
}

/** The file appears whole or not at all, wherever a crash comes. */
function writeWhole(file: string, content: string): void {
  const written = `${file}.tmp`;
  // What a crash left there may be readable by others, and would stay so.
  rmSync(written, { force: true });
  writeFileSync(written, content, { mode: 0o600, flag: "wx", flush: true });
  renameSync(written, file);
  try {
    syncDirectory(dirname(file));
  } catch {
    // Not every file system can sync a directory; the key is written all the same.
  }
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
