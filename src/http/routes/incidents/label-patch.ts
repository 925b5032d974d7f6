import type { Incident } from "../../../../projections/incident.ts";
import type { Labels } from "../../../rules/commands.ts";
import { type Fault, invalid } from "../../problem-error.ts";
import { pointerTo } from "../../validation/pointer.ts";

/** Labels as a PATCH may name them: null removes one, in a merge patch. */
export type LabelChanges = Readonly<Record<string, string | null>>;

const most_labels = 64;

/** The labels that a plain update sets; only a merge patch may remove one with null. */
export function wholeLabels(labels: LabelChanges): Labels {
  const faults: Fault[] = [];
  const whole: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    if (value === null) faults.push({ pointer: pointerTo("#/labels", name), detail: "must be string" });
    else whole[name] = value;
  }
  if (faults.length > 0) throw invalid(faults);
  return whole;
}

/** The labels of an incident after a merge patch (RFC 7396). */
export function mergedLabels({ labels }: Pick<Incident, "labels">, changes: LabelChanges): Labels {
  const merged = { ...labels, ...changes };
  const left = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null);
  if (left.length > most_labels)
    throw invalid([{ pointer: "#/labels", detail: `would leave more than ${most_labels} labels` }]);
  return Object.fromEntries(left);
}
