import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Outcome } from "../desk/submission.ts";
import type { Command } from "../rules/commands.ts";
import type { NeededRight } from "./plugins/admission.ts";
import type { ProblemCode } from "./problems.ts";

/** The application, whose routes are typed by their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks: `admin`, `key:<id>`; empty on public routes. */
    actor: string;
    /** The bytes of the body, where a fingerprint of them will be needed. */
    raw_body: Buffer | null;
    /** The command that the request stands for and what became of it, for the log. */
    command: Command | null;
    outcome: Outcome | null;
    /** The code of the problem that it is answered with, for the log. */
    problem: ProblemCode | null;
  }

  interface FastifyContextConfig {
    /** Needs no credential. */
    readonly public?: boolean;
    /** Asked by probes, under whatever address they have for the service: its Host is never looked at. */
    readonly probe?: boolean;
    /** What its caller must be allowed to do somewhere; `any`: to be known. Every route has this or is public. */
    readonly right?: NeededRight;
    /** Public, and not free: how often an address may ask for it is limited. */
    readonly costly?: boolean;
    /** Everything under this path is another application's. */
    readonly handed_over?: boolean;
    /** What it changes is not in the ledger: it waits for no room at the desk and takes no Idempotency-Key. */
    readonly beside_ledger?: boolean;
    /** A good answer marks the caller's device with a cookie. */
    readonly marks_device?: boolean;
    /** The body may be left out; it then counts as `{}`. */
    readonly optional_body?: boolean;
    /** What the route itself answers, beside what every route like it does: the rest is added by `documented-problems.ts`. */
    readonly problems?: readonly ProblemCode[];
    /** What each good answer is, for the documentation. */
    readonly answers?: Readonly<Record<number, string>>;
    /** A browser gets the same as a page. */
    readonly page?: boolean;
    /** The good answer can be had as CSV as well; an example of it. */
    readonly csv_example?: string;
    /** And as NDJSON. */
    readonly ndjson_example?: string;
    /** Every good answer carries an ETag. */
    readonly tagged?: boolean;
    /** `Last-Event-ID` counts here. */
    readonly resumable?: boolean;
    /** `If-Match` counts here. */
    readonly conditional?: boolean;
  }
}
