import type Database from "better-sqlite3";
import type { ListRow } from "../readmodels/list-row.ts";
import { block_numbers } from "../readmodels/search/bit-set.ts";
import { NewBlock, type NewRow } from "../readmodels/search/new-block.ts";
import { noMarks, partedRow, setMarks } from "../readmodels/search/parted-row.ts";
import { type PartRow, type PostingsRow, partId, partIdsOf } from "../readmodels/search/postings.ts";
import { selectComments, selectListRows } from "../readmodels/search/search-schema.ts";
import { type CommentRow, gatherWords } from "../readmodels/search/stored-words.ts";

/**
 * Compares the words by which the list is searched with those of its own rows and comments, some thousand incidents at a
 * time, each time as of one moment. What is wrong, sentences without a full stop; at most `most` of them.
 */
export function searchFaults(database: Database.Database, most: number): string[] {
  const compare = blockComparison(database);
  const last_block = lastBlock(database);
  const faults: string[] = [];
  for (let block = 0; block <= last_block && faults.length < most; block += 1) {
    const fault = compare(block);
    if (fault !== null) faults.push(fault);
  }
  const stray = "SELECT number FROM comments EXCEPT SELECT number FROM incidents LIMIT 1";
  const number = database.prepare<[], number>(stray).pluck().get();
  if (number !== undefined) faults.push(`read.db, incident ${number}: it has comments, and should not be there`);
  return faults;
}

function lastBlock(database: Database.Database): number {
  const [block_ids = 1] = partIdsOf(1);
  const lasts = [
    `SELECT max(number) / ${block_numbers} FROM incidents`,
    "SELECT max(block) FROM words",
    `SELECT max(id) / ${block_ids} FROM word_parts`,
  ];
  return Math.max(...lasts.map((sql) => database.prepare<[], number | null>(sql).pluck().get() ?? 0));
}

function blockComparison(database: Database.Database): (block: number) => string | null {
  const rows = database.prepare<[number, number], ListRow>(selectListRows);
  const comments = database.prepare<[number, number], CommentRow>(selectComments);
  const words = database.prepare<[number], PostingsRow>("SELECT * FROM words WHERE block = ?");
  const parts = database.prepare<[number, number], PartRow>("SELECT * FROM word_parts WHERE id >= ? AND id < ?");
  return database.transaction((block: number) => {
    const first = block * block_numbers;
    const last = first + block_numbers - 1;
    const expected = new NewBlock(block);
    gatherWords(expected, rows.all(first, last), comments.all(first, last));
    const stored = new Map(words.all(block).map((row) => [`${row.word} ${row.field}`, row]));
    const byId = new Map(parts.all(...partIdsOf(block)).map((part) => [part.id, part.spots]));
    const isRight = expected.rows().every((row) => {
      const found = stored.get(`${row.word} ${row.field}`);
      stored.delete(`${row.word} ${row.field}`);
      return found !== undefined && isSame(row, found, byId);
    });
    return isRight && stored.size === 0 && byId.size === 0 ? null : faultOf(first, last);
  });
}

/** Whether a row and its parts say what they should; the parts are taken out of all parts of the block. */
function isSame(row: NewRow, found: PostingsRow, all_parts: Map<number, Buffer>): boolean {
  if (!row.places.equals(found.places)) return false;
  if (row.parts.length === 0) return row.spots.equals(found.spots);
  const parted = partedRow(found);
  const marks = noMarks();
  for (const part of row.parts) setMarks(marks, part.part, part);
  // The numbers of rows with parts tell only in which order they came to be many.
  return (
    parted?.marks.equals(marks) === true &&
    row.parts.every(({ part, spots }) => {
      const id = partId(found.block, parted.number, part);
      const stored = all_parts.get(id);
      all_parts.delete(id);
      return stored?.equals(spots) === true;
    })
  );
}

function faultOf(first: number, last: number): string {
  return `read.db, incidents ${Math.max(first, 1)} to ${last}: their words are not those that are searched`;
}
