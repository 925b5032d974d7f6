import type { Fault } from "../problem-error.ts";
import { pointerTo } from "./pointer.ts";

/** Deeper than any body that is valid goes; what lies below has been refused for its type. */
const deepest = 8;

interface Place {
  readonly value: object;
  /** The place above and the key that leads from there to here; null for the body itself. */
  readonly above: Place | null;
  readonly key: string;
  readonly depth: number;
}

/**
 * Finds what JSON can carry but no store can: NUL and lone surrogates, in values and in keys, and keys named
 * `__proto__`. Does not recurse, so that no body is too deep for it.
 */
export function unstorableText(body: unknown): Fault[] {
  if (typeof body !== "object" || body === null) return [];
  const faults: Fault[] = [];
  const places: Place[] = [{ value: body, above: null, key: "", depth: 1 }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    for (const [key, value] of Object.entries(place.value)) {
      const wrongKey = faultOfKey(key);
      if (wrongKey !== null) faults.push({ pointer: pointerTo(pointerOf(place), key), detail: wrongKey });
      if (typeof value === "string") {
        const wrong = faultOfText(value);
        if (wrong !== null) faults.push({ pointer: pointerTo(pointerOf(place), key), detail: wrong });
      } else if (typeof value === "object" && value !== null && place.depth < deepest) {
        places.push({ value, above: place, key, depth: place.depth + 1 });
      }
    }
  }
  return faults;
}

function pointerOf({ above, key }: Place): string {
  return above === null ? "#" : pointerTo(pointerOf(above), key);
}

/** What is wrong with a text, or null. */
export function faultOfText(text: string): string | null {
  if (text.includes("\0")) return "must not contain the character NUL";
  if (/\p{Surrogate}/u.test(text)) return "must not contain half a surrogate pair";
  return null;
}

function faultOfKey(key: string): string | null {
  if (key === "__proto__") return "must not be named __proto__";
  const wrong = faultOfText(key);
  return wrong === null ? null : `has a name that ${wrong}`;
}
