import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  isGiven,
  rater,
  redTeamAttempt,
  redTeamExposure,
  redTeamJudgement,
  redTeamMember,
} from "../../db/schema";
import { CONSENT } from "../../db/shape/red-team";
import { type Actor, audit } from "../audit/audit";
import { conflict, forbidden } from "../errors";
import { type RaterKey, raterOf } from "../rater/rater";
import { todayUtc } from "../seat/lock";

/** Whoever attacks or judges, by their own wish. */
export interface Taking {
  raterId: string;
}

/** Agrees to the words that hold now. Who agreed already stays as they are. */
export async function joinRedTeam(db: Db, actor: Actor, key: RaterKey): Promise<void> {
  await db.transaction(async (tx) => {
    const raterId = await raterOf(tx, key);
    await requireAdmitted(tx, raterId);
    const fresh = { consent: CONSENT, joinedAt: sql`now()`, leftAt: null, awayAt: null };
    await tx
      .insert(redTeamMember)
      .values({ projectId: key.projectId, raterId, ...fresh })
      .onConflictDoUpdate({
        target: redTeamMember.raterId,
        set: fresh,
        setWhere: sql`${redTeamMember.leftAt} is not null or ${redTeamMember.consent} <> ${CONSENT}`,
      });
    await note(tx, actor, key, "redTeam.join", { consent: CONSENT });
  });
}

/** Takes part no more: what is open is given up, what is judged stays. */
export async function leaveRedTeam(db: Db, actor: Actor, key: RaterKey): Promise<void> {
  await db.transaction(async (tx) => {
    const raterId = await raterOf(tx, key);
    await hold(tx, raterId);
    await putDown(tx, raterId);
    await tx
      .update(redTeamMember)
      .set({ leftAt: sql`now()` })
      .where(and(eq(redTeamMember.raterId, raterId), isNull(redTeamMember.leftAt)));
    await note(tx, actor, key, "redTeam.leave", {});
  });
}

/** Stops at once, and is shown nothing of it before they come back. */
export async function stepAway(db: Db, actor: Actor, key: RaterKey): Promise<void> {
  await db.transaction(async (tx) => {
    const raterId = await raterOf(tx, key);
    await hold(tx, raterId);
    await putDown(tx, raterId);
    await tx.update(redTeamMember).set({ awayAt: sql`now()` }).where(eq(redTeamMember.raterId, raterId));
    await note(tx, actor, key, "redTeam.away", {});
  });
}

export async function comeBack(db: Db, actor: Actor, key: RaterKey): Promise<void> {
  await db.transaction(async (tx) => {
    const raterId = await raterOf(tx, key);
    await tx.update(redTeamMember).set({ awayAt: null }).where(eq(redTeamMember.raterId, raterId));
    await note(tx, actor, key, "redTeam.back", {});
  });
}

/** Somebody's part, until the transaction ends: what they ask for at once, such as to begin and to leave, comes in turn. */
const hold = async (tx: Db, raterId: string) =>
  (await tx.select().from(redTeamMember).where(eq(redTeamMember.raterId, raterId)).for("no key update")).at(
    0,
  );

/** Nothing that was open goes on: a conversation is left as it is, an attempt that was to be judged is for others. */
async function putDown(tx: Db, raterId: string): Promise<void> {
  await tx
    .update(redTeamAttempt)
    .set({ state: "left", endedAt: sql`now()`, callId: null })
    .where(and(eq(redTeamAttempt.raterId, raterId), eq(redTeamAttempt.state, "open")));
  await tx
    .delete(redTeamJudgement)
    .where(and(eq(redTeamJudgement.raterId, raterId), eq(redTeamJudgement.state, "leased")));
}

/** @throws FORBIDDEN for raters who get no other work either */
async function requireAdmitted(tx: Db, raterId: string): Promise<void> {
  const [found] = await tx
    .select({ blockedAt: rater.blockedAt, isGiven: sql<boolean>`${isGiven(rater.id)}` })
    .from(rater)
    .where(eq(rater.id, raterId));
  if (found?.blockedAt) throw forbidden("You get no tasks in this project at the moment. Ask a manager why.");
  if (!found?.isGiven)
    throw forbidden(
      "Your consent to the use of your judgements is withdrawn. A manager can take it down that you give it again.",
    );
}

/**
 * Whoever takes part now; held until the transaction ends, so that two requests of one person come one after the other.
 * @throws CONFLICT where they did not agree, or stepped away
 */
export async function holdMember(tx: Db, key: RaterKey): Promise<Taking> {
  const raterId = await raterOf(tx, key);
  const found = await hold(tx, raterId);
  if (!found || found.leftAt || found.consent !== CONSENT)
    throw conflict("Taking part needs your consent first.");
  if (found.awayAt) throw conflict("You have stepped away. Come back first.");
  await requireAdmitted(tx, raterId);
  return { raterId };
}

/** A condition on exposures: today and the six days before. */
export const inSevenDays = sql`${redTeamExposure.day} > ${todayUtc} - 7`;

/** What a browser may tell at once before it has told anything that day. */
const FIRST_SECONDS = 60;

/**
 * Adds to the time in which model text stood unblurred before somebody. A browser can tell no more than has passed since
 * it last did.
 */
export async function noteExposure(
  db: Db,
  { seconds, ...key }: RaterKey & { seconds: number },
): Promise<void> {
  const told = Math.floor(seconds);
  if (told <= 0) return;
  await db
    .insert(redTeamExposure)
    .values({
      projectId: key.projectId,
      raterId: await raterOf(db, key),
      day: todayUtc,
      seconds: Math.min(told, FIRST_SECONDS),
    })
    .onConflictDoUpdate({
      target: [redTeamExposure.raterId, redTeamExposure.day],
      set: {
        seconds: sql`${redTeamExposure.seconds}
        + least(${told}::int, ceil(extract(epoch from now() - ${redTeamExposure.toldAt}))::int)`,
        toldAt: sql`now()`,
      },
    });
}

const note = (
  tx: Db,
  actor: Actor,
  { projectId }: RaterKey,
  action: "redTeam.join" | "redTeam.leave" | "redTeam.away" | "redTeam.back",
  after: Record<string, unknown>,
) => audit(tx, actor, { action, target: { kind: "project", id: projectId }, projectId, after });
