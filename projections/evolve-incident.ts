import type { RecordedEvent } from "../events/recorded-event.ts";
import { windAckClock } from "./ack-clock.ts";
import type { Board } from "./board.ts";
import { noteHeldText } from "./held-texts.ts";
import { bearerOf, type Incident, isOpen } from "./incident.ts";
import { foldIncident } from "./incident-fold.ts";
import { after as later } from "./instant.ts";

const day_ms = 24 * 60 * 60 * 1000;

/** Folds an event of an incident's stream. */
export function evolveIncident(board: Board, number: number, event: RecordedEvent): void {
  const open = board.incidents.get(number) ?? null;
  const after = foldIncident(open ?? board.beside.get(number) ?? null, event);
  const texts = board.held_texts.get(number);
  if (texts !== undefined) noteHeldText(texts, event);
  if (event.type === "incident.reported") board.last_incident = Math.max(board.last_incident, number);
  keepAwaiting(board, number, event);
  board.scratch.last_offset.set(number, event.meta.offset);
  if (after === null) return;
  if (isOpen(after.status)) board.putOpen(open, after);
  else board.putAside(open, after);
  moveLoad(board, open, after, event);
  noteInScratch(board, open, after, event);
  setWake(board, after, event);
  windAckClock(board, after, event);
}

/** Rule 16: a resolved incident awaits its closing until it is closed, reopened or deleted. */
function keepAwaiting(board: Board, number: number, event: RecordedEvent): void {
  if (event.type === "incident.resolved") {
    const incident = board.incidents.get(number);
    const days = board.teams.get(incident?.team ?? "")?.rules.auto_close_days ?? 0;
    if (incident === undefined || days === 0) return;
    const { incident_id, team } = incident;
    const due = later(event.recorded_at, days * day_ms);
    board.resolved.set(number, { incident_id, number, team, version: event.version, due, position: event.position });
    board.agenda.set({ due, number, kind: "auto-close", position: event.position });
    return;
  }
  const awaiting = board.resolved.get(number);
  if (awaiting === undefined) return;
  switch (event.type) {
    case "incident.closed":
    case "incident.auto-closed":
    case "incident.reopened":
    case "incident.deleted":
      board.resolved.delete(number);
      board.agenda.delete("auto-close", number);
      return;
    default:
      board.resolved.set(number, { ...awaiting, version: event.version });
  }
}

/** Moves the load from who had it to who has it, and counts the turn of whoever it became (rule 3). */
function moveLoad(board: Board, before: Incident | null, after: Incident, event: RecordedEvent): void {
  const from = before === null ? null : bearerOf(before);
  const to = bearerOf(after);
  if (from === to) return;
  if (from !== null) {
    board.workload.release(from, after.number);
    board.scratch.room_offset.set(from, event.meta.offset);
  }
  if (to === null) return;
  board.workload.take(to, after.number);
  const handler = board.handlers.get(to);
  if (handler === undefined || event.type === "incident.woken") return;
  board.workload.put({
    ...handler,
    turns: handler.turns + 1,
    assignments: handler.assignments + 1,
    last_assigned_position: event.position,
    last_assigned_at: event.recorded_at,
  });
}

/** Notes what settling this commit has to look at. */
function noteInScratch(board: Board, before: Incident | null, after: Incident, event: RecordedEvent): void {
  const { scratch } = board;
  const { number } = after;
  scratch.teams.add(after.team);
  if (before !== null && before.team !== after.team) scratch.teams.add(before.team);
  if (after.status === "pending" && before?.status !== "pending") scratch.newly_pending.add(number);
  if (event.type === "incident.handed-back" && event.data.handler !== null) {
    scratch.passed_over.set(number, event.data.handler);
  }
  if (event.type === "incident.wake-asked") scratch.to_wake.add(number);
  if (event.type === "incident.repeated") {
    const { severity } = event.data;
    if (severity !== undefined && severity < after.severity) scratch.to_raise.set(number, severity);
  }
}

function setWake(board: Board, after: Incident, event: RecordedEvent): void {
  if (after.status !== "snoozed") {
    board.agenda.delete("wake", after.number);
  } else if (event.type === "incident.snoozed") {
    const { position } = event;
    board.agenda.set({ due: event.data.until, number: after.number, kind: "wake", position });
  }
}
