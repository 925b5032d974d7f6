import type { FastifyInstance, FastifyRequest } from "fastify";
import type { DialectDesk } from "./dialect-desk.ts";
import type { DialectFault, FaultAnswer } from "./dialect-fault.ts";

/** The application of one dialect: its whole URL space, in its own words. */
export type DialectApp = FastifyInstance;

/** Another system's HTTP interface, served over this desk. */
export interface Dialect {
  /** As the configuration and the paths name it. */
  readonly name: string;
  /** The team that it serves. It is created when it is first needed. */
  readonly team: string;
  /** What its documentation says of it. */
  readonly about: { readonly title: string; readonly version: string; readonly description: string };
  /** The schemas that its documentation refers to, by name. */
  readonly schemas: Readonly<Record<string, object>>;
  /** Whether what answers GET answers HEAD, too; where it does not, that is a method which is not allowed. */
  readonly head: boolean;
  /** Whether its documentation has a page made by Redoc as well. */
  readonly redoc: boolean;
  /** Its answer to what went wrong. */
  readonly answerFault: (fault: DialectFault, request: FastifyRequest) => FaultAnswer;
  /** Adds its routes. */
  readonly routes: (app: DialectApp, desk: DialectDesk) => void;
}
