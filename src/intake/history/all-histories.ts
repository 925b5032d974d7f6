import type { DialectName } from "../../config.ts";
import type { HistoryReader } from "./history.ts";
import { klimbbHistory } from "./klimbb-history.ts";
import { trackerHistory } from "./tracker-history.ts";
import { ucarHistory } from "./ucar-history.ts";

/** How the list of each system is read that a dialect takes over from. */
export const histories: Readonly<Record<DialectName, HistoryReader>> = {
  klimbb: klimbbHistory,
  tracker: trackerHistory,
  ucar: ucarHistory,
};
