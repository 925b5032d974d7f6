/**
 * What the list is searched by. `comments` keeps what the states do not have; `end` is how many words stand before the
 * incident's next comment. `words` is the index: for 4096 incidents at a time (a block), which of them have a word
 * in a field, and where. Fields 0 to 2 are title, description and comments; 3 to 5 say which incidents have in these any word
 * that begins with one or two letters. `places` says which incidents, `spots` where in their fields, and after which words:
 * only phrases need to read that. Where it is long it stands in `word_parts`: SQLite reads a row with all its overflow pages
 * whenever it compares it with what it is looking for, so that long rows would slow down every look into `words`, while
 * `word_parts` is found by integers alone. The row says then which marks of words before are in each part, so that a part
 * without the right one is not read. The tables begin their life empty and are filled when a build is complete.
 *
 * SQLite's own full-text tables are not used: what is deleted from them stays in a segment for an unknown time, they read
 * all incidents that have a frequent word, and a filter cannot be applied before.
 */
export const createSearchTables = `
  CREATE TABLE comments (
    position INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX comments_by_number ON comments (number);
  CREATE TABLE words (
    block INTEGER NOT NULL,
    word TEXT NOT NULL,
    field INTEGER NOT NULL,
    places BLOB NOT NULL,
    spots BLOB NOT NULL,
    PRIMARY KEY (block, word, field)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE word_parts (
    id INTEGER PRIMARY KEY,
    spots BLOB NOT NULL
  ) STRICT;
`;

/** The comments of the incidents from one number to another, in their order. */
export const selectComments = "SELECT * FROM comments WHERE number BETWEEN ? AND ? ORDER BY number, position";

/** The list's rows from one number to another. */
export const selectListRows =
  "SELECT incidents.*, states.state, states.checksum FROM incidents JOIN states USING (number) WHERE number BETWEEN ? AND ?";
