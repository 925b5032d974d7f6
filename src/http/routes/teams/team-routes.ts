import { Type } from "@sinclair/typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { compareText } from "../../../../projections/compare.ts";
import type { ChangeTeam, CreateTeam } from "../../../rules/commands.ts";
import type { App } from "../../app-type.ts";
import { run } from "../../command-answer.ts";
import { readCursor, writeCursor } from "../../cursor.ts";
import { entityTag, matchesIfNoneMatch, versionsOfIfMatch } from "../../entity-tag.ts";
import { NotModified } from "../../fields.ts";
import { linkNextPage, pageParameters, pageSchema } from "../../page.ts";
import { pastBoard } from "../../past-board.ts";
import { ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard, reflect } from "../../settled-board.ts";
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
        querystring: Type.Object(pageParameters),
        response: { 200: pageSchema("teams", TeamAnswer, teamExample) },
      },
      config: { answers: { 200: "One page of the teams, by name" } },
    },
    async (request, reply) => {
      const { limit, cursor, count } = request.query;
      const after = cursor === undefined ? "" : readCursor(cursor, ["string"])[0];
      const { position, all } = await readBoard(services, (board) => ({
        position: board.position,
        all: [...board.teams.values()].sort((a, b) => compareText(a.team, b.team)),
      }));
      reflect(reply, position);
      const rest = all.filter(({ team }) => team > after);
      const teams = rest.slice(0, limit).map(teamView);
      const last = teams.at(-1);
      const next_cursor = last === undefined || rest.length <= limit ? null : writeCursor([last.name]);
      linkNextPage(request, reply, next_cursor);
      return { teams, next_cursor, ...(count ? { total: all.length } : {}) };
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
      config: { answers: { 201: "The team" }, tagged: true, problems: ["team-exists"] },
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
        response: { 200: TeamAnswer, 304: NotModified },
      },
      config: {
        answers: { 200: "The team", 304: "Still at the version of If-None-Match" },
        tagged: true,
        problems: ["team-not-found"],
      },
    },
    async (request, reply) => {
      const team = await findTeam(services, reply, request.params.name);
      if (matchesIfNoneMatch(request.headers["if-none-match"], team.version)) return reply.code(304).send(undefined);
      return team;
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
      config: { answers: { 200: "The team" }, tagged: true, conditional: true, problems: ["team-not-found"] },
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
  const team = done.team ?? (await pastBoard(services, done.position)).findTeam(command.team);
  if (team === undefined) throw new Error(`a command on the team ${command.team} left none`);
  reply.header("etag", entityTag(team.version));
  return teamView(team);
}

async function findTeam(services: Services, reply: FastifyReply, name: string): Promise<TeamJson> {
  const { position, team } = await readBoard(services, (board) => ({
    position: board.position,
    team: board.findTeam(name),
  }));
  if (team === undefined) throw new ProblemError("team-not-found", `There is no team ${name.slice(0, 64)}.`);
  reflect(reply, position);
  reply.header("etag", entityTag(team.version));
  return teamView(team);
}
