import { Presets, SingleBar } from "cli-progress";

/** How far some long work has come. */
export interface Progress {
  /** Shows that so many of so many are done. */
  readonly show: (done: number, all: number) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** A progress bar on standard error where that is a terminal, else nothing. `what` is being done, such as "folding". */
export function progressBar(what: string): Progress {
  if (process.stderr.isTTY !== true) return { show: () => {}, end: () => {} };
  const options = { format: `${what} {bar} {percentage}% {value}/{total}`, clearOnComplete: true, hideCursor: true };
  const bar = new SingleBar({ ...options, stream: process.stderr }, Presets.shades_classic);
  let isShown = false;
  return {
    show: (done, all) => {
      if (!isShown) bar.start(all, done);
      else if (bar.getTotal() !== all) bar.setTotal(all);
      bar.update(done);
      isShown = true;
    },
    end: () => {
      if (isShown) bar.stop();
    },
  };
}
