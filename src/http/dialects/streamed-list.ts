import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { Shown } from "./dialect-desk.ts";

/** What stands around the rows of a list that has no pages. */
export interface Frame {
  readonly before: string;
  /** Is told how many rows there were. */
  readonly after: (rows: number) => string;
}

/**
 * Answers with a list that has no pages, however long it is: some rows at a time are read and sent, as fast as the
 * client takes them. The first rows are read before the answer begins, so that what fails at once is answered as a fault.
 */
export async function streamed(
  reply: FastifyReply,
  pages: AsyncGenerator<readonly Shown[]>,
  show: (shown: Shown) => unknown,
  { before, after }: Frame,
): Promise<FastifyReply> {
  const first = await pages.next();
  const rows: readonly Shown[] = first.done === true ? [] : first.value;
  async function* chunks(): AsyncGenerator<string> {
    yield before + rows.map((row) => JSON.stringify(show(row))).join(",");
    let count = rows.length;
    for await (const page of pages) {
      if (page.length > 0) yield `,${page.map((row) => JSON.stringify(show(row))).join(",")}`;
      count += page.length;
    }
    yield after(count);
  }
  return reply.type("application/json").send(Readable.from(chunks()));
}
