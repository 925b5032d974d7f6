/** What the process of one test file tells the runner (scripts/test.ts) when it is done. */
export interface TestResult {
  passed: number;
  failed: number;
  skipped: number;
  /** Every skipped test with the reason its author wrote. */
  skips: { suite: string; sentence: string; reason: string }[];
}

/** The environment variable that names the file into which a test file's process writes its `TestResult` as JSON. */
export const resultFileVariable = "TEST_RESULT_FILE";
