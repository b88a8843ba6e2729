import { and, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import type { z } from "zod";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import {
  annotation,
  assignment,
  evaluationTask,
  gold,
  isToJudge,
  membership,
  norming,
  normingItem,
  normingRater,
  project,
  task,
} from "../../db/schema";
import type { normingPasses } from "../../db/shape/norming";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound } from "../errors";
import { pagesChanged } from "../event/changed";
import { raterOf } from "../rater/rater";
import { endPass } from "../seat/norming";
import { forgetPlaces } from "../seat/place";
import { insertTasks } from "../task/insert";
import type { repeatNormingSchema, startNormingSchema } from "./schema";

type Start = z.infer<typeof startNormingSchema> & { projectId: string };
type Pass = (typeof normingPasses)[number];

interface Key {
  projectId: string;
  normingId: string;
}

/** What a norming's raters talk about they judge no more: the tasks are taken out of the work. */
export interface Begun {
  id: string;
  items: number;
  raters: number;
  /** Other tasks on the same prompts, which are given out no more either. */
  withdrawn: number;
}

/**
 * Begins a norming: its raters get its items before all other tasks.
 * @throws BAD_REQUEST with what is wrong, by its place in the list; CONFLICT while another one runs
 */
export async function startNorming(
  db: Db,
  actor: Actor,
  { projectId, count, taskIds, personIds, dueAt, holdsWork }: Start,
): Promise<Begun> {
  const due = dueOf(dueAt);
  const begun = await db.transaction(async (tx) => {
    // One after the other: two at once would both find none.
    await tx.execute(sql`select from ${project} where ${project.id} = ${projectId} for no key update`);
    const running = and(eq(norming.projectId, projectId), isNull(norming.endedAt));
    if ((await tx.$count(norming, running)) > 0)
      throw conflict("A norming is running in this project. End it before another one begins.");
    const raterIds = await ratersFor(tx, { projectId, personIds });
    const [{ id }] = await tx
      .insert(norming)
      .values({ projectId, holdsWork, dueAt: due, startedBy: actor.personId })
      .returning({ id: norming.id });
    await tx.insert(normingRater).values(raterIds.map((raterId) => ({ normingId: id, raterId })));
    const drawn = taskIds
      ? await requireFresh(tx, { projectId, taskIds })
      : await draw(tx, { projectId, count: count ?? 0 });
    const withdrawn = await takeOut(tx, { projectId, normingId: id, pass: "before", taskIds: drawn });
    const counts = { items: drawn.length, raters: raterIds.length, withdrawn };
    await audit(tx, actor, {
      action: "norming.start",
      target: { kind: "project", id: projectId },
      projectId,
      after: { id, ...counts, holdsWork, dueAt: due?.toISOString() ?? null },
    });
    return { id, ...counts };
  });
  pagesChanged(db, projectId);
  return begun;
}

/** @throws BAD_REQUEST for a time that is over */
function dueOf(dueAt: string | undefined): Date | null {
  if (dueAt === undefined) return null;
  const due = new Date(dueAt);
  if (due.getTime() <= Date.now()) throw invalid("The end lies in the past: name a later time.");
  return due;
}

async function ratersFor(
  tx: Db,
  { projectId, personIds }: Pick<Start, "projectId" | "personIds">,
): Promise<string[]> {
  const members = await tx
    .select({ personId: membership.personId, role: membership.role })
    .from(membership)
    .where(eq(membership.projectId, projectId));
  for (const [index, personId] of (personIds ?? []).entries())
    if (!members.some((one) => one.personId === personId))
      throw invalid(`Person ${index + 1} (${personId}) is no member of this project. Add them first.`);
  const chosen =
    personIds ?? members.flatMap(({ personId, role }) => (role === "annotator" ? [personId] : []));
  const raterIds: string[] = [];
  for (const personId of new Set(chosen)) raterIds.push(await raterOf(tx, { projectId, personId }));
  if (raterIds.length < 2)
    throw invalid("A norming needs two raters at least: invite annotators, or name members who take part.");
  return raterIds;
}

/**
 * A condition: nobody has begun a task, or another one on its prompt, and none of them is in an evaluation, kept for
 * somebody, or known.
 */
const isFresh = sql`${isToJudge}
  and exists (select from ${assignment} where ${assignment.taskId} = ${task.id} and ${assignment.status} = 'open')
  and not exists (
    select from ${task} alike where alike.prompt_id = ${task.promptId} and (
      exists (select from ${assignment} where ${assignment.taskId} = alike.id
        and (${assignment.status} not in ('open', 'closed') or ${assignment.reservedFor} is not null))
      or exists (select from ${annotation} where ${annotation.taskId} = alike.id)
      or exists (select from ${evaluationTask} where ${evaluationTask.taskId} = alike.id)
      or exists (select from ${gold} where ${gold.taskId} = alike.id)
      or exists (select from ${normingItem} where ${normingItem.taskId} = alike.id)))`;

