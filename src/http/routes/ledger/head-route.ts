import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { Instant, Text, WholeNumber } from "../../fields.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";

const HeadView = Type.Object(
  {
    position: WholeNumber,
    hash: Text,
    recorded_at: Instant,
    rules: Type.Integer({ description: "the number of the rules in force" }),
  },
  {
    examples: [
      {
        position: 18,
        hash: "5f2b51ca2fdc5baa31ec02e002f69aec09e5a2a0e0f1a8e51d92ff6d9b2a7d43",
        recorded_at: "2023-12-17T10:00:01.000Z",
        rules: 1,
      },
    ],
  },
);

/** GET /ledger/head: note it elsewhere, and check it with `verify --head <position>:<hash>`. */
export function headRoute(app: App, services: Services): void {
  app.get(
    "/ledger/head",
    {
      schema: {
        tags: ["ledger"],
        summary: "Where the ledger ends",
        description: "Noted elsewhere, it lets `verify --head` find a tail that was cut off or written anew.",
        response: { 200: HeadView },
      },
      config: { right: "read", answers: { 200: "The head" } },
    },
    async (_request, reply) => {
      await services.desk.readable();
      const { position, hash, recorded_at, rules } = await services.ledger.head();
      reflect(reply, position);
      return { position, hash, recorded_at, rules };
    },
  );
}
