import type Database from "better-sqlite3";
import type { ListRow } from "../readmodels/list-row.ts";
import { block_numbers } from "../readmodels/search/bit-set.ts";
import { NewBlock } from "../readmodels/search/new-block.ts";
import type { PostingsRow } from "../readmodels/search/postings.ts";
import { selectComments, selectListRows } from "../readmodels/search/search-schema.ts";
import { type CommentRow, gatherWords } from "../readmodels/search/stored-words.ts";

/**
 * Compares the words by which the list is searched with those of its own rows and comments, some thousand incidents at a
 * time, each time as of one moment. What is wrong, sentences without a full stop; at most `most` of them.
 */
export function searchFaults(database: Database.Database, most: number): string[] {
  const last = database.prepare<[], number>(
    `SELECT max((SELECT ifnull(max(number), 0) FROM incidents) / ${block_numbers}, ifnull(max(block), 0)) FROM words`,
  );
  const compare = blockComparison(database);
  const last_block = last.pluck().get() ?? 0;
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

function blockComparison(database: Database.Database): (block: number) => string | null {
  const rows = database.prepare<[number, number], ListRow>(selectListRows);
  const comments = database.prepare<[number, number], CommentRow>(selectComments);
  const words = database.prepare<[number], PostingsRow>("SELECT * FROM words WHERE block = ?");
  return database.transaction((block: number) => {
    const first = block * block_numbers;
    const last = first + block_numbers - 1;
    const expected = new NewBlock(block);
    gatherWords(expected, rows.all(first, last), comments.all(first, last));
    const stored = new Map(words.all(block).map((row) => [`${row.word} ${row.field}`, row]));
    for (const { word, field, places, spots } of expected.rows()) {
      const found = stored.get(`${word} ${field}`);
      if (found === undefined || !places.equals(found.places) || !spots.equals(found.spots))
        return faultOf(first, last);
      stored.delete(`${word} ${field}`);
    }
    return stored.size === 0 ? null : faultOf(first, last);
  });
}

function faultOf(first: number, last: number): string {
  return `read.db, incidents ${Math.max(first, 1)} to ${last}: their words are not those that are searched`;
}
