/** Adds one step to a JSON pointer in a URI fragment (RFC 6901 §6): `#/labels` and `a b` give `#/labels/a%20b`. */
export function pointerTo(parent: string, key: string | number): string {
  const escaped = String(key).replaceAll("~", "~0").replaceAll("/", "~1");
  return `${parent}/${fragment(escaped)}`;
}

/** A plain JSON pointer, such as a validator gives, as a URI fragment. */
export function pointerFragment(pointer: string): string {
  return `#${fragment(pointer)}`;
}

function fragment(text: string): string {
  // A lone surrogate has no UTF-8 form; it is shown as the replacement character.
  const wellFormed = Buffer.from(text, "utf8").toString("utf8");
  return encodeURI(wellFormed).replaceAll("#", "%23");
}
