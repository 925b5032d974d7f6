import { Type } from "@sinclair/typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ChangeTeam, CreateTeam } from "../../../rules/commands.ts";
import type { App } from "../../app-type.ts";
import { asOfParameter, asOfProblems, cursorAsOf, pageAsOf, positionAsOf } from "../../as-of.ts";
import { askBoardAsOf } from "../../ask-board.ts";
import { run } from "../../command-answer.ts";
import { entityTag, matchesIfNoneMatch, versionsOfIfMatch } from "../../entity-tag.ts";
import { NotModified } from "../../fields.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { teamNotFound } from "./team-not-found.ts";
import { ChangeTeamBody, CreateTeamBody, TeamAnswer, type TeamJson, teamExample, teamView } from "./team-view.ts";

const TeamPath = Type.Object({
  name: Type.String({ description: "the team's name, whatever its case", examples: ["default"] }),
});

const tags = ["teams"];

/** Everything under /teams. */
export function teamRoutes(app: App, services: Services): void {
  app.get(
    "/teams",
    {
      schema: {
        tags,
        summary: "All teams and their rules",
        querystring: Type.Object({ ...asOfParameter, ...pageParameters }),
        response: { 200: pageSchema("teams", TeamAnswer, teamExample) },
      },
      config: { right: "read", answers: { 200: "One page of the teams, by name" }, problems: asOfProblems },
    },
    async (request, reply) => {
      const { limit, count } = request.query;
      const { position: as_of, after } = await pageAsOf(services, request.query, ["string"]);
      const { position, answer } = await askBoardAsOf(services, as_of, "teams", { after: after?.[0] ?? "", limit });
      reflect(reply, position);
      const last = answer.teams.at(-1);
      const next_cursor = answer.is_end || last === undefined ? null : cursorAsOf(as_of, [last.team]);
      linkNextPage(request, reply, next_cursor, as_of);
      return { teams: answer.teams.map(teamView), next_cursor, ...(count ? { total: answer.total } : {}) };
    },
  );

  app.post(
    "/teams",
    {
      schema: {
        tags,
        summary: "Create a team",
        operationId: "createTeam",
        body: CreateTeamBody,
        response: { 201: TeamAnswer },
      },
      config: { right: "administer", answers: { 201: "The team" }, tagged: true, problems: ["team-exists"] },
    },
    async (request, reply) => {
      const { name, rules } = request.body;
      const command = { kind: "create-team", team: name, ...(rules === undefined ? {} : { rules }) } as const;
      const team = await runOnTeam(services, request, reply, command);
      reply.header("location", `/teams/${encodeURIComponent(team.name)}`);
      return team;
    },
  );

  app.get(
    "/teams/:name",
    {
      schema: {
        tags,
        summary: "One team and its rules",
        params: TeamPath,
        querystring: Type.Object(asOfParameter),
        response: { 200: TeamAnswer, 304: NotModified },
      },
      config: {
        right: "read",
        answers: { 200: "The team", 304: "Still at the version of If-None-Match" },
        tagged: true,
        problems: ["team-not-found", ...asOfProblems],
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const as_of = await positionAsOf(services, request.query.as_of);
      const { position, answer: team } = await askBoardAsOf(services, as_of, "team", { team: name });
      reflect(reply, position);
      if (team === null) throw teamNotFound(name);
      reply.header("etag", entityTag(team.version));
      if (matchesIfNoneMatch(request.headers["if-none-match"], team.version)) return reply.code(304).send(undefined);
      return teamView(team);
    },
  );

  app.patch(
    "/teams/:name",
    {
      schema: {
        tags,
        summary: "Change a team's rules",
        description: "Rules that are not named stay.",
        params: TeamPath,
        body: ChangeTeamBody,
        response: { 200: TeamAnswer },
      },
      config: {
        right: "lead",
        answers: { 200: "The team" },
        tagged: true,
        conditional: true,
        problems: ["team-not-found"],
      },
    },
    async (request, reply) => {
      const if_version = versionsOfIfMatch(request.headers["if-match"]);
      const { rules = {}, ...body } = request.body;
      const condition = if_version === undefined ? {} : { if_version };
      const team = request.params.name;
      return runOnTeam(services, request, reply, { kind: "change-team", team, rules, ...body, ...condition });
    },
  );
}

/** Runs a command on a team and gives that team as the commit left it. */
async function runOnTeam(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  command: CreateTeam | ChangeTeam,
): Promise<TeamJson> {
  const done = await run(services, request, reply, command, command.kind === "create-team" ? () => 201 : undefined);
  const team = done.team ?? (await services.past.board(done.position, "team", { team: command.team }));
  if (team === null) throw new Error(`a command on the team ${command.team} left none`);
  reply.header("etag", entityTag(team.version));
  return teamView(team);
}
