import type { Client } from "./client.ts";
import { clockOf, drawing, lineOf, type TeamPicture, takePicture } from "./picture.ts";
import type { Told } from "./player.ts";

/** Shows how the day goes. */
export interface Screen {
  readonly tell: (told: Told) => void;
  /** A sentence about the demo itself. */
  readonly say: (sentence: string) => void;
  /** Shows once more how things stand, and leaves the terminal as it was. */
  readonly close: () => Promise<void>;
}

/** What a screen needs. */
export interface ScreenOptions {
  readonly client: Client;
  readonly out: NodeJS.WriteStream;
  /** Where the day stands. */
  readonly at_seconds: () => number;
}

const between_pictures_ms = 300;
const kept = 100;
const from_top = "\u001b[H";
const clear = "\u001b[2J\u001b[H";
const clear_below = "\u001b[J";
const hide_cursor = "\u001b[?25l";
const show_cursor = "\u001b[?25h";

/** A picture that moves, on a terminal. */
export function livePicture({ client, out, at_seconds }: ScreenOptions): Screen {
  const told: Told[] = [];
  let teams: readonly TeamPicture[] = [];
  let said = "";
  let is_over = false;
  out.write(`${hide_cursor}${clear}`);
  const draw = (): void => {
    const size = { columns: out.columns ?? 100, rows: (out.rows ?? 30) - 1 };
    out.write(
      `${from_top}${drawing(at_seconds(), teams, told, size).join("\n")}\n${said.slice(0, size.columns)}${clear_below}`,
    );
  };
  const watching = (async () => {
    while (!is_over) {
      teams = await takePicture(client).catch(() => teams);
      if (!is_over) draw();
      await client.pause(between_pictures_ms);
      if (is_over) break;
    }
  })();
  return {
    tell: (one) => {
      told.push(one);
      if (told.length > kept) told.shift();
    },
    say: (sentence) => {
      said = sentence;
    },
    close: async () => {
      is_over = true;
      await watching;
      draw();
      out.write(`${show_cursor}\n`);
    },
  };
}

/** Plain lines, for files and pipes: what is worth one, and every hour how all teams stand. */
export function plainLines({ client, out, at_seconds }: ScreenOptions): Screen {
  let hour = -1;
  let asking: Promise<void> = Promise.resolve();
  const line = async (at: number): Promise<void> => {
    const teams = await takePicture(client).catch(() => null);
    if (teams !== null) out.write(`${lineOf(at, teams)}\n`);
  };
  return {
    tell: ({ at_seconds: at, team, sentence, is_notable }) => {
      if (Math.floor(at / 3600) > hour) {
        hour = Math.floor(at / 3600);
        asking = asking.then(() => line(at));
      }
      if (is_notable) out.write(`${clockOf(at)}  ${team}: ${sentence}\n`);
    },
    say: (sentence) => void out.write(`${sentence}\n`),
    close: async () => {
      await asking;
      await line(at_seconds());
    },
  };
}
