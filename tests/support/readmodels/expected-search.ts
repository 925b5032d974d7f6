import { incidentOfStream } from "../../../events/stream.ts";
import type { ListedIncident } from "../../../projections/incident-list.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import type { Search, SearchUnit } from "../../../src/readmodels/search/search-query.ts";
import { wordsOf } from "../../../src/readmodels/search/words.ts";

/** The comments of every incident, by its number, read in the simplest way. Erased ones are gone already. */
export async function freshComments(ledger: Ledger): Promise<Map<number, string[]>> {
  const comments = new Map<number, string[]>();
  for (let after = 0; ; ) {
    const page = await ledger.read({ after });
    for (const event of page) {
      after = event.position;
      const number = incidentOfStream(event.stream);
      if (event.type !== "incident.commented" || event.text === null || number === null) continue;
      comments.set(number, [...(comments.get(number) ?? []), event.text.text]);
    }
    if (page.length === 0) return comments;
  }
}

const known = new Map<string, readonly string[]>();

/** The words of a text, found once: the same few texts are looked through for every search. */
function knownWords(text: string): readonly string[] {
  const words = known.get(text) ?? wordsOf(text);
  known.set(text, words);
  return words;
}

/** How well an incident matches, 0 best, found by reading all its texts; null: not at all. */
export function expectedRank({ texts }: ListedIncident, comments: readonly string[], search: Search): number | null {
  const fields = [[texts.title ?? ""], [texts.description ?? ""], comments].map((each) => each.map(knownWords));
  if (search.unwanted.some((unit) => fields.flat().some((words) => stands(unit, words, true)))) return null;
  for (const [field] of fields.entries()) {
    const searched = fields.slice(0, field + 1).flat();
    for (const is_open of [false, true]) {
      const all = search.wanted.every((unit) => searched.some((words) => stands(unit, words, is_open)));
      if (all) return 2 * field + (is_open ? 1 : 0);
    }
  }
  return null;
}

function stands(unit: SearchUnit, words: readonly string[], is_open: boolean): boolean {
  const last = unit.words.length - 1;
  return words.some((_, start) =>
    unit.words.every((word, index) => {
      const found = words[start + index];
      return found === word || (index === last && is_open && unit.is_open && found?.startsWith(word) === true);
    }),
  );
}
