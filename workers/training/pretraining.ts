import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { datasetRow, datasetVersion, prompt, response } from "../../db/schema";
import type { Message } from "../../db/shape/content";

const PAGE = 1000;
/** Enough to see the loss move. */
const HELD_OUT = 200;

/**
 * Writes the project's conversations as rows of a run's folder: each prompt with each of its responses, the bad ones
 * too, because a base is to write, not to be good. Prompts that a version of the project holds out are not learnt:
 * whoever trains on from the base measures on them. They are the rows it is evaluated on.
 */
export async function writeConversations(
  db: Db,
  { folder, projectId }: { folder: string; projectId: string },
): Promise<{ train: number; eval: number }> {
  const heldOut = sql`exists (select from ${datasetRow} join ${datasetVersion} on ${datasetVersion.id} = ${datasetRow.versionId}
    where ${datasetVersion.projectId} = ${projectId} and ${datasetRow.promptId} = ${prompt.id} and ${datasetRow.split} <> 'train')`;
  const write = async (file: string, which: ReturnType<typeof sql>, limit: number) => {
    let count = 0;
    const lines = async function* () {
      let after = "00000000-0000-0000-0000-000000000000";
      for (;;) {
        const page = await db.execute<{ id: string; messages: Message[]; content: string }>(sql`
          select ${response.id} as id, ${prompt.messages} as messages, ${response.content} as content
          from ${response} join ${prompt} on ${prompt.id} = ${response.promptId}
          where ${prompt.projectId} = ${projectId} and ${response.id} > ${after} and ${which}
          order by ${response.id} limit ${Math.min(PAGE, limit - count)}`);
        for (const { messages, content } of page) {
          count++;
          yield `${JSON.stringify({ messages: [...messages, { role: "assistant", content }] })}\n`;
        }
        const last = [...page].at(-1);
        if (!last || page.length < PAGE || count >= limit) return;
        after = last.id;
      }
    };
    await pipeline(Readable.from(lines()), createWriteStream(join(folder, file)));
    return count;
  };
  return {
    train: await write("train.jsonl", sql`not ${heldOut}`, Number.MAX_SAFE_INTEGER),
    eval: await write("eval.jsonl", heldOut, HELD_OUT),
  };
}
