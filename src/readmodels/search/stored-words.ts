import { crc32 } from "node:zlib";
import type { Comment } from "../../../projections/incident-comments.ts";
import { decodeRow, type ListRow } from "../list-row.ts";
import type { NewBlock } from "./new-block.ts";
import { endOf, type Spots, searchedFields, spotsOf, textFields } from "./searched-words.ts";
import type { Spot } from "./spots.ts";

/** A comment as it is stored. */
export interface CommentRow extends Comment {
  readonly number: number;
  /** How many words stand before the next comment. */
  readonly end: number;
  readonly checksum: number;
}

/** The row of a comment that has `start` words of others before it. */
export function commentRow(number: number, { position, text }: Comment, start: number): CommentRow {
  const end = endOf(text, start);
  return { position, number, end, text, checksum: commentChecksum({ position, number, end, text }) };
}

/** The rows of all comments of an incident, oldest first. */
export function commentRows(number: number, comments: readonly Comment[]): CommentRow[] {
  let start = 0;
  return comments.map((comment) => {
    const row = commentRow(number, comment, start);
    start = row.end;
    return row;
  });
}

/** CRC-32 over what a comment's row says. */
export function commentChecksum({ position, number, end, text }: Omit<CommentRow, "checksum">): number {
  return crc32(`${position} ${number} ${end} ${text}`);
}

/** Gathers the words of some incidents, in the order of their numbers, into a block. What is damaged has none. */
export function gatherWords(block: NewBlock, rows: readonly ListRow[], comments: readonly CommentRow[]): void {
  const byNumber = new Map<number, CommentRow[]>();
  for (const comment of comments) {
    const others = byNumber.get(comment.number);
    if (others === undefined) byNumber.set(comment.number, [comment]);
    else others.push(comment);
  }
  for (const row of rows) {
    const listed = decodeRow(row);
    if (listed === null) continue;
    for (const { field, text } of textFields(listed.texts)) block.add(row.number, field, spotsOf(text));
    block.add(row.number, searchedFields.comments, spotsOfComments(byNumber.get(row.number) ?? []));
  }
}

function spotsOfComments(comments: readonly CommentRow[]): Spots {
  const all = new Map<string, Spot[]>();
  let start = 0;
  for (const comment of comments) {
    const isWhole = comment.checksum === commentChecksum(comment);
    for (const [word, spots] of isWhole ? spotsOf(comment.text, start) : []) {
      const known = all.get(word);
      if (known === undefined) all.set(word, [...spots]);
      else known.push(...spots);
    }
    start = comment.end;
  }
  return all;
}
