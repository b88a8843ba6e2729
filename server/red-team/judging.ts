import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { isAttack, isGiven, project, redTeamAttempt, redTeamJudgement } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";
import type { RaterKey } from "../rater/rater";
import { holdMember } from "./member";
import { openPolicy } from "./policy";
import type { AttackToJudge, judgeAttackSchema } from "./schema";

/**
 * Attempts that somebody may judge: ended ones of others whose consent stands, which they neither judged nor passed over,
 * with room for one more. What somebody said whose consent is withdrawn counts nowhere, and leaves its seat to others.
 */
const judgeable = ({ projectId, raterId }: { projectId: string; raterId: string }) => sql`
  ${redTeamAttempt.projectId} = ${projectId} and ${isAttack}
  and ${redTeamAttempt.raterId} <> ${raterId}
  and not exists (select from ${redTeamJudgement} j where j.attempt_id = ${redTeamAttempt.id} and j.rater_id = ${raterId}
    and j.state <> 'leased')
  and (select count(*) from ${redTeamJudgement} j where j.attempt_id = ${redTeamAttempt.id} and j.rater_id <> ${raterId}
    and ${isGiven(sql`j.rater_id`)} and (j.state = 'judged' or (j.state = 'leased' and j.leased_until > now()))) < ${redTeamAttempt.overlap}`;

export const countToJudge = (db: Db, of: { projectId: string; raterId: string }): Promise<number> =>
  db.$count(redTeamAttempt, judgeable(of));

/**
 * An attempt to judge: the one that they have, or the oldest that waits. Nobody else gets its seat for as long as the
 * project leases one.
 * @returns null where none waits
 */
export async function nextAttack(db: Db, key: RaterKey): Promise<AttackToJudge | null> {
  return db.transaction(async (tx) => {
    const { projectId } = key;
    await openPolicy(tx, projectId);
    const { raterId } = await holdMember(tx, key);
    const passedBy: string[] = [];
    for (;;) {
      const [row] = await tx.execute<{ id: string; leaseSeconds: number }>(sql`
        select ${redTeamAttempt.id} as id, ${project.leaseSeconds} as "leaseSeconds"
        from ${redTeamAttempt} join ${project} on ${project.id} = ${redTeamAttempt.projectId}
        where ${judgeable({ projectId, raterId })} and not ${anyOf(redTeamAttempt.id, passedBy)}
        order by exists (select from ${redTeamJudgement} j where j.attempt_id = ${redTeamAttempt.id}
          and j.rater_id = ${raterId}) desc, ${redTeamAttempt.id}
        limit 1 for update of ${redTeamAttempt} skip locked`);
      if (!row) return null;
      // Asked again now that it is held: whoever held it before may have taken its last seat.
      if (!(await isJudgeable(tx, { projectId, raterId, attemptId: row.id }))) {
        passedBy.push(row.id);
        continue;
      }
      return lease(tx, { projectId, raterId, attemptId: row.id, seconds: row.leaseSeconds });
    }
  });
}

const isJudgeable = async (
  tx: Db,
  { attemptId, ...of }: { projectId: string; raterId: string; attemptId: string },
): Promise<boolean> =>
  (await tx.$count(redTeamAttempt, and(eq(redTeamAttempt.id, attemptId), judgeable(of)))) > 0;

async function lease(
  tx: Db,
  { seconds, ...seat }: { projectId: string; raterId: string; attemptId: string; seconds: number },
): Promise<AttackToJudge> {
  const leased = {
    state: "leased" as const,
    leasedUntil: sql`now() + make_interval(secs => ${seconds})`,
  };
  await tx
    .insert(redTeamJudgement)
    .values({ ...seat, ...leased })
    .onConflictDoUpdate({ target: [redTeamJudgement.attemptId, redTeamJudgement.raterId], set: leased });
  const [found] = await tx
    .select({
      attemptId: redTeamAttempt.id,
      harm: redTeamAttempt.harm,
      wanted: redTeamAttempt.wanted,
      messages: redTeamAttempt.messages,
    })
    .from(redTeamAttempt)
    .where(eq(redTeamAttempt.id, seat.attemptId));
  return found;
}

/**
 * Says what came of an attempt, or passes it over.
 * @throws CONFLICT where somebody else has its last seat by now, or it was never given out
 */
export async function judgeAttack(
  db: Db,
  actor: Actor,
  { attemptId, level, note, ...key }: RaterKey & z.infer<typeof judgeAttackSchema>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const { projectId } = key;
    const one = and(eq(redTeamAttempt.id, attemptId), eq(redTeamAttempt.projectId, projectId));
    if ((await tx.$count(redTeamAttempt, one)) === 0) throw notFound("The attempt");
    const { raterId } = await holdMember(tx, key);
    await tx.select({ id: redTeamAttempt.id }).from(redTeamAttempt).where(one).for("update");
    const [judged] = (await isJudgeable(tx, { projectId, raterId, attemptId }))
      ? await tx
          .update(redTeamJudgement)
          .set({
            state: level === null ? "passed" : "judged",
            level,
            note,
            leasedUntil: null,
            judgedAt: sql`now()`,
          })
          .where(
            and(
              eq(redTeamJudgement.attemptId, attemptId),
              eq(redTeamJudgement.raterId, raterId),
              eq(redTeamJudgement.state, "leased"),
            ),
          )
          .returning({ id: redTeamJudgement.id })
      : [];
    if (!judged) throw conflict("You no longer hold this attempt. Nothing was stored; take the next one.");
    await audit(tx, actor, {
      action: "redTeam.judge",
      target: { kind: "red_team_attempt", id: attemptId },
      projectId,
      after: { passed: level === null },
    });
  });
}
