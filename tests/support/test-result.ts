/** What the process of a test file tells the runner (scripts/test.ts) when the file is done. */
export interface TestResult {
  passed: number;
  failed: number;
  skipped: number;
  /** Every skipped test with the reason its author wrote. */
  skips: { suite: string; sentence: string; reason: string }[];
}
