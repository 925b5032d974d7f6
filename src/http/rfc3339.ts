const shape = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

const minute_ms = 60_000;
const day_ms = 24 * 60 * minute_ms;

/**
 * Reads a time of RFC 3339 with any offset and gives the instant in UTC with milliseconds (further digits are cut off),
 * or null where it is none: a day that does not exist, a time without an offset, a year outside 0000 to 9999 in UTC.
 * A leap second is taken only where one can be, at the end of a month in UTC, and becomes the second after it.
 */
export function parseInstant(text: string): string | null {
  if (text !== lastText) {
    lastInstant = usualInstant(text) ?? anyInstant(text);
    lastText = text;
  }
  return lastInstant;
}

/** What was read last: a body's times are read once to check them and once to use them. */
let lastText = "";
let lastInstant: string | null = null;

const usual = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;
const whole_seconds = "2023-12-17T10:00:00".length;

/** Most times come in the form that we write ourselves; what is unusual about one, or wrong, is left to `anyInstant`. */
function usualInstant(text: string): string | null {
  if (!usual.test(text)) return null;
  const time_ms = Date.parse(text);
  if (Number.isNaN(time_ms)) return null;
  const instant = new Date(time_ms).toISOString();
  return instant.startsWith(text.slice(0, whole_seconds)) ? instant : null;
}

function anyInstant(text: string): string | null {
  const match = shape.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = match;
  const leap = second === "60";
  if (Number(hour) > 23 || Number(minute) > 59 || (Number(second) > 59 && !leap)) return null;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null;
  const midnight = midnightOf(Number(year), Number(month), Number(day));
  if (midnight === null) return null;
  const offset_ms = (sign === "-" ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute)) * minute_ms;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const time_ms =
    midnight + (Number(hour) * 60 + Number(minute)) * minute_ms + Number(second) * 1000 + milliseconds - offset_ms;
  if (leap && !beginsMonth(time_ms - milliseconds)) return null;
  const instant = new Date(time_ms);
  const utcYear = instant.getUTCFullYear();
  return utcYear < 0 || utcYear > 9999 ? null : instant.toISOString();
}

function midnightOf(year: number, month: number, day: number): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() : null;
}

/** A leap second ends a month: the second after it is the first of the next one. */
function beginsMonth(time_ms: number): boolean {
  return time_ms % day_ms === 0 && new Date(time_ms).getUTCDate() === 1;
}
