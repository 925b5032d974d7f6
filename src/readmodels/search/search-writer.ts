import type Database from "better-sqlite3";
import type { Comment } from "../../../projections/incident-comments.ts";
import { isListed, type ListedIncident } from "../../../projections/incident-list.ts";
import type { ListRow } from "../list-row.ts";
import { addTo, type BitSet, block_numbers, blockOf, emptySet, inBoth, placeOf, placesIn } from "./bit-set.ts";
import type { PostingsChange } from "./changed-spots.ts";
import { IndexChanges } from "./index-changes.ts";
import { NewBlock } from "./new-block.ts";
import { type PlacesRow, placesSet } from "./places.ts";
import { partIdsOf } from "./postings.ts";
import { selectComments, selectListRows } from "./search-schema.ts";
import { searchedFields, spotsOf, textFields } from "./searched-words.ts";
import { type CommentRow, commentRow, gatherWords } from "./stored-words.ts";
import { WordWriter } from "./word-writer.ts";

/** What one incident was and is, as far as search is concerned. */
export interface SearchedChange {
  readonly number: number;
  readonly before: ListedIncident | null | undefined;
  readonly after: ListedIncident | null;
  /** All its comments where it was folded `anew`, else those that came with this change. */
  readonly comments: readonly Comment[];
  readonly anew: boolean;
}

/** What changes in a block. */
interface BlockChange {
  readonly changes: IndexChanges;
  /** The incidents that are taken out of it, before anything else. */
  readonly cleared: BitSet;
  clears: boolean;
  /** Whether something in it may be damaged: an incident is folded anew because somebody came upon that. */
  is_doubted: boolean;
}

const window_numbers = 512;

/** The writing side of what the list is searched by. Whatever it does is part of the caller's transaction. */
export class SearchWriter {
  readonly #lastEnd: Database.Statement<[number], number>;
  readonly #putComment: Database.Statement<[CommentRow]>;
  readonly #deleteComments: Database.Statement<[number]>;
  readonly #comments: Database.Statement<[number, number], CommentRow>;
  readonly #rows: Database.Statement<[number, number], ListRow>;
  readonly #words: WordWriter;
  readonly #block: Database.Statement<[number], PlacesRow>;
  readonly #deleteBlock: Database.Statement<[number]>;
  readonly #deleteParts: Database.Statement<[number, number]>;
  readonly #deleteAll: readonly Database.Statement<[]>[];
  readonly #lastNumber: Database.Statement<[], number | null>;

  constructor(connection: Database.Database) {
    this.#lastEnd = connection
      .prepare<[number], number>("SELECT end FROM comments WHERE number = ? ORDER BY position DESC LIMIT 1")
      .pluck();
    this.#putComment = connection.prepare(
      "INSERT OR REPLACE INTO comments VALUES (:position, :number, :end, :text, :checksum)",
    );
    this.#deleteComments = connection.prepare("DELETE FROM comments WHERE number = ?");
    this.#comments = connection.prepare(selectComments);
    this.#rows = connection.prepare(selectListRows);
    this.#words = new WordWriter(connection);
    this.#block = connection.prepare("SELECT block, word, field, places FROM words WHERE block = ?");
    this.#deleteBlock = connection.prepare("DELETE FROM words WHERE block = ?");
    this.#deleteParts = connection.prepare("DELETE FROM word_parts WHERE id >= ? AND id < ?");
    this.#deleteAll = ["words", "word_parts"].map((table) => connection.prepare(`DELETE FROM ${table}`));
    this.#lastNumber = connection.prepare<[], number | null>("SELECT max(number) FROM incidents").pluck();
  }

  /** Writes what became of incidents whose rows are written already. While a build is going on, nothing is indexed. */
  write(changes: Iterable<SearchedChange>, is_indexed: boolean): void {
    const blocks = new Map<number, BlockChange>();
    for (const change of changes) {
      const { number, before, anew } = change;
      const block = blocks.get(blockOf(number)) ?? unchanged();
      blocks.set(blockOf(number), block);
      const after = isListed(change.after) ? change.after : null;
      if (anew || (after === null && before !== null)) {
        this.#deleteComments.run(number);
        addTo(block.cleared, placeOf(number));
        block.clears = true;
      }
      if (before === undefined) block.is_doubted = true;
      if (after !== null) this.#writeOne(change, after, is_indexed ? block.changes : null);
    }
    if (!is_indexed) return;
    for (const [block, { changes: all, cleared, clears, is_doubted }] of blocks) {
      const isWhole =
        (!is_doubted || this.#isWhole(block)) && (!clears || this.#clear(block, cleared)) && this.#apply(block, all);
      if (!isWhole) this.#refill(block);
    }
  }

  /** Indexes everything that is in the list, when a build is complete. */
  fill(): void {
    for (const statement of this.#deleteAll) statement.run();
    const last = blockOf(this.#lastNumber.get() ?? 0);
    for (let block = 0; block <= last; block += 1) this.#refill(block);
  }

  #writeOne(
    { number, before, anew, comments }: SearchedChange,
    after: ListedIncident,
    changes: IndexChanges | null,
  ): void {
    const known = anew ? null : (before ?? null);
    let start = known === null ? 0 : (this.#lastEnd.get(number) ?? 0);
    for (const comment of comments) {
      const row = commentRow(number, comment, start);
      this.#putComment.run(row);
      changes?.append(number, searchedFields.comments, spotsOf(comment.text, start));
      start = row.end;
    }
    if (changes === null) return;
    const old = known === null ? [] : textFields(known.texts);
    for (const { field, text } of textFields(after.texts)) {
      const old_text = old.find((each) => each.field === field)?.text ?? null;
      if (text !== old_text) changes.replace(number, field, spotsOf(old_text), spotsOf(text));
    }
  }

  /** Whether all rows of a block are as they were written. */
  #isWhole(block: number): boolean {
    return this.#block.all(block).every((row) => this.#words.isWhole(row));
  }

  /**
   * Takes incidents out of a block, wherever in it they are: what an erased text left in the index is gone even where
   * nobody knows any more what it was. False: a row of the block is damaged.
   */
  #clear(block: number, cleared: BitSet): boolean {
    for (const row of this.#block.all(block)) {
      const places = placesSet(row);
      if (places === null) return false;
      const removals = new Map(placesIn(inBoth(places, cleared)).map((place) => [place, removal]));
      if (removals.size > 0 && !this.#words.change({ block, word: row.word, field: row.field }, removals)) return false;
    }
    return true;
  }

  /** False: a row that is to be changed is damaged. */
  #apply(block: number, changes: IndexChanges): boolean {
    return changes.rows().every(({ word, field, places }) => this.#words.change({ block, word, field }, places));
  }

  /** Makes a block anew from the list's own rows. */
  #refill(block: number): void {
    this.#deleteBlock.run(block);
    this.#deleteParts.run(...partIdsOf(block));
    const first = block * block_numbers;
    const made = new NewBlock(block);
    for (let from = first; from < first + block_numbers; from += window_numbers) {
      const last = from + window_numbers - 1;
      gatherWords(made, this.#rows.all(from, last), this.#comments.all(from, last));
    }
    for (const row of made.rows()) this.#words.put({ block, word: row.word, field: row.field }, row);
  }
}

const removal: PostingsChange = { kind: "remove", spots: [] };

function unchanged(): BlockChange {
  return { changes: new IndexChanges(), cleared: emptySet(), clears: false, is_doubted: false };
}
