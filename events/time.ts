import { defineEvent } from "./define-event.ts";
import { body, Instant } from "./fields.ts";

/** It is now `at`: whatever is due at or before it happens. Only this makes anything due. */
export const timePassed = defineEvent({
  name: "time.passed",
  version: 1,
  kind: "fact",
  data: body({ at: Instant }),
  text: null,
  example: { data: { at: "2026-01-31T09:15:00.000Z" } },
});
