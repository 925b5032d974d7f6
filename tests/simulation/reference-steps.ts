import type { IncidentCommand, Redact, Update } from "../../src/rules/commands.ts";
import { later, type ReferenceDesk, type ReferenceText } from "./reference-desk.ts";
import { change, type Happening, isOpenStatus, loadedOn, type ReferenceIncident } from "./reference-incident.ts";
import { type Expected, type ExpectedFact, findTeam, handlerIn, keyRefusal } from "./reference-lookup.ts";

/** What one step of a command adds, or the code of a refusal. */
type Step = (now: ReferenceIncident) => readonly Happening[] | string;

/** What the design says of a command on one incident (a copy, which the steps change one after another). */
export function stepsOf(
  desk: ReferenceDesk,
  now: ReferenceIncident,
  command: IncidentCommand,
  at: string,
  actor: string,
): Expected {
  const facts: ExpectedFact[] = [];
  if (command.kind === "update") {
    const { status, assigned_to, until } = command;
    const isContradiction =
      (status === "pending" && typeof assigned_to === "string") ||
      (status === "assigned" && assigned_to === null) ||
      (until !== undefined && status !== "snoozed");
    if (isContradiction) return { refused: "contradiction" };
  }
  for (const step of new Steps(desk, at, actor).of(command)) {
    const added = step(now);
    if (typeof added === "string") return { refused: added };
    for (const fact of added) {
      // The other incident of a merge is the only one that a command on an incident concerns besides.
      const number = fact.type === "incident.absorbed" && command.kind === "merge" ? command.into : now.number;
      facts.push({ ...fact, stream: `incident/${number}` });
      if (number === now.number) change(now, fact, at);
    }
  }
  return { facts };
}

const illegal = "illegal-transition";

class Steps {
  readonly #desk: ReferenceDesk;
  readonly #at: string;
  readonly #actor: string;

  constructor(desk: ReferenceDesk, at: string, actor: string) {
    this.#desk = desk;
    this.#at = at;
    this.#actor = actor;
  }

