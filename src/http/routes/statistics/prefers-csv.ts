/** Whether an `Accept` header (RFC 9110, 12.5.1) would rather have CSV than JSON. Without one, JSON it is. */
export function prefersCsv(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(",").map(rangeOf);
  return qualityOf(ranges, "text/csv") > qualityOf(ranges, "application/json");
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function rangeOf(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith("q="));
  const number = quality === undefined ? 1 : Number(quality.slice(2));
  return { type, quality: Number.isFinite(number) ? number : 0 };
}

/** The quality that the most specific range which covers the type gives it. */
function qualityOf(ranges: readonly Range[], type: string): number {
  const [family] = type.split("/");
  for (const wanted of [type, `${family}/*`, "*/*"]) {
    const range = ranges.find((each) => each.type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
