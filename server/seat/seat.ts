import { and, eq, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { statement } from "../../db/prepared";
import {
  assignment,
  type assignmentStatus,
  type LapsedLease,
  membership,
  project,
  rater,
  task,
} from "../../db/schema";
import { conflict, notFound } from "../errors";
import { projectChanged } from "../event/changed";
import { currentForm, formQuestions } from "../form/versions";
import type { Viewer } from "../trpc";
import { blind, readSeats } from "./blind";
import { claimSeats, rememberLapsed } from "./claim";
import type { BlindTask, Claimed, skipSchema } from "./schema";

export interface MySeat {
  assignmentId: string;
  viewer: Viewer;
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
  /** What this rater was shown on it before it lapsed, if it did. */
  lapsed: LapsedLease | null;
  priority: number;
  position: number;
  language: string | null;
  domain: string | null;
  /** False when it went to nobody or to another rater. */
  isMine: boolean;
  raterId: string;
  promptId: string;
  /** The task's canonical order. */
  responseIds: string[];
  leaseSeconds: number;
  selection: (typeof project.$inferSelect)["selection"];
}

const find = (locked: boolean) =>
  statement<FoundSeat>(
    sql`select ${assignment.id} as id, ${assignment.projectId} as "projectId", ${assignment.taskId} as "taskId",
        ${assignment.status} as status, ${assignment.order} as "order",
        ${assignment.formVersionId} as "formVersionId", ${assignment.guidelineVersionId} as "guidelineVersionId",
        (select entry from jsonb_array_elements(${assignment.lapsed}) as entry
          where entry->>'raterId' = ${rater.id}::text limit 1) as lapsed, ${assignment.priority} as priority,
        ${assignment.position}::float8 as position, ${assignment.language} as language,
        ${assignment.domain} as domain, ${assignment.raterId} is not distinct from ${rater.id} as "isMine",
        ${rater.id} as "raterId", ${task.promptId} as "promptId", ${task.responseIds} as "responseIds",
        ${project.leaseSeconds} as "leaseSeconds", ${project.selection} as selection
      from ${assignment}
      join ${task} on ${task.id} = ${assignment.taskId}
      join ${project} on ${project.id} = ${assignment.projectId}
      join ${rater} on ${rater.projectId} = ${assignment.projectId}
        and ${rater.personId} = ${sql.placeholder("personId")}
      where ${assignment.id} = ${sql.placeholder("assignmentId")}
        and (${assignment.raterId} = ${rater.id} or ${assignment.lapsed} @> jsonb_build_array(jsonb_build_object('raterId', ${rater.id})))
        and (${sql.placeholder("isAdmin")}::boolean or exists (select from ${membership}
          where ${membership.projectId} = ${assignment.projectId}
            and ${membership.personId} = ${sql.placeholder("personId")}))
      ${locked ? sql`for update of ${assignment}` : sql``}`,
  );
const findUnlocked = find(false);
const findLocked = find(true);

/**
 * @param lock keeps the seat as it is until the transaction ends
 * @throws NOT_FOUND for everybody else's seats, and for those who are no longer in the project
 */
export async function findSeat(db: Db, { assignmentId, viewer }: MySeat, lock?: "lock"): Promise<FoundSeat> {
  const { personId, isAdmin } = viewer;
  const [found] = await (lock ? findLocked : findUnlocked)(db, { assignmentId, personId, isAdmin });
  if (!found) throw notFound("The assignment");
  return found;
}

/** For what only the holder of a live seat may do. */
async function lockHeldSeat(tx: Db, key: MySeat): Promise<FoundSeat> {
  const seat = await findSeat(tx, key, "lock");
  if (!seat.isMine || seat.status !== "leased") throw conflict("You no longer hold this task.");
  return seat;
}

/** A seat the viewer holds, submitted, skipped or got back, with the answers given before. */
export async function openSeat(db: Db, key: MySeat): Promise<BlindTask> {
  return db.transaction(async (tx) => {
    const seat = await findSeat(tx, key, "lock");
    if (!seat.isMine) throw conflict("You no longer hold this task.");
    return showSeat(tx, seat);
  });
}

/** What the rater sees. A later edit answers the form in force, so that questions added since are asked too. */
export async function showSeat(tx: Db, seat: FoundSeat): Promise<BlindTask> {
  if (!seat.formVersionId || !seat.order) throw new Error(`The seat ${seat.id} was leased without an order.`);
  const [shown] = await readSeats(tx, [seat.id]);
  const questions =
    seat.status === "leased"
      ? await formQuestions(tx, seat.formVersionId)
      : (await currentForm(tx, seat.projectId)).questions;
  return blind(shown, questions, seat.order);
}

/** Declines a task. A fresh open seat takes the place of this one, and the rater never gets the task again. */
export async function skipSeat(
  db: Db,
  { reason, note, next, ...key }: z.infer<typeof skipSchema> & MySeat,
): Promise<{ next: Claimed | null }> {
  const seat = await db.transaction(async (tx) => {
    const held = await findSeat(tx, key, "lock");
    if (held.isMine && held.status === "skipped") return held;
    if (!held.isMine || held.status !== "leased") throw conflict("You no longer hold this task.");
    await tx
      .update(assignment)
      .set({ status: "skipped", leasedUntil: null, skipReason: reason, skipNote: note || null })
      .where(eq(assignment.id, held.id));
    await addOpenSeat(tx, held);
    return held;
  });
  projectChanged(db, seat.projectId);
  const { personId } = key.viewer;
  return { next: next ? await claimSeats(db, { ...next, projectId: seat.projectId, personId }) : null };
}

/** A seat for anyone, in the queue where the given one was. */
export async function addOpenSeat(
  tx: Db,
  { projectId, taskId, priority, position, language, domain }: FoundSeat,
): Promise<void> {
  await tx.insert(assignment).values({ projectId, taskId, priority, position, language, domain });
}

/** What turns a leased seat into an open one; its rater may still submit while it stays free. */
const opened = {
  status: "open" as const,
  raterId: null,
  leasedUntil: null,
  lapsed: rememberLapsed(),
  order: null,
};

/** Gives a seat back untouched. */
export async function releaseSeat(db: Db, key: MySeat): Promise<void> {
  await db.transaction(async (tx) => {
    const { id } = await lockHeldSeat(tx, key);
    await tx.update(assignment).set(opened).where(eq(assignment.id, id));
  });
}

/** Gives back all seats a person holds, in every project: at sign-out, or when a person is disabled. */
export async function releaseAll(db: Db, { personId }: { personId: string }): Promise<{ released: number }> {
  const released = await db
    .update(assignment)
    .set(opened)
    .where(heldBy(db, personId))
    .returning({ id: assignment.id });
  return { released: released.length };
}

function heldBy(db: Db, personId: string): SQL | undefined {
  const raters = db.select({ id: rater.id }).from(rater).where(eq(rater.personId, personId));
  return and(eq(assignment.status, "leased"), sql`${assignment.raterId} in (${raters})`);
}

/** A sign of life: all seats the rater holds in the project are kept for another lease. */
export async function heartbeat(
  db: Db,
  { projectId, personId }: { projectId: string; personId: string },
): Promise<{ assignmentIds: string[]; leasedUntil: Date | null }> {
  const renewed = await db
    .update(assignment)
    .set({
      leasedUntil: sql`now() + make_interval(secs => (
      select ${project.leaseSeconds} from ${project} where ${project.id} = ${projectId}))`,
    })
    .where(and(eq(assignment.projectId, projectId), heldBy(db, personId)))
    .returning({ id: assignment.id, leasedUntil: assignment.leasedUntil });
  return { assignmentIds: renewed.map(({ id }) => id), leasedUntil: renewed[0]?.leasedUntil ?? null };
}

/** Keeps one seat for another lease. */
export async function renewSeat(db: Db, key: MySeat): Promise<{ leasedUntil: Date }> {
  return db.transaction(async (tx) => {
    const { id, leaseSeconds } = await lockHeldSeat(tx, key);
    const leasedUntil = new Date(Date.now() + leaseSeconds * 1000);
    await tx.update(assignment).set({ leasedUntil }).where(eq(assignment.id, id));
    return { leasedUntil };
  });
}
