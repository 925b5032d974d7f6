import { type Hook, type PlannedSuite, planSuite } from "./run-suites.ts";

/** How a hook is registered: once for the suite, or with `.each` around every test. */
interface HookRegistration {
  (hook: Hook): void;
  each(hook: Hook): void;
}

/** Settings of a single test. */
export interface TestOptions {
  /** How long the test may take before it counts as failed; 30 s when it is not given. */
  timeout_ms?: number;
}

/** Registers the tests of one suite; see `suite`. */
export interface Suite {
  (sentence: string, test: Hook, options?: TestOptions): void;
  before: HookRegistration;
  after: HookRegistration;
  /** Leaves a test out, for a written reason. Where CI=true this is a failure, so that nothing stays skipped unseen. */
  skip(sentence: string, reason: string): void;
}

/**
 * A group of tests, run by uvu as soon as the file that calls this has been evaluated (there is no `.run()` to forget).
 *
 * It mends what uvu lets pass: a hook that throws is a failure, every test and hook has a time limit, a suite without
 * tests fails, and handles left open do not keep the process alive. Tests run one after another, in the order written.
 *
 *     const it = suite("a freed handler");
 *     it("takes the most urgent incident", async () => { ... });
 */
export function suite(name: string): Suite {
  const plan: PlannedSuite = { name, tests: [], skips: [], before: [], after: [], before_each: [], after_each: [] };
  const mayStillGrow = planSuite(plan);

  const addTest = (sentence: string, test: Hook, options: TestOptions = {}): void => {
    mayStillGrow(sentence);
    plan.tests.push({ sentence, test, timeout_ms: options.timeout_ms });
  };
  const registration = (once: Hook[], each: Hook[]): HookRegistration =>
    Object.assign((hook: Hook) => void once.push(hook), { each: (hook: Hook) => void each.push(hook) });
  return Object.assign(addTest, {
    before: registration(plan.before, plan.before_each),
    after: registration(plan.after, plan.after_each),
    skip: (sentence: string, reason: string): void => {
      mayStillGrow(sentence);
      if (reason.trim() === "") throw new Error(`Write down why the test "${sentence}" is skipped.`);
      plan.skips.push({ sentence, reason });
    },
  });
}
