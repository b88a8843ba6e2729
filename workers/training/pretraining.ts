import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { and, asc, eq, gt, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { datasetRow, datasetVersion, prompt, response } from "../../db/schema";
import { writeJson } from "../../db/shape/written-json";

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
  const write = async (file: string, which: SQL, limit: number) => {
    let count = 0;
    const lines = async function* () {
      let after = "00000000-0000-0000-0000-000000000000";
      for (;;) {
        const page = await db
          .select({ id: response.id, messages: prompt.messages, content: response.content })
          .from(response)
          .innerJoin(prompt, eq(prompt.id, response.promptId))
          .where(and(eq(prompt.projectId, projectId), gt(response.id, after), which))
          .orderBy(asc(response.id))
          .limit(Math.min(PAGE, limit - count));
        for (const { messages, content } of page) {
          count++;
          yield `${writeJson({ messages: [...messages, { role: "assistant", content }] })}\n`;
        }
        const last = page.at(-1);
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
