import { TRPCError } from "@trpc/server";
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import { assignment, type assignmentStatus, membership, project, rater, task } from "../../db/schema";
import type { LapsedLease } from "../../db/shape/judgement";
import { opened } from "../blindness/opened";
import { conflict } from "../errors";
import { projectChanged } from "../event/changed";
import { currentForm, formQuestions } from "../form/versions";
import { currentGuidelines } from "../guidelines/guidelines";
import type { Viewer } from "../trpc";
import { blind, drawnOn, readSeats } from "./blind";
import { claimSeats } from "./claim";
import { passOver } from "./grade";
import { lockRater } from "./lock";
import { holdPass, settlePass } from "./norming";
import { addOpenSeat, replaceSeats } from "./replace";
import type { BlindTask, Claimed, skipSchema } from "./schema";

/** A seat as one rater's: held, given back, or let lapse. */
export interface SeatKey {
  assignmentId: string;
  raterId: string;
}

/** A seat that a rater holds, held, or let lapse. */
export interface FoundSeat extends Record<string, unknown> {
  id: string;
  projectId: string;
  taskId: string;
  status: (typeof assignmentStatus.enumValues)[number];
  order: number[] | null;
  formVersionId: string | null;
  guidelineVersionId: string | null;
  leasedAt: string | null;
  /** What this rater was shown on it in leases that lapsed, the oldest first. */
  lapsed: LapsedLease[] | null;
  /** Why it was sent back to this rater, while it is. */
  returnComment: string | null;
  selectionProbability: number | null;
  /** False when it went to nobody or to another rater. */
  isMine: boolean;
  raterId: string;
  promptId: string;
  /** The task's canonical order. */
  responseIds: string[];
  leaseSeconds: number;
  /** It is this rater's alone, and what is judged on it counts nowhere. */
  apart: boolean;
  selection: (typeof project.$inferSelect)["selection"];
}

const find = (who: SQL, lock: SQL = sql``) =>
  statement<FoundSeat>(
    sql`select ${assignment.id} as id, ${assignment.projectId} as "projectId", ${assignment.taskId} as "taskId",
        ${assignment.status} as status, ${assignment.order} as "order",
        ${assignment.formVersionId} as "formVersionId", ${assignment.guidelineVersionId} as "guidelineVersionId",
        ${assignment.leasedAt} as "leasedAt", ${assignment.returnComment} as "returnComment",
        (select jsonb_agg(entry order by place) from jsonb_array_elements(${assignment.lapsed})
          with ordinality as listed (entry, place) where entry->>'raterId' = ${rater.id}::text) as lapsed,
        ${assignment.selectionProbability} as "selectionProbability", ${assignment.raterId} is not distinct from ${rater.id} as "isMine",
        ${rater.id} as "raterId", ${task.promptId} as "promptId", ${task.responseIds} as "responseIds",
        ${project.leaseSeconds} as "leaseSeconds", ${project.selection} as selection, ${assignment.apart} as apart
      from ${assignment}
      join ${task} on ${task.id} = ${assignment.taskId}
      join ${project} on ${project.id} = ${assignment.projectId}
      join ${rater} on ${rater.projectId} = ${assignment.projectId}
      where ${assignment.id} = ${sql.placeholder("assignmentId")} and ${who}
        and (${assignment.raterId} = ${rater.id} or ${assignment.lapsed} @> jsonb_build_array(jsonb_build_object('raterId', ${rater.id})))
      ${lock}`,
  );
const ofRater = sql`${rater.id} = ${sql.placeholder("raterId")}`;
const findUnlocked = find(ofRater);
const findLocked = find(ofRater, sql`for update of ${assignment}`);
const findOfPerson = find(sql`${rater.personId} = ${sql.placeholder("personId")}
  and (${sql.placeholder("isAdmin")}::boolean or exists (select from ${membership}
    where ${membership.projectId} = ${assignment.projectId}
      and ${membership.personId} = ${sql.placeholder("personId")}))`);

/**
 * The seat of a person who asks, and with it the rater that the person is there.
 * @throws NOT_FOUND for everybody else's seats, and for those who are no longer in the project
 */
export async function findOwnSeat(
  db: Db,
  { assignmentId, viewer }: { assignmentId: string; viewer: Viewer },
): Promise<FoundSeat> {
  const { personId, isAdmin } = viewer;
  const [found] = await findOfPerson(db, { assignmentId, personId, isAdmin });
  if (!found) throw new TRPCError({ code: "NOT_FOUND", message: GONE });
  return found;
}

/** Said to whoever sends something about a seat that is not theirs, or is no more. */
const GONE =
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. " +
  "Nothing was stored; what you wrote is still with you.";

/**
 * @param lock keeps the seat as it is until the transaction ends
 * @throws NOT_FOUND for every other rater's seats
 */
export async function findSeat(
  db: Db,
  { assignmentId, raterId }: SeatKey,
  lock?: "lock",
): Promise<FoundSeat> {
  const [found] = await (lock ? findLocked : findUnlocked)(db, { assignmentId, raterId });
  if (!found) throw new TRPCError({ code: "NOT_FOUND", message: GONE });
  return found;
}

/** For what only the holder of a live seat may do. */
async function lockHeldSeat(tx: Db, key: SeatKey): Promise<FoundSeat> {
  const seat = await findSeat(tx, key, "lock");
  if (!seat.isMine || seat.status !== "leased") throw conflict("You no longer hold this task.");
  return seat;
}

