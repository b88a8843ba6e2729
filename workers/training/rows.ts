import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Db } from "../../db/client";
import { listRows } from "../../server/dataset/dataset";
import type { DatasetRow, Split } from "../../server/dataset/schema";
import type { TrainingMethod } from "../../server/training/schema";

const PAGE = 1000;

/**
 * Writes one split of a version as the rows that a method reads.
 * @returns the number of rows written
 */
export async function writeRows(
  db: Db,
  of: { projectId: string; versionId: string; split: Split; method: TrainingMethod; file: string },
): Promise<number> {
  let count = 0;
  const lines = async function* () {
    let afterIndex = -1;
    for (;;) {
      const page = await listRows(db, { ...of, afterIndex, limit: PAGE });
      for (const { row } of page) {
        count++;
        yield `${JSON.stringify(toExample(row, of.method))}\n`;
      }
      if (page.length < PAGE) return;
      afterIndex = page[page.length - 1].index;
    }
  };
  const partial = `${of.file}.partial`;
  await pipeline(Readable.from(lines()), createWriteStream(partial));
  await rename(partial, of.file);
  return count;
}

/** A row as the method's trainer reads it: SFT on comparisons learns the better reply. */
function toExample(row: DatasetRow, method: TrainingMethod): Record<string, unknown> {
  const shared = { prompt: row.prompt, ...(row.tools ? { tools: row.tools } : {}) };
  if (method === "sft") {
    if ("chosen" in row) return { ...shared, completion: row.chosen };
    if ("completions" in row) return { ...shared, completion: row.completions[0] };
  }
  if ("completions" in row) {
    // Ranks count down to the best, scores up to it.
    const worst = Math.max(...row.ranks);
    return { ...shared, completions: row.completions, scores: row.ranks.map((rank) => worst - rank) };
  }
  if ("chosen" in row) {
    const margin = method === "reward" && row.margin !== undefined ? { margin: row.margin } : {};
    return { ...shared, chosen: row.chosen, rejected: row.rejected, ...margin };
  }
  return { ...shared, completion: row.completion, ...("label" in row ? { label: row.label } : {}) };
}
