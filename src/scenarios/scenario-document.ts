import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import { ScenarioFault } from "./scenario-fault.ts";

/** One entry of a mapping in the file. */
export interface Entry {
  readonly key: string;
  readonly line: number;
  readonly value: Node | null;
}

/** One YAML document of a scenario file, read with the lines on which things stand. */
export class ScenarioDocument {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  get root(): Node | null {
    return this.#document.contents;
  }

  /** The first fault that the YAML parser found, if any. */
  get syntaxFault(): ScenarioFault | null {
    const error = this.#document.errors[0];
    if (error === undefined) return null;
    return new ScenarioFault(
      this.#lines.linePos(error.pos[0]).line,
      `This is not YAML: ${error.message.split("\n")[0]}`,
    );
  }

  /** The line on which the document starts. */
  get firstLine(): number {
    const from = this.#document.contents?.range?.[0] ?? this.#document.range[0];
    return this.#lines.linePos(from).line;
  }

  /** The line on which a node starts, or the one given where there is no node. */
  lineOf(node: Node | null, otherwise: number): number {
    return node?.range ? this.#lines.linePos(node.range[0]).line : otherwise;
  }

  /** The entries of a mapping; refuses anything else. Nothing at all counts as an empty mapping. */
  entriesOf(node: Node | null, line: number, what: string): Entry[] {
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (!isMap(node))
      throw new ScenarioFault(this.lineOf(node, line), `${what} must be a mapping, like { key: value }.`);
    return node.items.map((pair) => {
      const key = pair.key as Node;
      const keyLine = this.lineOf(key, line);
      if (!isScalar(key)) throw new ScenarioFault(keyLine, `A key of ${what} must be a plain word.`);
      return { key: String(key.value), line: keyLine, value: pair.value as Node | null };
    });
  }

  /** The items of a list; refuses anything else. Nothing at all counts as an empty list. */
  itemsOf(node: Node | null, line: number, what: string): Node[] {
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (!isSeq(node))
      throw new ScenarioFault(this.lineOf(node, line), `${what} must be a list, each item with a dash.`);
    return node.items as Node[];
  }

  /** The plain value of a node. */
  valueOf(node: Node | null): unknown {
    return node === null ? null : node.toJS(this.#document);
  }
}

/** The documents of a file. Documents with nothing in them are left out. */
export function documentsOf(text: string): ScenarioDocument[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines });
  if (!Array.isArray(parsed)) return [];
  return parsed
    .map((document) => new ScenarioDocument(document, lines))
    .filter((document) => document.root !== null || document.syntaxFault !== null);
}
