import type { Play } from "./play.ts";
import type { ExpectedLine } from "./scenario.ts";
import type { Happening } from "./scenario-desk.ts";
import { fits, writtenHappening, writtenLine } from "./told-event.ts";

/** How two lists differ, readable. */
export interface Difference {
  /** The line of the file that expects what did not happen; null where something happened that no line names. */
  readonly line: number | null;
  readonly text: string;
}

/**
 * Compares what is expected with what happened, in order; null where they agree. In the text a minus marks what is
 * expected and did not happen, a plus what happened and is not expected.
 */
export function differenceOf(
  expected: readonly ExpectedLine[],
  happened: readonly Happening[],
  play: Play,
): Difference | null {
  const rows = align(expected, happened, play);
  if (rows.every((row) => row.mark === " ")) return null;
  const first = rows.find((row) => row.mark === "-");
  const text = rows.map((row) => {
    const place = row.line === null ? "" : `line ${row.line}`;
    return `${row.mark} ${place.padEnd(9)}${row.text}`;
  });
  return { line: first?.line ?? null, text: text.join("\n") };
}

interface Row {
  readonly mark: " " | "-" | "+";
  readonly line: number | null;
  readonly text: string;
}

/** Pairs up as many lines as possible without changing their order (longest common subsequence). */
function align(expected: readonly ExpectedLine[], happened: readonly Happening[], play: Play): Row[] {
  const longest = Array.from({ length: expected.length + 1 }, () => new Array<number>(happened.length + 1).fill(0));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  const fit = expected.map((line) => happened.map((happening) => fits(line, happening, play)));
  for (let i = expected.length - 1; i >= 0; i -= 1) {
    for (let j = happened.length - 1; j >= 0; j -= 1) {
      const row = longest[i];
      if (row !== undefined) row[j] = fit[i]?.[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const rows: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < expected.length || j < happened.length) {
    const line = expected[i];
    const happening = happened[j];
    if (line !== undefined && happening !== undefined && fit[i]?.[j]) {
      rows.push({ mark: " ", line: line.line, text: writtenLine(line) });
      i += 1;
      j += 1;
    } else if (line !== undefined && (happening === undefined || at(i + 1, j) >= at(i, j + 1))) {
      rows.push({ mark: "-", line: line.line, text: writtenLine(line) });
      i += 1;
    } else if (happening !== undefined) {
      rows.push({ mark: "+", line: null, text: writtenHappening(happening, play) });
      j += 1;
    }
  }
  return rows;
}
