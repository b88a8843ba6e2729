import { createHash } from "node:crypto";
import { and, desc, eq, inArray, isNull, ne } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { annotation, curation, gold, normingItem, prompt, rater, response, task } from "../../db/schema";
import { type Actor, audit } from "../audit/audit";
import { noteSeen, seenSince } from "../blindness/seen";
import { conflict, forbidden, invalid, notFound } from "../errors";
import { projectChanged } from "../event/changed";
import { answerProblems, reasonIn } from "../form/answers";
import { currentForm } from "../form/versions";
import { factsOf } from "../judgement/facts";
import { restore, retire } from "../judgement/retire";
import { storeJudgements } from "../judgement/store";
import { raterOf } from "../rater/rater";
import type { adjudicationSchema, Dispute } from "./schema";

interface Key {
  projectId: string;
  taskId: string;
  /** Who decides. */
  personId: string;
}

/**
 * @throws CONFLICT where the answer is known
 * @throws FORBIDDEN for whoever has judged the task
 */
async function requireOpen(db: Db, { taskId, personId }: Key): Promise<void> {
  if ((await db.$count(gold, eq(gold.taskId, taskId))) > 0)
    throw conflict("The answer to this task is known: it is a gold item. Change the item instead.");
  if ((await db.$count(normingItem, eq(normingItem.taskId, taskId))) > 0)
    throw conflict("This task is an item of a norming: its judgements are practice, and decide nothing.");
  const mine = db.select({ id: rater.id }).from(rater).where(eq(rater.personId, personId));
  const own = and(
    eq(annotation.taskId, taskId),
    inArray(annotation.raterId, mine),
    ne(annotation.origin, "adjudication"),
    eq(annotation.current, true),
  );
  if ((await db.$count(annotation, own)) > 0)
    throw forbidden("You have judged this task yourself: somebody else has to decide it.");
}

/**
 * A task as whoever decides it sees it at first: what raters were shown, neither how they judged nor where the responses
 * came from. The order is drawn for this person and task, and stays.
 */
export async function disputeOf(db: Db, key: Key): Promise<Dispute> {
  const { projectId, taskId } = key;
  const [found] = await db
    .select({ task, prompt })
    .from(task)
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(and(eq(task.id, taskId), eq(task.projectId, projectId)));
  if (!found) throw notFound("The task");
  await requireOpen(db, key);
  const { responseIds, language, domain } = found.task;
  const [replies, form, seenAt] = await Promise.all([
    db
      .select({ id: response.id, content: response.content })
      .from(response)
      .where(inArray(response.id, responseIds)),
    currentForm(db, projectId),
    seenSince(db, key),
  ]);
  const contents = new Map(replies.map(({ id, content }) => [id, content]));
  const order = drawnFor(key, responseIds.length);
  return {
    taskId,
    prompt: { messages: found.prompt.messages, tools: found.prompt.tools, language, domain },
    responses: order.map((index) => ({ content: contents.get(responseIds[index]) ?? "" })),
    order,
    questions: form.questions,
    seenAt,
  };
}

/** Uniform over all orders, and always the same for one person and task: a page that is loaded again shows it as before. */
function drawnFor({ taskId, personId }: Key, k: number): number[] {
  const drawn = (index: number) =>
    createHash("sha256").update(`${taskId} ${personId} ${index}`).digest("hex");
  return Array.from({ length: k }, (_, index) => ({ index, place: drawn(index) }))
    .sort((one, other) => (one.place < other.place ? -1 : 1))
    .map(({ index }) => index);
}

/**
 * Decides a task. The decision takes no seat; a later one replaces it, and both are kept, with whether they were made
 * blind. Its reason is what was written as one in the answers, where no other is given.
 */
