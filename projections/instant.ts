const latest = "9999-12-31T23:59:59.999Z";
const latest_ms = Date.parse(latest);

/** The instant so many milliseconds after another; never beyond the year 9999, where what is no time leads as well. */
export function after(instant: string, delay_ms: number): string {
  const milliseconds = Date.parse(instant) + delay_ms;
  return milliseconds < latest_ms ? new Date(milliseconds).toISOString() : latest;
}
