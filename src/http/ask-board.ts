import type { Incident } from "../../projections/incident.ts";
import { type IncidentTexts, noTexts } from "../../projections/incident-texts.ts";
import { type AnswerOf, askBoard, type BoardQuestions, type QueryOf } from "../readmodels/board-questions.ts";
import { PastInProcess } from "../readmodels/past-in-process.ts";
import type { Services } from "./services.ts";
import { readBoard } from "./settled-board.ts";

/** An answer, and the position that it reflects. */
export interface Asked<Answer> {
  readonly position: number;
  readonly answer: Answer;
}

/** Asks the board of a position (the end of a commit), or the present one where it is null. */
export async function askBoardAsOf<Name extends keyof BoardQuestions>(
  services: Services,
  as_of: number | null,
  question: Name,
  query: QueryOf<Name>,
): Promise<Asked<AnswerOf<Name>>> {
  if (as_of === null || as_of === services.desk.durable_position) {
    const asked = await readBoard(services, (board) =>
      as_of === null || as_of === board.position
        ? { position: board.position, answer: askBoard(board, question, query) }
        : null,
    );
    if (asked !== null) return asked;
  }
  return { position: as_of ?? 0, answer: await services.past.board(as_of ?? 0, question, query) };
}

/** So many incidents that have changed are folded here; more than that would hold up others. */
const folded_at_once = 20;

/** The texts of incidents as of a position, in their order. Those that have not changed since come from the cache. */
export async function textsAsOf(
  { desk, ledger, texts, past }: Services,
  incidents: readonly Incident[],
  position: number,
): Promise<readonly IncidentTexts[]> {
  const isSame = ({ number, version }: Incident): boolean => desk.board.incident(number)?.version === version;
  const newest = await Promise.all(incidents.map((one) => (isSame(one) ? texts.get(one.number) : null)));
  // Looked at again after the texts have come: the version is what says that they are those of the incident.
  const known = newest.map((found, index) => {
    const incident = incidents[index];
    return incident !== undefined && isSame(incident) ? found : null;
  });
  const numbers = incidents.flatMap(({ number }, index) => (known[index] === null ? [number] : []));
  const folded = numbers.length > folded_at_once ? past : new PastInProcess({ ledger });
  const older = (await folded.texts(position, numbers)).values();
  return known.map((found) => found ?? older.next().value ?? noTexts);
}