export async function adjudicate(
  db: Db,
  actor: Actor,
  { answers, order, reason, ...key }: Key & z.infer<typeof adjudicationSchema>,
): Promise<{ annotationId: string }> {
  const { projectId, taskId, personId } = key;
  return db.transaction(async (tx) => {
    const [decided] = await tx
      .select()
      .from(task)
      .where(and(eq(task.id, taskId), eq(task.projectId, projectId)))
      .for("no key update");
    if (!decided) throw notFound("The task");
    await requireOpen(tx, key);
    const { promptId, responseIds } = decided;
    const places = responseIds.map((_, index) => index);
    if (order && places.some((place) => !order.includes(place)))
      throw invalid(
        `order is not one of the ${places.length} responses: give each of ${places.join(", ")} once.`,
      );
    const form = await currentForm(tx, projectId);
    const { questions } = form;
    const problems = answerProblems(questions, responseIds.length, answers);
    if (problems.length > 0) throw invalid(problems.map(({ message }) => message).join(" "));
    const earlier = await tx
      .select({ id: annotation.id, revision: annotation.revision })
      .from(annotation)
      .where(
        and(
          eq(annotation.taskId, taskId),
          eq(annotation.origin, "adjudication"),
          eq(annotation.current, true),
        ),
      );
    await retire(tx, { annotationIds: earlier.map(({ id }) => id), withdrawn: false });
    const raterId = await raterOf(tx, { projectId, personId });
    const seenAt = await seenSince(tx, key);
    // Whoever decides takes no seat of the task any more.
    await noteSeen(tx, { personId, shown: [{ taskId }], byDeciding: true });
    const [annotationId] = await storeJudgements(tx, {
      projectId,
      judgements: [
        {
          taskId,
          promptId,
          raterId,
          assignmentId: null,
          origin: "adjudication",
          revision: (earlier[0]?.revision ?? 0) + 1,
          answers,
          facts: factsOf({ questions, answers, order: order ?? null, responseIds }),
          order: order ?? places,
          formVersionId: form.id,
          submittedAt: new Date(),
        },
      ],
    });
    const why = reason ?? reasonIn(questions, answers)?.slice(0, 2000) ?? "";
    await tx.insert(curation).values({
      projectId,
      taskId,
      annotationId,
      action: "adjudicate",
      reason: why,
      seenAt,
      personId: actor.personId,
    });
    await audit(tx, actor, {
      action: "review.adjudicate",
      target: { kind: "task", id: taskId },
      projectId,
      after: { annotationId, answers, reason: why, blind: seenAt === null },
    });
    projectChanged(db, projectId);
    return { annotationId };
  });
}

/**
 * Takes back a decision of one's own: the task is as disputed as it was, or decided as it was before. Nothing is
 * forgotten of it: it stays among the decisions, as taken back.
 * @throws CONFLICT where it decides nothing any more, or another made it
 */
export async function undoDecision(
  db: Db,
  actor: Actor,
  { projectId, taskId, personId, annotationId }: Key & { annotationId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [decided] = await tx
      .select()
      .from(task)
      .where(and(eq(task.id, taskId), eq(task.projectId, projectId)))
      .for("no key update");
    if (!decided) throw notFound("The task");
    await requireOpen(tx, { projectId, taskId, personId });
    const isDecision = and(eq(annotation.taskId, taskId), eq(annotation.origin, "adjudication"));
    const [undone] = await tx
      .select({ annotation, personId: rater.personId })
      .from(annotation)
      .innerJoin(rater, eq(rater.id, annotation.raterId))
      .where(and(isDecision, eq(annotation.id, annotationId)));
    if (!undone) throw notFound("The decision");
    // The request came before: its answer was lost on the way.
    if (undone.annotation.withdrawnAt) return;
    if (undone.personId !== personId)
      throw conflict(
        "Another person decided this task. Decide it anew instead: your decision replaces theirs.",
      );
    if (!undone.annotation.current)
      throw conflict("Another decision has replaced this one since. Decide the task anew instead.");
    await retire(tx, { annotationIds: [annotationId], withdrawn: true });
    const [earlier] = await tx
      .select()
      .from(annotation)
      .where(and(isDecision, isNull(annotation.withdrawnAt)))
      .orderBy(desc(annotation.revision))
      .limit(1);
    if (earlier) await restore(tx, decided, earlier);
    await audit(tx, actor, {
      action: "review.undoDecision",
      target: { kind: "task", id: taskId },
      projectId,
      before: { annotationId },
      after: { annotationId: earlier?.id ?? null },
    });
    projectChanged(db, projectId);
  });
}