/** A seat the viewer holds, submitted, skipped or got back, with the answers given before. */
export async function openSeat(db: Db, key: SeatKey): Promise<BlindTask> {
  return db.transaction(async (tx) => {
    const seat = await findSeat(tx, key, "lock");
    if (!seat.isMine) throw conflict("You no longer hold this task.");
    return showSeat(tx, seat);
  });
}

/** What the rater sees. A later edit answers the form in force, so that questions added since are asked too. */
export async function showSeat(tx: Db, seat: FoundSeat): Promise<BlindTask> {
  const [shown] = await readSeats(tx, [seat.id]);
  if (seat.status === "leased") return blind(shown, await formQuestions(tx, drawnOn(shown).formVersionId));
  const [form, guidelines] = await Promise.all([
    currentForm(tx, seat.projectId),
    currentGuidelines(tx, seat.projectId),
  ]);
  return blind(
    {
      ...shown,
      formVersionId: form.id,
      guidelineVersionId: guidelines?.id ?? null,
      guidelineVersion: guidelines?.version ?? null,
    },
    form.questions,
  );
}

/** Declines a task. A fresh open seat takes the place of this one, and the rater never gets the task again. */
export async function skipSeat(
  db: Db,
  { reason, note, next, ...key }: z.infer<typeof skipSchema> & SeatKey,
): Promise<{ next: Claimed | null }> {
  const seat = await db.transaction(async (tx) => {
    const pass = await holdPass(tx, key.assignmentId);
    // The rater before the seat, as in a claim: a task of the qualification may be the last.
    await lockRater(tx, key.raterId);
    const held = await findSeat(tx, key, "lock");
    if (held.isMine && held.status === "skipped") return held;
    if (!held.isMine || held.status !== "leased") throw conflict("You no longer hold this task.");
    await tx
      .update(assignment)
      .set({ status: "skipped", leasedUntil: null, skipReason: reason, skipNote: note || null })
      .where(eq(assignment.id, held.id));
    if (held.apart) await passOver(tx, held);
    else await addOpenSeat(tx, held.id);
    if (pass) await settlePass(tx, pass.normingId);
    return held;
  });
  projectChanged(db, seat.projectId);
  return { next: next ? await claimSeats(db, { ...next, raterId: seat.raterId }) : null };
}

/** Gives a seat back untouched. */
export async function releaseSeat(db: Db, key: SeatKey): Promise<void> {
  await db.transaction(async (tx) => {
    const { id } = await lockHeldSeat(tx, key);
    await tx.update(assignment).set(opened).where(eq(assignment.id, id));
  });
}

/**
 * Gives back all seats that a person holds, in one project or in every: at sign-out, or when the person is disabled or
 * taken out of the project. Nobody waits for a lease that cannot be used any more.
 */
export async function releaseSeatsOf(
  db: Db,
  { personId, projectId }: { personId: string; projectId?: string },
): Promise<{ released: number }> {
  const raters = db.select({ id: rater.id }).from(rater).where(eq(rater.personId, personId));
  const released = await db
    .update(assignment)
    .set(opened)
    .where(
      and(
        eq(assignment.status, "leased"),
        sql`${assignment.raterId} in (${raters})`,
        projectId ? eq(assignment.projectId, projectId) : undefined,
      ),
    )
    .returning({ id: assignment.id });
  return { released: released.length };
}

/**
 * Gives everything back that waits for a person who never comes again: also what was sent back to them, and what is
 * kept for them.
 */
export async function releaseAllSeatsOf(tx: Db, { personId }: { personId: string }): Promise<number> {
  const theirs = sql`(select ${rater.id} from ${rater} where ${rater.personId} = ${personId})`;
  const { released } = await releaseSeatsOf(tx, { personId });
  const { count: reserved } = await tx
    .update(assignment)
    .set({ reservedFor: null })
    .where(sql`${assignment.reservedFor} in ${theirs}`);
  const returned = await replaceSeats(tx, sql`status = 'returned' and rater_id in ${theirs}`);
  return released + returned + reserved;
}

/** A sign of life: all seats that the rater holds are kept for another lease. */
export async function heartbeat(
  db: Db,
  { raterId }: { raterId: string },
): Promise<{ assignmentIds: string[]; leasedUntil: Date | null }> {
  const renewed = await db
    .update(assignment)
    .set({
      leasedUntil: sql`now() + make_interval(secs => (
        select ${project.leaseSeconds} from ${project} where ${project.id} = ${assignment.projectId}))`,
    })
    .where(and(eq(assignment.raterId, raterId), eq(assignment.status, "leased")))
    .returning({ id: assignment.id, leasedUntil: assignment.leasedUntil });
  return { assignmentIds: renewed.map(({ id }) => id), leasedUntil: renewed[0]?.leasedUntil ?? null };
}

/** Keeps one seat for another lease. */
export async function renewSeat(db: Db, key: SeatKey): Promise<{ leasedUntil: Date }> {
  return db.transaction(async (tx) => {
    const { id, leaseSeconds } = await lockHeldSeat(tx, key);
    const leasedUntil = new Date(Date.now() + leaseSeconds * 1000);
    await tx.update(assignment).set({ leasedUntil }).where(eq(assignment.id, id));
    return { leasedUntil };
  });
}
