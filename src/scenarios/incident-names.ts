import { ScenarioFault, wordsInstead } from "./scenario-fault.ts";

/** Which name stands for which incident. Numbers are given in the order of the reports. */
export class IncidentNames {
  readonly #numbers = new Map<string, number>();
  readonly #names = new Map<number, string>();

  /** Lets a name stand for a number. Refuses a name that stands for another already. */
  give(name: string, number: number, line: number): void {
    const known = this.#numbers.get(name);
    if (known !== undefined && known !== number) {
      throw new ScenarioFault(line, `There is already an incident named ${name}. Give this one another name.`);
    }
    this.#numbers.set(name, number);
    this.#names.set(number, name);
  }

  /** The number that is meant by a name, or by a bare number; refuses a name that stands for nothing. */
  numberOf(reference: unknown, line: number): number {
    if (typeof reference === "number") return reference;
    const name = String(reference);
    const number = this.#numbers.get(name);
    if (number === undefined) {
      throw new ScenarioFault(line, `No incident is named ${name}. ${wordsInstead(name, this.#numbers.keys())}`);
    }
    return number;
  }

  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  /** The name of an incident, or its bare number where it has none. */
  nameOf(number: number): string | number {
    return this.#names.get(number) ?? number;
  }
}
