import { asc, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, gold, goldAnswer, project, rater } from "../../db/schema";
import { type goldUses, policyFrom } from "../../db/shape/gold";
import { notFound } from "../errors";
import { groupBy } from "../group";
import { mayBeTakenBack } from "../seat/count";
import { isTested } from "../seat/grade";
import { blockingTest, goldAccuracy, sequentialVerdict } from "../statistics/gold/gold";
import type { GoldRater } from "./schema";

interface Answered extends Record<string, unknown> {
  raterId: string;
  use: (typeof goldUses)[number];
  correct: boolean;
  /** Whether the sequential test counts it. */
  tested: boolean;
}

/**
 * What known answers say of each rater of a project. First answers alone count, of items that were not found wrong,
 * and none that its rater may still take back: seen in a figure whether it was right, it would be answered anew.
 */
export async function goldRaters(db: Db, projectId: string): Promise<GoldRater[]> {
  const [home] = await db.select({ gold: project.gold }).from(project).where(eq(project.id, projectId));
  if (!home) throw notFound("The project");
  const { blocking } = policyFrom(home.gold);
  const test = blocking && blockingTest(blocking);
  const [raters, answered] = await Promise.all([
    db.select().from(rater).where(eq(rater.projectId, projectId)).orderBy(asc(rater.name), asc(rater.id)),
    db.execute<Answered>(sql`
      select ${goldAnswer.raterId} as "raterId", ${gold.use} as use, ${goldAnswer.correct} as correct,
        ${isTested} as tested
      from ${goldAnswer} join ${gold} on ${gold.taskId} = ${goldAnswer.taskId}
        join ${rater} on ${rater.id} = ${goldAnswer.raterId}
      where ${goldAnswer.projectId} = ${projectId} and ${goldAnswer.correct} is not null
        and not exists (select from ${annotation} where ${annotation.id} = ${goldAnswer.annotationId}
          and ${mayBeTakenBack} and ${goldAnswer.toldAt} is null and ${gold.use} <> 'qualification')
      order by ${goldAnswer.answeredAt}, ${goldAnswer.taskId}`),
  ]);
  const byRater = groupBy([...answered], ({ raterId }) => raterId);
  return raters.map(({ id, qualifiedAt, blockedAt, blockReason }) => {
    const own = byRater.get(id) ?? [];
    const shareOf = (use: Answered["use"]) => {
      const some = own.filter((row) => row.use === use);
      return { right: some.filter(({ correct }) => correct).length, of: some.length };
    };
    const mixed = shareOf("mixed");
    const { mean, low, high, pBelow } = goldAccuracy(mixed.right, mixed.of);
    const tested = own.filter((row) => row.use === "mixed" && row.tested);
    return {
      raterId: id,
      accuracy: mixed.of > 0 ? { ...mixed, estimate: mean, low, high, below: pBelow } : null,
      attention: shareOf("attention"),
      qualification: shareOf("qualification"),
      qualifiedAt,
      verdict:
        test &&
        sequentialVerdict(
          tested.map(({ correct }) => correct),
          test,
        ).verdict,
      blockedAt,
      blockReason,
    };
  });
}
