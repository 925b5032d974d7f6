/** The number in a path; 0, which nothing ever has, where it is none. */
export function pathNumber(text: string): number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
}