/** So many fresh tasks by chance, each on another prompt. */
async function draw(tx: Db, { projectId, count }: { projectId: string; count: number }): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from (
      select distinct on (${task.promptId}) ${task.id} as id from ${task}
      where ${task.projectId} = ${projectId} and ${isFresh} order by ${task.promptId}, random()
    ) one order by random() limit ${count}`);
  if (rows.length < count)
    throw invalid(
      `Only ${rows.length} prompts have tasks that nobody has begun, and ${count} were asked for. Ask for fewer, or add tasks.`,
    );
  return rows.map(({ id }) => id);
}

async function requireFresh(
  tx: Db,
  { projectId, taskIds }: { projectId: string; taskIds: readonly string[] },
): Promise<string[]> {
  const found = await tx
    .select({ id: task.id, promptId: task.promptId })
    .from(task)
    .where(and(eq(task.projectId, projectId), inArray(task.id, [...taskIds]), isFresh));
  const prompts = new Set<string>();
  for (const [index, id] of taskIds.entries()) {
    const one = found.find((fresh) => fresh.id === id);
    if (!one)
      throw invalid(
        `Task ${index + 1} (${id}) is none of this project that nobody has begun, that is kept for nobody and in no evaluation.`,
      );
    if (prompts.has(one.promptId))
      throw invalid(`Task ${index + 1} (${id}) is on the prompt of an earlier one.`);
    prompts.add(one.promptId);
  }
  return [...taskIds];
}

/** Makes tasks items of a pass. Nobody gets them, or others on their prompts, as work any more. */
async function takeOut(
  tx: Db,
  { projectId, normingId, pass, taskIds }: Key & { pass: Pass; taskIds: readonly string[] },
): Promise<number> {
  const onPrompts = sql`${task.promptId} in (select prompt_id from ${task} item where ${anyOf(sql`item.id`, taskIds)})`;
  const changed = await tx.execute<{ id: string }>(sql`
    update ${task} set overlap = 0 where ${task.projectId} = ${projectId} and ${onPrompts} and ${isToJudge}
    returning ${task.id} as id`);
  const theirs = anyOf(
    assignment.taskId,
    changed.map(({ id }) => id),
  );
  await tx
    .update(assignment)
    .set({ status: "closed" })
    .where(and(theirs, eq(assignment.status, "open")));
  const taken = await tx.$count(assignment, and(theirs, ne(assignment.status, "closed")));
  if (taken > 0) throw conflict("A rater took one of these tasks meanwhile. Try once more.");
  await addItems(tx, { normingId, pass, taskIds });
  forgetPlaces();
  return changed.length - taskIds.length;
}

async function addItems(
  tx: Db,
  { normingId, pass, taskIds }: { normingId: string; pass: Pass; taskIds: readonly string[] },
): Promise<void> {
  await tx
    .insert(normingItem)
    .values(taskIds.map((taskId, position) => ({ normingId, pass, taskId, position })));
}

/** @throws NOT_FOUND for one of another project */
async function hold(tx: Db, { projectId, normingId }: Key) {
  const [found] = await tx
    .select()
    .from(norming)
    .where(and(eq(norming.id, normingId), eq(norming.projectId, projectId)))
    .for("update");
  if (!found) throw notFound("The norming");
  return found;
}

/** Ends the first pass now, whoever is done: its raters see one another's answers. */
export async function openNorming(db: Db, actor: Actor, key: Key): Promise<void> {
  await db.transaction(async (tx) => {
    const { openedAt, endedAt } = await hold(tx, key);
    if (openedAt || endedAt) throw conflict("The first pass has ended already.");
    await endPass(tx, { ...key, pass: "before" });
    await note(tx, actor, key, "norming.open", {});
  });
  pagesChanged(db, key.projectId);
}

/** Begins the second pass: blind again, over the same items or over others. */
export async function repeatNorming(
  db: Db,
  actor: Actor,
  { set, dueAt, ...key }: Key & z.infer<typeof repeatNormingSchema>,
): Promise<{ items: number; withdrawn: number }> {
  const due = dueOf(dueAt);
  const { projectId, normingId } = key;
  const counts = await db.transaction(async (tx) => {
    const { openedAt, againAt, endedAt } = await hold(tx, key);
    if (endedAt) throw conflict("This norming has ended. Begin another one.");
    if (!openedAt) throw conflict("The first pass is still being judged. End it first.");
    if (againAt) throw conflict("The second pass has begun already.");
    const first = await tx
      .select({ task })
      .from(normingItem)
      .innerJoin(task, eq(task.id, normingItem.taskId))
      .where(eq(normingItem.normingId, normingId))
      .orderBy(sql`random()`);
    let withdrawn = 0;
    if (set === "parallel") {
      const taskIds = await draw(tx, { projectId, count: first.length });
      withdrawn = await takeOut(tx, { ...key, pass: "after", taskIds });
    } else {
      // Nobody has two seats on one task: the same responses once more are tasks of their own.
      const made = await insertTasks(tx, {
        projectId,
        tasks: first.map(({ task: { promptId, responseIds, language, domain, key: once } }) => ({
          ...{ promptId, responseIds, language, domain },
          key: `norming:${normingId}:${once}`,
          overlap: 0,
        })),
      });
      await addItems(tx, { normingId, pass: "after", taskIds: [...made.values()] });
    }
    await tx
      .update(norming)
      .set({ again: set, againAt: new Date(), dueAt: due })
      .where(eq(norming.id, normingId));
    const made = { items: first.length, withdrawn };
    await note(tx, actor, key, "norming.repeat", { set, ...made, dueAt: due?.toISOString() ?? null });
    return made;
  });
  pagesChanged(db, projectId);
  return counts;
}

/** Ends a norming, and with it the pass that is judged: its raters get other tasks. */
export async function endNorming(db: Db, actor: Actor, key: Key): Promise<void> {
  await db.transaction(async (tx) => {
    const { openedAt, endedAt } = await hold(tx, key);
    if (endedAt) return;
    if (!openedAt) await endPass(tx, { ...key, pass: "before" });
    await endPass(tx, { ...key, pass: "after" });
    await note(tx, actor, key, "norming.end", {});
  });
  pagesChanged(db, key.projectId);
}

const note = (
  tx: Db,
  actor: Actor,
  { projectId, normingId }: Key,
  action: "norming.open" | "norming.repeat" | "norming.end",
  after: Record<string, unknown>,
) =>
  audit(tx, actor, {
    action,
    target: { kind: "norming", id: normingId },
    projectId,
    after,
  });
