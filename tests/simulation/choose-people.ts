import type { Command } from "../../src/rules/commands.ts";
import type { Choices } from "./choices.ts";
import { handlerNames, teamNames } from "./names.ts";
import { present } from "./present.ts";
import type { ReferenceDesk, ReferenceHandler, ReferenceRules } from "./reference-desk.ts";

/** Somebody joins, leaves, goes away, comes back, or takes more or fewer at once. */
export function chooseHandlerCommand(choices: Choices, desk: ReferenceDesk): Command {
  const here = [...desk.handlers.values()].filter(({ team }) => team !== null);
  const absent = handlerNames.filter((name) => !here.some(({ id }) => id === name));
  const what = choices.weighted([
    [here.length < 2 ? 60 : 22, "add"],
    [18, "remove"],
    [22, "capacity"],
    [42, "availability"],
    [2, "name"],
  ] as const);
  if (what === "add") {
    const isKnown = absent.length === 0 || choices.percent(4);
    return {
      kind: "add-handler",
      handler: isKnown ? choices.one(handlerNames) : choices.one(absent),
      ...present({
        team: choices.maybe(60, () => choices.one([...desk.teams.keys()])),
        capacity: choices.maybe(70, () => 1 + choices.below(3)),
      }),
    };
  }
  const { id: handler, available, team } = chooseHandler(choices, desk, what);
  const if_version = choices.maybe(6, () => [(desk.versions.get(`handler/${handler}`) ?? 0) + choices.below(2)]);
  if (what === "remove") return { kind: "remove-handler", handler, ...present({ if_version }) };
  if (what === "capacity") {
    return {
      kind: "change-handler",
      handler,
      capacity: 1 + choices.below(choices.one([1, 3])),
      ...present({ if_version }),
    };
  }
  if (what === "name") return { kind: "change-handler", handler, name: `${handler} of ${team ?? "nowhere"}` };
  const isBack = !available && choices.percent(45);
  return {
    kind: "change-handler",
    handler,
    ...present({
      if_version,
      available: !available && !isBack && choices.percent(70) ? undefined : isBack,
      release: isBack ? undefined : choices.maybe(available ? 40 : 85, () => true),
      capacity: choices.maybe(8, () => 1 + choices.below(3)),
    }),
  };
}

/** Mostly one of those whom the rarer rules are about, where there are any: who sleep on something, or are away with work. */
function chooseHandler(
  choices: Choices,
  desk: ReferenceDesk,
  what: string,
): Pick<ReferenceHandler, "id" | "available" | "team"> {
  const all = [...desk.handlers.values()];
  if (all.length === 0 || choices.percent(2)) return { id: "Nobody", available: true, team: null };
  const here = all.filter(({ team }) => team !== null);
  const meant = here.filter(({ id, available }) => {
    if (what === "remove") return desk.openIncidents().some(({ from }) => from === id);
    return what === "availability" && !available && desk.workOf(id).length > 0;
  });
  if (meant.length > 0 && choices.percent(75)) return choices.one(meant);
  return choices.one(here.length > 0 && choices.percent(95) ? here : all);
}

/** A team is made, or its rules change. */
export function chooseTeamCommand(choices: Choices, desk: ReferenceDesk): Command {
  const missing = teamNames.filter((name) => !desk.teams.has(name));
  if (missing.length > 0 && choices.percent(60)) {
    return { kind: "create-team", team: choices.one(missing), rules: chooseRules(choices) };
  }
  const team = choices.percent(97) ? choices.one([...desk.teams.keys()]) : "nowhere";
  if (choices.percent(4)) return { kind: "create-team", team };
  return { kind: "change-team", team, rules: chooseRules(choices) };
}

/** Some of a team's rules. */
export function chooseRules(choices: Choices): Partial<ReferenceRules> {
  return present({
    ack_timeout_seconds: choices.maybe(75, () => choices.one([null, null, null, 120, 1800, 1800, 36_000, 100_000])),
    default_capacity: choices.maybe(30, () => 1 + choices.below(3)),
    auto_close_days: choices.maybe(60, () => choices.one([0, 1, 1, 2, 30])),
    default_snooze_minutes: choices.maybe(30, () => choices.one([5, 60, 1440])),
  });
}
