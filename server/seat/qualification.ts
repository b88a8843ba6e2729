import { and, asc, eq, isNotNull, isNull, or } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, gold, goldAnswer, rater } from "../../db/schema";
import type { GoldPolicy } from "../../db/shape/gold";
import { block } from "./block";
import type { Qualifying } from "./schema";

/**
 * What an attempt is made of: answers that count, and tasks that are out. An item that was found wrong is none of it, nor
 * one that was given back and then retired, which never comes again: others take their places.
 */
const isOfAttempt = or(
  isNotNull(goldAnswer.correct),
  and(isNull(goldAnswer.answeredAt), or(isNull(gold.retiredAt), eq(assignment.status, "leased"))),
);

/**
 * Attempts of a rater at the qualification: each is so many items, answered or passed over. With the settings changed in
 * between, what was answered before is counted by the new ones.
 */
async function attemptsOf(tx: Db, raterId: string, items: number) {
  const rows = await tx
    .select({ correct: goldAnswer.correct, answeredAt: goldAnswer.answeredAt })
    .from(goldAnswer)
    .innerJoin(gold, and(eq(gold.taskId, goldAnswer.taskId), eq(gold.use, "qualification")))
    .innerJoin(assignment, eq(assignment.id, goldAnswer.assignmentId))
    .where(and(eq(goldAnswer.raterId, raterId), isOfAttempt))
    .orderBy(asc(goldAnswer.answeredAt), asc(goldAnswer.taskId));
  const answered = rows.filter(({ answeredAt }) => answeredAt !== null);
  const complete = Math.floor(answered.length / items);
  const rightIn = (attempt: number) =>
    answered.slice(attempt * items, (attempt + 1) * items).filter(({ correct }) => correct).length;
  return {
    complete,
    best: Math.max(0, ...Array.from({ length: complete }, (_, attempt) => rightIn(attempt))),
    given: rows.length - complete * items,
    done: answered.length - complete * items,
  };
}

/** How far a rater is; null where the project asks for no qualification. */
export async function qualifying(
  tx: Db,
  { raterId, policy: { qualification } }: { raterId: string; policy: GoldPolicy },
): Promise<(Qualifying & { given: number }) | null> {
  if (!qualification) return null;
  const { items, pass, retries } = qualification;
  const { complete, given, done } = await attemptsOf(tx, raterId, items);
  const attempts = 1 + retries;
  return { done, given, items, pass, attempts, attempt: Math.min(attempts, complete + 1) };
}

/** After an answer: the rater has passed, has no attempt left, or goes on. The rater is locked. */
export async function settleQualification(
  tx: Db,
  {
    projectId,
    raterId,
    policy: { qualification },
  }: { projectId: string; raterId: string; policy: GoldPolicy },
): Promise<void> {
  if (!qualification) return;
  const { items, pass, retries } = qualification;
  const { complete, best } = await attemptsOf(tx, raterId, items);
  if (best >= pass) await tx.update(rater).set({ qualifiedAt: new Date() }).where(eq(rater.id, raterId));
  else if (complete > retries)
    await block(tx, {
      projectId,
      raterId,
      blockReason: "qualification",
      says: `${best} of ${items} right in the best of ${complete} attempts; ${pass} were asked for.`,
    });
}
