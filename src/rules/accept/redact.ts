import type { HeldText, HeldTexts } from "../../../projections/held-texts.ts";
import type { Redact, TextWord } from "../commands.ts";
import { erasureFact, textOf } from "../new-event.ts";
import type { Refusal } from "../refusal.ts";
import { refuse } from "./accepted.ts";
import type { Step } from "./step.ts";

/** How many positions a refusal names at most. */
const most_named = 10;

/**
 * Erases texts, whatever the incident's status: the right to be forgotten ends with nothing, not even with its deletion.
 * Which events have a text lies beside the board. The reason stands with the first of the erasures. Reasons of earlier
 * ones stay, so that the record says why; only who names such an event by its position erases it, too.
 */
export function redact({ all, texts }: Redact): Step {
  return ({ board, reason }, { number }) => {
    if ((all === true) === (texts !== undefined)) {
      return refuse("contradiction", "Name either texts or all.", texts === undefined ? "all" : "texts");
    }
    const held: HeldTexts = board.held_texts.get(number) ?? new Map();
    const named = new Set((texts ?? []).filter((text) => typeof text === "number"));
    const refusal = unknownText(number, held, [...named]);
    if (refusal !== undefined) return refusal;
    const words = (texts ?? []).filter((text) => typeof text !== "number");
    const chosen = [...held].filter(([position, text]) => {
      if (text.state !== "held") return false;
      if (named.has(position)) return true;
      return text.type !== "text.erased" && (all === true || words.some((word) => holds(text, word)));
    });
    return chosen.map(([position], index) =>
      erasureFact(number, position, index === 0 ? textOf({ reason }) : undefined),
    );
  };
}

/** Why some of these positions have no text that could be erased, if so. */
function unknownText(number: number, held: HeldTexts, positions: readonly number[]): Refusal | undefined {
  const foreign = positions.filter((position) => !held.has(position));
  if (foreign.length > 0) {
    const detail = `Incident ${number} has no event at position ${listed(foreign)}. Its timeline shows the positions it has.`;
    return refuse("unknown-text", detail, "texts");
  }
  const textless = positions.filter((position) => held.get(position)?.state === "none");
  if (textless.length === 0) return undefined;
  const detail = `The event of incident ${number} at position ${listed(textless)} never had a text. Leave it out.`;
  return refuse("unknown-text", detail, "texts");
}

function listed(positions: readonly number[]): string {
  const more = positions.length - most_named;
  return positions.slice(0, most_named).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function holds({ type, fields }: HeldText, word: TextWord): boolean {
  switch (word) {
    case "comments":
      return type === "incident.commented";
    case "reasons":
      return fields.includes("reason");
    default:
      return fields.includes(word);
  }
}
