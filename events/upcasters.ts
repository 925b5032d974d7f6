/** The parsed bodies of one event, of some version. */
export interface Bodies {
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: Readonly<Record<string, unknown>> | null;
}

/** One pure step from a version of an event to the next. */
export interface Upcaster {
  readonly name: string;
  readonly from: number;
  readonly upcast: (bodies: Bodies) => Bodies;
}

/** Every step from an old version to the next. None is ever removed: ledgers hold old versions for ever. */
export const upcasters: readonly Upcaster[] = [];

/**
 * Brings the bodies of an event from the version they were written in to the wanted one, step by step.
 * Throws where a step is missing: such an event is of a newer or unknown version and cannot be read.
 */
export function upcast(
  name: string,
  version: number,
  wanted: number,
  bodies: Bodies,
  steps: readonly Upcaster[] = upcasters,
): Bodies {
  let current = bodies;
  for (let from = version; from < wanted; from += 1) {
    const step = steps.find((candidate) => candidate.name === name && candidate.from === from);
    if (step === undefined) throw new Error(`${name} has no step from version ${from} to ${from + 1}`);
    current = step.upcast(current);
  }
  if (version > wanted) throw new Error(`${name} of version ${version} is newer than this build knows (${wanted})`);
  return current;
}