  of(command: IncidentCommand): Step[] {
    switch (command.kind) {
      case "update":
        return this.#update(command);
      case "escalate":
        return [(now) => this.#escalate(now, command.severity)];
      case "acknowledge":
        return [(now) => this.#acknowledge(now, command.handler)];
      case "resolve":
        return [(now) => this.#end(now, "resolved")];
      case "close":
        return [(now) => this.#close(now)];
      case "reopen":
        return [(now) => this.#reopen(now)];
      case "dismiss":
        return [(now) => this.#end(now, "dismissed")];
      case "assign":
        return [(now) => this.#assign(now, command.handler, command.force === true)];
      case "unassign":
        return [(now) => this.#unassign(now)];
      case "snooze": {
        const { until, minutes } = command;
        return [(now) => this.#snooze(now, until ?? this.#sleepUntil(now, minutes))];
      }
      case "wake":
        return [(now) => this.#wake(now)];
      case "comment":
        return [() => [{ type: "incident.commented", data: {} }]];
      case "merge":
        return [(now) => this.#merge(now, command.into)];
      case "move":
        return [(now) => this.#move(now, command.team)];
      case "delete":
        return [() => [{ type: "incident.deleted", data: {} }]];
      case "redact":
        return [(now) => this.#redact(now.number, command)];
      default: {
        const never: never = command;
        throw new Error(`the reference does not know ${JSON.stringify(never)}`);
      }
    }
  }

  /** Rule 14, and 19 in front of it. */
  #update(command: Update): Step[] {
    const { team, severity, assigned_to, status, until } = command;
    const steps: Step[] = [];
    if (command.by_way_of_reopening === true && status !== undefined) {
      steps.push((now) => {
        const needsNone = isOpenStatus(now.status) || now.status === status || now.status === "merged";
        return needsNone || (now.status === "resolved" && status === "closed") ? [] : this.#reopen(now);
      });
    }
    steps.push((now) => this.#edit(now, command));
    if (team !== undefined) steps.push((now) => this.#move(now, team));
    if (severity !== undefined) {
      steps.push((now) => (now.severity === severity ? [] : this.#change(now, severity)));
    }
    if (assigned_to === null) steps.push((now) => this.#unassign(now));
    else if (assigned_to !== undefined) steps.push((now) => this.#assign(now, assigned_to, command.force === true));
    if (status !== undefined) steps.push((now) => this.#reach(now, status, until));
    return steps;
  }

  #reach(now: ReferenceIncident, status: NonNullable<Update["status"]>, until: string | undefined) {
    switch (status) {
      case "pending":
        if (now.status === "snoozed") return this.#wake(now);
        return isOpenStatus(now.status) ? this.#unassign(now) : this.#reopen(now);
      case "assigned":
        if (!isOpenStatus(now.status)) return illegal;
        if (now.handler === null) return "contradiction";
        if (now.status === "assigned") return [];
        return [{ type: "incident.handed-over", data: { handler: now.handler, from: now.handler } }] as const;
      case "acknowledged":
        return this.#acknowledge(now, undefined);
      case "snoozed":
        if (now.status === "snoozed" && until === undefined) return [];
        return this.#snooze(now, until ?? this.#sleepUntil(now, undefined));
      case "resolved":
      case "dismissed":
        return this.#end(now, status);
      case "closed":
        return this.#close(now);
      default: {
        const never: never = status;
        throw new Error(`the reference does not know ${String(never)}`);
      }
    }
  }

  #edit(now: ReferenceIncident, command: Update): ReturnType<Step> {
    const { title, description, links, resolution, status, type, labels } = command;
    const isEnding = (status === "resolved" || status === "closed") && isOpenStatus(now.status);
    const hasText = [title, description, links, isEnding ? undefined : resolution].some((text) => text !== undefined);
    const isOtherType = type !== undefined && type !== now.type;
    const isOtherLabels = labels !== undefined && !isSameLabels(labels, now.labels);
    if (!hasText && !isOtherType && !isOtherLabels) return [];
    if (now.status === "merged" || (isOtherType && !isOpenStatus(now.status))) return illegal;
    const data = { ...(isOtherType ? { type } : {}), ...(isOtherLabels ? { labels } : {}) };
    return [{ type: "incident.edited", data }];
  }

  /** Whole texts, by position or by what they hold; what is erased stays so, and erasures keep their reasons. */
  #redact(number: number, { all, texts }: Redact): ReturnType<Step> {
    if ((all === undefined) === (texts === undefined)) return "contradiction";
    const known = this.#desk.texts.filter((text) => text.number === number);
    const positions = (texts ?? []).filter((text) => typeof text === "number");
    if (positions.some((one) => !known.some(({ position }) => position === one))) return "unknown-text";
    const isMeant = ({ position, type, fields }: ReferenceText): boolean => {
      if (positions.includes(position)) return true;
      if (type === "text.erased") return false;
      if (all === true) return true;
      return (texts ?? []).some((word) => {
        if (word === "comments") return type === "incident.commented";
        return word === "reasons" ? fields.includes("reason") : fields.includes(String(word));
      });
    };
    return known
      .filter((text) => !text.is_erased && isMeant(text))
      .map(({ position }) => position)
      .sort((a, b) => a - b)
      .map((erased) => ({ type: "text.erased", data: { erased, incident: number } }) as const);
  }

  #escalate(now: ReferenceIncident, severity: number | undefined): ReturnType<Step> {
    if (!isOpenStatus(now.status)) return illegal;
    const to = severity ?? now.severity - 1;
    return to < 1 || to >= now.severity ? "not-higher" : this.#change(now, to);
  }

  #change(now: ReferenceIncident, to: number): ReturnType<Step> {
    if (!isOpenStatus(now.status)) return illegal;
    return [{ type: "incident.severity-changed", data: { from: now.severity, to } }];
  }

  #assign(now: ReferenceIncident, id: string, force: boolean): ReturnType<Step> {
    if (!isOpenStatus(now.status)) return illegal;
    const handler = handlerIn(this.#desk, now.team, id);
    if (typeof handler === "string") return handler;
    if (now.handler === handler.id) return [];
    if (!handler.available && !force) return "handler-unavailable";
    return [{ type: "incident.handed-over", data: { handler: handler.id, from: now.handler } }];
  }

  #unassign(now: ReferenceIncident): ReturnType<Step> {
    if (!isOpenStatus(now.status)) return illegal;
    if (now.status === "pending") return [];
    if (now.status === "snoozed") {
      return now.from === null ? [] : [{ type: "incident.return-forgotten", data: { handler: now.from } }];
    }
    return [{ type: "incident.handed-back", data: { handler: now.handler } }];
  }

  #acknowledge(now: ReferenceIncident, id: string | undefined): ReturnType<Step> {
    if (!isOpenStatus(now.status)) return illegal;
    const handler = id === undefined ? null : handlerIn(this.#desk, now.team, id);
    if (typeof handler === "string") return handler;
    const isNobodys = now.handler === null;
    if (now.status === "acknowledged" && !(isNobodys && handler !== null)) return [];
    return [{ type: "incident.acknowledged", data: { by: this.#actor, handler: handler?.id ?? null } }];
  }

  #end(now: ReferenceIncident, status: "resolved" | "dismissed"): ReturnType<Step> {
    if (now.status === status) return [];
    if (!isOpenStatus(now.status)) return illegal;
    return status === "resolved"
      ? [{ type: "incident.resolved", data: {} }]
      : [{ type: "incident.dismissed", data: {} }];
  }

  #close(now: ReferenceIncident): ReturnType<Step> {
    if (now.status === "closed") return [];
    const closed = { type: "incident.closed", data: {} } as const;
    if (now.status === "resolved") return [closed];
    return isOpenStatus(now.status) ? [{ type: "incident.resolved", data: {} }, closed] : illegal;
  }

  #reopen(now: ReferenceIncident): ReturnType<Step> {
    if (isOpenStatus(now.status)) return [];
    if (now.status === "merged") return illegal;
    const refusal = keyRefusal(this.#desk, now.team, now);
    if (refusal !== undefined) return refusal;
    const data = {
      incident_id: now.incident_id,
      number: now.number,
      team: now.team,
      severity: now.severity,
      timestamp: now.timestamp,
      reported_at: now.reported_at,
      dedup_keys: now.keys,
      labels: now.labels,
      repeats: now.repeats,
      responders: [],
      ...(now.type === null ? {} : { type: now.type }),
      ...(now.claimed_at === null ? {} : { claimed_at: now.claimed_at }),
      ...(now.source === null ? {} : { source: now.source }),
      ...(now.dedup_key === null ? {} : { dedup_key: now.dedup_key }),
      ...(now.last_repeated_at === null ? {} : { last_repeated_at: now.last_repeated_at }),
    };
    return [{ type: "incident.reopened", data }];
  }

  #sleepUntil(now: ReferenceIncident, minutes: number | undefined): string {
    const usual_minutes = this.#desk.teams.get(now.team)?.default_snooze_minutes ?? 0;
    return later(this.#at, (minutes ?? usual_minutes) * 60_000);
  }

  #snooze(now: ReferenceIncident, until: string): ReturnType<Step> {
    if (!isOpenStatus(now.status)) return illegal;
    if (now.status === "snoozed" && now.until === until) return [];
    if (until <= this.#at) return "until-not-in-the-future";
    if (until > later(this.#at, 366 * 86_400_000)) return "until-too-far";
    const from = now.status === "snoozed" ? now.from : loadedOn(now);
    return [{ type: "incident.snoozed", data: { until, from } }];
  }

  #wake(now: ReferenceIncident): ReturnType<Step> {
    if (now.status === "snoozed") return [{ type: "incident.wake-asked", data: {} }];
    return isOpenStatus(now.status) ? [] : illegal;
  }

  #move(now: ReferenceIncident, name: string): ReturnType<Step> {
    const to = findTeam(this.#desk, name);
    if (to === undefined) return "unknown-team";
    if (to === now.team) return [];
    if (!isOpenStatus(now.status)) return illegal;
    const refusal = keyRefusal(this.#desk, to, now);
    return refusal ?? [{ type: "incident.moved", data: { from: now.team, to } }];
  }

  #merge(now: ReferenceIncident, into: number): ReturnType<Step> {
    if (now.status === "merged" && now.merged_into === into) return [];
    if (!isOpenStatus(now.status)) return illegal;
    if (into === now.number) return "merge-into-itself";
    const target = this.#desk.incidents.get(into);
    if (target === undefined || target.status === "deleted") return "unknown-incident";
    if (!isOpenStatus(target.status)) return "merge-target-not-open";
    if (target.team !== now.team) return "merge-across-teams";
    return [
      { type: "incident.merged", data: { into } },
      { type: "incident.absorbed", data: { number: now.number, keys: now.keys } },
    ];
  }
}

function isSameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const sorted = (labels: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(labels).sort());
  return sorted(a) === sorted(b);
}
