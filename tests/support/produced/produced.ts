import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type FoundSecret, type SecretKind, secretsIn } from "./secrets.ts";

// Everything that the tests have the service say or write passes here: answers, log lines, events, what the command line prints,
// mails, and the files of every temporary directory. No secret may be in it but where it is created. The runner asks for the
// faults after each file of tests.

/** Shorter ones are words that may stand anywhere, such as "password" or "12345678". */
const shortest_password = 12;
let faults: string[] = [];
const directories = new Set<string>();
const passwords = new Set<string>();
const credentials = new Set<string>();

/** Notes a password that was sent: from now on nothing may have it. Tells whether it is a new one. */
export function keepPassword(password: unknown): boolean {
  if (typeof password !== "string" || password.length < shortest_password || passwords.has(password)) return false;
  passwords.add(password);
  return true;
}

/** Notes a credential that tests show whatever they are about: nothing may ever have it. */
export function keepCredential(credential: string): void {
  credentials.add(credential);
}

/** Takes a password back that was refused, because it is a name or a word that may stand anywhere. */
export function forgetPassword(password: unknown): void {
  passwords.delete(String(password));
}

/** Notes what was said, where, and which secrets are created by it. */
export function produced(text: string | Buffer, where: string, creates: readonly SecretKind[] = []): void {
  for (const { kind, begins } of found(text)) {
    if (!creates.includes(kind)) faults.push(`${where} has a secret, ${kind} ${begins}...`);
  }
}

/** Notes a directory, whose files are looked at when the file of tests is done. */
export function producesIn(directory: string): void {
  directories.add(directory);
}

/** What is wrong with all that was produced since it was last asked: the first few faults. */
export function leaks(told = 5): readonly string[] {
  for (const directory of directories) {
    for (const file of filesUnder(directory)) {
      const name = relative(directory, file);
      produced(readIfThere(file), `the file ${name}`, heldBy(name));
    }
  }
  const all = faults;
  faults = [];
  directories.clear();
  passwords.clear();
  return all.slice(0, told);
}

/** What a file is for: the vault holds hashes of passwords, and one file is the administrator's key. */
function heldBy(name: string): readonly SecretKind[] {
  if (/(^|\/)vault\.db(-wal|-shm|-journal)?$/.test(name)) return ["password hash"];
  return /(^|\/)admin\.key$/.test(name) ? ["admin key", "credential"] : [];
}

function found(text: string | Buffer): readonly FoundSecret[] {
  const sent = [...passwords].filter((password) => text.includes(password) || text.includes(inJson(password)));
  const shown = [...credentials].filter((credential) => text.includes(credential));
  return [
    ...secretsIn(text),
    ...sent.map((begins) => ({ kind: "password", begins }) as const),
    ...shown.map((begins) => ({ kind: "credential", begins }) as const),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function filesUnder(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

/** What a test has taken away holds nothing any more. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
