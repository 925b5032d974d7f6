/** Where the frozen samples are. */
export const samplesDirectory = new URL("../../events/samples/", import.meta.url);

/** The file of one event's sample in one version. */
export function sampleFile(name: string, version: number): string {
  return `${name}.v${version}.json`;
}
