import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CannotPlay, Client } from "./demo/client.ts";
import { day_seconds, generateDay } from "./demo/generate-day.ts";
import { takePicture } from "./demo/picture.ts";
import { Player } from "./demo/player.ts";
import { livePicture, plainLines, type Screen } from "./demo/screen.ts";
import { summaryOf } from "./demo/summary.ts";

const usage = `npm run demo -- [flags]: plays a day of incidents against a running service, so that queues can be seen to move.

  --url <url>          where the service is (default: http://127.0.0.1:8000, env: DEMO_URL)
  --key <key>          an API key (env: DEMO_KEY)
  --key-file <file>    a file with one (default: data/admin.key)
  --incidents <n>      how many incidents the day has, 1 to 100000 (default: 300)
  --speed <n>          seconds of the day that pass in a second, 1 to 1000000 (default: 960, a day in a minute and a half)
  --seed <n>           which day: the same seed plays the same (default: 1)
  --plain              lines instead of a picture, as where the output is no terminal
  --help               this text

It starts nothing and deletes nothing. It adds the teams platform, payments, network and workplace with their handlers, marks
its incidents with the label demo=day, and begins by resolving those that an earlier demo left open, so that it may be played
on the same ledger as often as you like.
`;

interface Flags {
  readonly url: string;
  readonly key: string | null;
  readonly key_file: string | null;
  readonly key_from: string;
  readonly incidents: number;
  readonly speed: number;
  readonly seed: number;
  readonly plain: boolean;
}

function flagsOf(args: readonly string[]): Flags | null {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parse(() =>
    parseArgs({
      args: [...args],
      options: {
        url: text,
        key: text,
        "key-file": text,
        incidents: text,
        speed: text,
        seed: text,
        plain: flag,
        help: flag,
      },
    }),
  );
  if (values.help === true) return null;
  const number = (name: "incidents" | "speed" | "seed", otherwise: number, low: number, high: number): number => {
    const given = values[name];
    if (given === undefined) return otherwise;
    const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
    if (value >= low && value <= high) return value;
    throw new CannotPlay(`--${name} is ${JSON.stringify(given)}; it must be a whole number from ${low} to ${high}.`);
  };
  return {
    url: urlOf(values.url ?? process.env.DEMO_URL ?? "http://127.0.0.1:8000"),
    ...keyOf(values.key ?? process.env.DEMO_KEY, values["key-file"]),
    incidents: number("incidents", 300, 1, 100_000),
    speed: number("speed", 960, 1, 1_000_000),
    seed: number("seed", 1, 0, 4_294_967_295),
    plain: values.plain === true || process.stdout.isTTY !== true,
  };
}

function parse<Parsed>(work: () => Parsed): Parsed {
  try {
    return work();
  } catch (error) {
    const [sentence] = String(error instanceof Error ? error.message : error).split(/(?<=\.) /);
    throw new CannotPlay(`${String(sentence).replace(/\.?$/, ".")} npm run demo -- --help lists the flags.`);
  }
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  throw new CannotPlay(`--url is ${JSON.stringify(text)}; it must be something like http://127.0.0.1:8000.`);
}

function keyOf(key: string | undefined, named: string | undefined): Pick<Flags, "key" | "key_file" | "key_from"> {
  if (key !== undefined) return { key: key.trim(), key_file: null, key_from: "the one that was given" };
  const file = named ?? "data/admin.key";
  if (existsSync(file)) return { key: readFileSync(file, "utf8").trim(), key_file: file, key_from: `from ${file}` };
  if (named !== undefined)
    throw new CannotPlay(`There is no file ${named}; --key-file names the file with the API key.`);
  return { key: null, key_file: null, key_from: `there is no ${file}` };
}

/** Plays the day; returns the exit code. */
async function playDemo(flags: Flags): Promise<number> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  let screen: Screen | null = null;
  const { signal } = stop;
  const client = new Client({ ...flags, signal, onWait: (sentence) => screen?.say(sentence) });
  await client.read("/handlers?limit=1");
  const steps = generateDay(flags);
  const minutes = Math.round(day_seconds / flags.speed / 6) / 10;
  process.stdout.write(`${steps.length} steps with ${flags.incidents} incidents, in about ${minutes} minutes.\n`);
  const run = `${flags.seed}-${randomBytes(5).toString("hex")}`;
  const player = new Player({ client, speed: flags.speed, run, signal, onTold: (told) => screen?.tell(told) });
  const options = { client, out: process.stdout, at_seconds: () => player.played.at_seconds };
  screen = flags.plain ? plainLines(options) : livePicture(options);
  try {
    await player.play(steps);
  } finally {
    await screen.close();
  }
  const waiting = new Map((await takePicture(client)).map((team) => [team.team, team.waiting]));
  process.stdout.write(summaryOf(player.played, { ...flags, needs_key: flags.key !== null, waiting }));
  return 0;
}

try {
  const flags = flagsOf(process.argv.slice(2));
  if (flags === null) process.stdout.write(usage);
  else process.exitCode = await playDemo(flags);
} catch (error) {
  if (!(error instanceof CannotPlay)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
