/** Whatever came back as JSON; tests narrow it by what they expect. */
export type Json = Readonly<Record<string, unknown>>;
