import { asc, eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { sample } from "../../db/schema";

/** What a model in training replied to its fixed prompts, by prompt, then as it learnt. */
export async function samplesOf(db: Db, runId: string) {
  return db
    .select({
      step: sample.step,
      position: sample.position,
      prompt: sample.prompt,
      completion: sample.completion,
    })
    .from(sample)
    .where(eq(sample.runId, runId))
    .orderBy(asc(sample.position), asc(sample.step));
}

/** Stores what a checkpoint replied; said again after a resume, it takes the place of the first. */
export async function storeSample(
  db: Db,
  said: { runId: string; step: number; position: number; prompt: string; completion: string },
): Promise<void> {
  await db
    .insert(sample)
    .values(said)
    .onConflictDoUpdate({
      target: [sample.runId, sample.step, sample.position],
      set: { completion: said.completion },
    });
}
