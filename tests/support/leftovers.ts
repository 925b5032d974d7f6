import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A text that must be forgotten one day: every part of it holds the mark. Letters and digits alone survive any index. */
export function secretText(mark: string, characters: number): string {
  const words: string[] = [];
  // Letters of two, three and four bytes, what JSON escapes, and a number so that no two parts are alike.
  for (let length = 0; length < characters; length += words.at(-1)?.length ?? 1) {
    words.push(`${mark} Ж${words.length}漢😀"\\\n\t/`);
  }
  return words
    .join("")
    .slice(0, characters)
    .replace(/\p{Surrogate}/gu, "")
    .trim();
}

/** The files under a directory that hold any of the marks, in one of the encodings that something may have chosen. */
export function filesHolding(directory: string, marks: readonly string[]): string[] {
  const needles = marks.flatMap((mark) => [Buffer.from(mark), Buffer.from(mark, "utf16le"), Buffer.from(hexOf(mark))]);
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = bytesOf(file);
      return needles.some((needle) => bytes.includes(needle));
    })
    .map((file) => relative(directory, file));
}

function hexOf(mark: string): string {
  return Buffer.from(mark).toString("hex");
}

/** What is gone between the listing and the reading holds nothing. */
function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
