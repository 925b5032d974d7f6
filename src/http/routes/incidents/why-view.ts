import { Type } from "@sinclair/typebox";
import { definitionOf } from "../../../../events/registry.ts";
import type { Alternative, Alternatives } from "../../../../projections/alternatives.ts";
import type { HandlerThen } from "../../../../projections/handler-then.ts";
import { notChosenReasons } from "../../../../projections/not-chosen.ts";
import type { PlaceInQueue } from "../../../../projections/place-in-queue.ts";
import { stateSentence } from "../../../../projections/state-sentence.ts";
import type { Why, WhyStep } from "../../../readmodels/why.ts";
import { Instant, nullable, Text, WholeNumber } from "../../fields.ts";

const handlerFields = {
  handler_id: Text,
  available: Type.Boolean(),
  active: Type.Integer({ description: "how many incidents they had" }),
  capacity: WholeNumber,
  has_room: Type.Boolean({ description: "whether the rules could give them one more" }),
  turns: WholeNumber,
  last_assigned_at: nullable(Instant),
  incidents: Type.Array(WholeNumber, { description: "the numbers of what they had, at most 20" }),
};

const handler = (description: string) =>
  Type.Unsafe<HandlerThen | null>({ ...Type.Object(handlerFields), type: ["object", "null"], description });

const Others = Type.Array(
  Type.Object({
    ...handlerFields,
    reason: Type.Unsafe<Alternative["reason"]>({ type: "string", enum: [...notChosenReasons] }),
    sentence: Type.String({ description: "the reason in plain English" }),
  }),
  { description: "at most 100: those with room in the order of assignment, then those at capacity, then those away" },
);

const AlternativesView = {
  team: Text,
  chosen: handler("whom the decision chose, as they were just before; null: nobody"),
  others: Others,
  more: Type.Integer({ description: "how many more there were than are listed" }),
};

const Place = {
  team: Text,
  queue_position: Type.Integer({ description: "1 is the head of the queue" }),
  ahead: Type.Array(
    Type.Object({
      number: WholeNumber,
      incident_id: Text,
      severity: WholeNumber,
      timestamp: Instant,
      by: Type.String({ description: "what puts it ahead: severity, timestamp or number" }),
      sentence: Text,
    }),
    { description: "the first ten that are taken before it" },
  ),
  more_ahead: Type.Integer({ description: "how many more are ahead than are listed" }),
  handlers: Others,
  more_handlers: Type.Integer({ description: "how many more handlers there are than are listed" }),
};

const Step = Type.Object({
  position: WholeNumber,
  stream: Type.String({ description: "incident/<number>, handler/<id>, team/<name> or ledger" }),
  type: Text,
  kind: Type.String({ description: "fact or decision" }),
  recorded_at: Instant,
  actor: Text,
  sentence: Type.String({ description: "what happened, in plain English" }),
  because: nullable(Type.Integer({ description: "the position that a decision follows from; null for facts" })),
  explains: Type.Array(Type.String(), {
    description: "what it explains by itself: status, assigned_to or severity; empty for what others follow from",
  }),
  alternatives: Type.Unsafe<Alternatives | null>({
    ...Type.Object(AlternativesView),
    type: ["object", "null"],
    description: "between whom a decision about this incident chose, as things were just before it",
  }),
});

const alice = {
  handler_id: "Alice",
  available: true,
  active: 0,
  capacity: 1,
  has_room: true,
  turns: 3,
  last_assigned_at: "2023-12-17T09:30:00.000Z",
  incidents: [],
};

const example = {
  incident_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
  number: 42,
  team: "default",
  status: "assigned",
  assigned_to: "Alice",
  queue_position: null,
  sentence: "Alice has it. Assigned to Alice by the rules.",
  place: null,
  chain: [
    {
      position: 18,
      stream: "incident/42",
      type: "incident.assigned",
      kind: "decision",
      recorded_at: "2023-12-17T10:00:01.000Z",
      actor: "admin",
      sentence: "Assigned to Alice by the rules.",
      because: 17,
      explains: ["status", "assigned_to"],
      alternatives: {
        team: "default",
        chosen: alice,
        others: [
          {
            ...alice,
            handler_id: "Bob",
            turns: 4,
            reason: "more-turns",
            sentence: "Bob had had more turns, 4 against 3.",
          },
          {
            ...alice,
            handler_id: "Charlie",
            active: 1,
            has_room: false,
            incidents: [40],
            reason: "at-capacity",
            sentence: "Charlie was at capacity, with 1 of 1.",
          },
        ],
        more: 0,
      },
    },
    {
      position: 17,
      stream: "incident/42",
      type: "incident.reported",
      kind: "fact",
      recorded_at: "2023-12-17T10:00:01.000Z",
      actor: "admin",
      sentence: "Reported in the team default with severity 1 (critical).",
      because: null,
      explains: [],
      alternatives: null,
    },
  ],
  is_whole: true,
};

/** Why an incident is what it is, as it is answered. */
export const WhyView = Type.Object(
  {
    incident_id: Text,
    number: WholeNumber,
    team: Text,
    status: Text,
    assigned_to: nullable(Text),
    queue_position: nullable(WholeNumber),
    sentence: Type.String({ description: "what is the case, and the event that made it so" }),
    place: Type.Unsafe<PlaceInQueue | null>({
      ...Type.Object(Place),
      type: ["object", "null"],
      description: "of a pending one: who is ahead, and why each handler of the team does not take it now",
    }),
    chain: Type.Array(Step, { description: "newest first, every decision followed back to its facts" }),
    is_whole: Type.Boolean({ description: "false where the chain is longer than is answered" }),
  },
  { examples: [example] },
);

/** What an explanation looks like from outside. */
export function whyView({ incident, chain, is_whole }: Why, place: PlaceInQueue | null): (typeof WhyView)["static"] {
  const { incident_id, number, team, status, assigned_to } = incident;
  const queue_position = place?.queue_position ?? null;
  const settled = chain.find(({ explains }) => explains.includes("status"));
  const state = stateSentence(incident, queue_position);
  return {
    incident_id,
    number,
    team,
    status,
    assigned_to,
    queue_position,
    sentence: settled === undefined ? state : `${state} ${settled.sentence}`,
    place,
    chain: chain.map(stepView),
    is_whole,
  };
}

function stepView({ event, because, explains, sentence, alternatives }: WhyStep): (typeof Step)["static"] {
  const { position, stream, type, recorded_at, actor } = event;
  const { kind } = definitionOf(type);
  return { position, stream, type, kind, recorded_at, actor, sentence, because, explains: [...explains], alternatives };
}
