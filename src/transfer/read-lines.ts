import { isUtf8 } from "node:buffer";
import { limits } from "../config.ts";
import type { Line } from "./line-shapes.ts";
import { WrongContent } from "./wrong-content.ts";

const lineFeed = 0x0a;

/**
 * The lines of a file that comes in pieces, in bundles, each line with its number. Throws `WrongContent` where a line is
 * no UTF-8, is longer than any that we write, or where the file ends in the middle of one.
 */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let begun: Uint8Array[] = [];
  let begun_bytes = 0;
  for await (const piece of source) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      number += 1;
      begun.push(piece.subarray(start, end));
      lines.push(decoded(number, begun));
      begun = [];
      begun_bytes = 0;
      start = end + 1;
    }
    if (start < piece.length) begun.push(piece.subarray(start));
    begun_bytes += piece.length - start;
    if (begun_bytes > limits.export_line_bytes) throw tooLong(number + 1);
    if (lines.length > 0) yield lines;
  }
  if (begun_bytes > 0) throw WrongContent.at(number + 1, "the file was cut off in the middle of this line");
}

function decoded(number: number, pieces: readonly Uint8Array[]): Line {
  const bytes = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  if (bytes.length > limits.export_line_bytes) throw tooLong(number);
  if (isUtf8(bytes))
    return { number, json: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8") };
  throw WrongContent.at(number, number === 1 ? "it is not UTF-8; unpack a compressed file first" : "it is not UTF-8");
}

function tooLong(number: number): WrongContent {
  return WrongContent.at(number, `it is longer than ${limits.export_line_bytes} bytes, which no line of ours is`);
}
