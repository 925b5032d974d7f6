import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { basename } from "node:path";
import type { Choices } from "../../tests/simulation/choices.ts";

/** Turns one to four bytes of a file into others; says which. */
export function flipBytes(file: string, choices: Choices): string {
  const fd = openSync(file, "r+");
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return `${basename(file)} is empty`;
    const offsets = Array.from({ length: 1 + choices.below(4) }, () => choices.below(size));
    for (const offset of offsets) {
      const byte = Buffer.alloc(1);
      readSync(fd, byte, 0, 1, offset);
      byte.writeUInt8(byte.readUInt8() ^ (1 + choices.below(255)));
      writeSync(fd, byte, 0, 1, offset);
    }
    return `${basename(file)} at ${offsets.join(", ")}`;
  } finally {
    closeSync(fd);
  }
}

/** Overwrites a sector, a page or some of them with nothing, as where a disk has lost them; says which. */
export function loseBlock(file: string, choices: Choices): string {
  const fd = openSync(file, "r+");
  try {
    const { size } = fstatSync(fd);
    const bytes = choices.one([512, 4096, 16_384]);
    if (size < bytes) return `${basename(file)} is shorter than ${bytes} bytes`;
    const offset = bytes * choices.below(Math.floor(size / bytes));
    writeSync(fd, Buffer.alloc(bytes, choices.one([0, 0xff])), 0, bytes, offset);
    return `${basename(file)} without ${bytes} bytes at ${offset}`;
  } finally {
    closeSync(fd);
  }
}
