import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type Database from "better-sqlite3";

/** B-tree pages by their first byte, with the length of their header; all other pages begin with 0. */
const header_bytes: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };
/** From so many pages on the first byte of a page that is no b-tree's may be one of these as well. */
const most_pages = 2 ** 25;
const chunk_pages = 256;
const first_page_header = 100;

/**
 * Overwrites what SQLite left in the unused middle of its b-tree pages. `secure_delete` overwrites what is deleted, but when
 * rows are spread anew over neighbouring pages, copies of them stay behind in the gap between a page's cell pointers and
 * its cells, and no later deletion reaches them (https://www.sqlite.org/fileformat2.html, §1.6). A VACUUM would rewrite the
 * whole file instead, which takes many times longer and needs as much room again.
 */
export class PageScrubber {
  readonly #file: string;
  /** Kept open: closing it would end the locks that SQLite holds on the same file in this process. */
  #descriptor: number | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** Scrubs the file. Its WAL must have been moved into it, and nobody else may write to it but through SQLite. */
  scrub(connection: Database.Database): void {
    const page_bytes = Number(connection.pragma("page_size", { simple: true }));
    this.#descriptor ??= openSync(this.#file, "r+");
    const pages = Math.floor(fstatSync(this.#descriptor).size / page_bytes);
    if (pages >= most_pages) {
      connection.exec("VACUUM");
      return;
    }
    // As long as this lasts, no page is written into the file by anybody else.
    connection.exec("BEGIN IMMEDIATE");
    try {
      for (let first = 0; first < pages; first += chunk_pages) this.#scrubChunk(this.#descriptor, first, page_bytes);
    } finally {
      connection.exec("ROLLBACK");
    }
    // The pages in memory still have what was in their gaps, and would bring it back when they are written next.
    connection.pragma("shrink_memory");
  }

  /** To be called after the last connection of this process to the file was closed. */
  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #scrubChunk(descriptor: number, first: number, page_bytes: number): void {
    const chunk = Buffer.alloc(chunk_pages * page_bytes);
    const read = readSync(descriptor, chunk, 0, chunk.length, first * page_bytes);
    for (let start = 0; start + page_bytes <= read; start += page_bytes) {
      const header = first + start === 0 ? first_page_header : 0;
      const gap = gapOf(chunk.subarray(start, start + page_bytes), header);
      if (gap === null || chunk.subarray(start + gap.from, start + gap.to).every((byte) => byte === 0)) continue;
      writeSync(
        descriptor,
        Buffer.alloc(gap.to - gap.from),
        0,
        gap.to - gap.from,
        first * page_bytes + start + gap.from,
      );
    }
  }
}

/** The bytes between the cell pointers and the cells of a page; null: it is no b-tree page. */
function gapOf(page: Buffer, header: number): { readonly from: number; readonly to: number } | null {
  const length = header_bytes[page[header] ?? 0];
  if (length === undefined) return null;
  const cells = page.readUInt16BE(header + 3);
  // 0 stands for 65,536, the end of the largest pages.
  const content = page.readUInt16BE(header + 5) || 65_536;
  const from = header + length + 2 * cells;
  return from < content && content <= page.length ? { from, to: content } : null;
}
