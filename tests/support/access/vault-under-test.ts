import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openVault, type Vault } from "../../../src/access/vault.ts";
import { FakeRuntime } from "../fake-runtime.ts";
import { temporaryDirectory } from "../ledger/temporary-directory.ts";

let worlds = 0;

/** A world whose time stands still, and whose random bytes never come twice: tokens are made of them. */
export class DrawingRuntime extends FakeRuntime {
  #drawn = 0;
  readonly #world: number;

  constructor(start?: string) {
    super(start);
    worlds += 1;
    this.#world = worlds;
  }

  override random(length: number): Uint8Array {
    this.#drawn += 1;
    const block = (part: number) => createHash("sha256").update(`${this.#world}/${this.#drawn}/${part}`).digest();
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, part) => block(part));
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  }

  override uuid(): string {
    return super.uuid().replace(/^0198c0de-0000/, `0198c0de-${this.#world.toString(16).padStart(4, "0")}`);
  }

  get instant(): string {
    return new Date(this.now()).toISOString();
  }
}

/** A vault in a directory of its own, in a world whose time a test moves. */
export interface VaultUnderTest {
  readonly vault: Vault;
  readonly runtime: DrawingRuntime;
  readonly file: string;
  /** The same file, opened by somebody else at the same time. */
  another(): Vault;
  /** Whether any file of the vault holds these bytes. */
  filesHold(bytes: string): boolean;
  close(): Promise<void>;
}

/** Opens a new vault. */
export function vaultUnderTest(): VaultUnderTest {
  const file = join(temporaryDirectory(), "vault.db");
  const runtime = new DrawingRuntime();
  const vaults = [openVault({ file, runtime })];
  const [vault] = vaults;
  if (vault === undefined) throw new Error("there is no vault");
  return {
    vault,
    runtime,
    file,
    another() {
      const other = openVault({ file, runtime });
      vaults.push(other);
      return other;
    },
    filesHold(bytes) {
      const directory = dirname(file);
      return readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(bytes));
    },
    async close() {
      for (const one of vaults) await one.close();
    },
  };
}
