import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { annotation, assignment, guidelineVersion, markFact, preference, rater } from "@/db/schema";
import { recountPairs } from "@/server/judgement/pairs";
import { storeJudgements } from "@/server/judgement/store";
import { defaultQuestions } from "@/server/project/schema";
import { testDatabase } from "./database";
import { type Member, newKey, prefer, type Study, study } from "./study";

/** What is stored of a judgement is what its desk showed, and what is taken back leaves what was before. */

const database = await testDatabase();
const { db } = database;

async function claimOne({ caller }: Pick<Member, "caller">, { projectId }: Study) {
  const { tasks } = await caller.annotation.claim({ projectId });
  const [task] = tasks;
  if (!task) throw new Error("nothing to claim");
  return task;
}
const seatOf = async (id: string) => (await db.select().from(assignment).where(eq(assignment.id, id)))[0];
const revisionsOf = (id: string) =>
  db.select().from(annotation).where(eq(annotation.assignmentId, id)).orderBy(annotation.revision);
const currentOf = async (id: string) => (await revisionsOf(id)).filter(({ current }) => current);
const factsOf = async (id: string) => {
  const pairs = await db
    .select({ outcome: preference.outcome, annotationId: preference.annotationId })
    .from(preference)
    .innerJoin(annotation, eq(annotation.id, preference.annotationId))
    .where(eq(annotation.assignmentId, id));
  const marks = await db
    .select({ item: markFact.item, annotationId: markFact.annotationId })
    .from(markFact)
    .innerJoin(annotation, eq(annotation.id, markFact.annotationId))
    .where(eq(annotation.assignmentId, id));
  return { pairs, marks };
};
const fresh = () => ({ idempotencyKey: newKey() });

test("the guidelines and the form that are stored are those on the screen, and must be the project's", async () => {
  const of = await study(database, { tasks: 1, guidelines: "One." });
  const other = await study(database, { tasks: 0, guidelines: "Another project's." });
  const { projectId, manager } = of;
  const { caller } = await of.join();
  const { assignmentId, shown } = await claimOne({ caller }, of);
  await manager.caller.project.addGuidelines({ projectId, markdown: "Two." });
  const { guidelines } = await caller.annotation.desk({ projectId });
  expect(guidelines?.version).toBe(2);
  const read = { ...shown, guidelineVersionId: guidelines?.id ?? null };
  const submit = { assignmentId, answers: prefer("a") };

  const [foreign] = await db
    .select()
    .from(guidelineVersion)
    .where(eq(guidelineVersion.projectId, other.projectId));
  for (const wrong of [
    { ...shown, guidelineVersionId: foreign.id },
    { ...shown, formVersionId: foreign.id },
  ])
    await expect(caller.annotation.submit({ ...submit, ...fresh(), shown: wrong })).rejects.toThrow(
      /shown\..*VersionId: .* is no version of this project's/,
    );
  expect(await revisionsOf(assignmentId)).toEqual([]);

  await caller.annotation.submit({ ...submit, ...fresh(), shown: read });
  expect((await currentOf(assignmentId))[0].guidelineVersionId).toBe(guidelines?.id);

  // A revision, begun before the third version and another form came into force.
  const opened = await caller.annotation.open({ assignmentId });
  expect(opened.shown.guidelineVersionId).toBe(guidelines?.id);
  await manager.caller.project.addGuidelines({ projectId, markdown: "Three." });
  const options = ["yes", "no"].map((value) => ({ value, label: value }));
  const sure = { id: "sure", type: "choice" as const, label: "Sure?", options };
  await manager.caller.project.changeForm({ projectId, questions: [...defaultQuestions, sure] });
  await caller.annotation.revise({ ...submit, ...fresh(), answers: prefer("b"), shown: opened.shown });
  const { formVersionId, guidelineVersionId } = opened.shown;
  expect(await currentOf(assignmentId)).toMatchObject([{ revision: 2, formVersionId, guidelineVersionId }]);
});

test("an older tab's answer is read in the order that it shows, and an order nobody was shown is refused", async () => {
  const of = await study(database, { tasks: 1, overlap: 1 });
  const member = await of.join();
  const older = await claimOne(member, of);
  const { assignmentId } = older;
  const { order } = await seatOf(assignmentId);
  await member.caller.annotation.release({ assignmentId });
  const newer = await claimOne(member, of);
  expect(newer.shown.leasedAt).not.toBe(older.shown.leasedAt);
  await db.update(assignment).set({ order: order?.toReversed() }).where(eq(assignment.id, assignmentId));

  const given = { assignmentId, answers: prefer("a"), ...fresh() };
  const never = { ...older.shown, leasedAt: "2020-01-01T00:00:00.000Z" };
  await expect(member.caller.annotation.submit({ ...given, shown: never })).rejects.toThrow(
    /A and B may be exchanged/,
  );
  await member.caller.annotation.submit({ ...given, shown: older.shown });
  const [stored] = await currentOf(assignmentId);
  expect(stored.order).toEqual(order);
  expect(stored.answers).toEqual(prefer(order?.[0] === 0 ? "a" : "b"));
});

test("undo of a revision brings the earlier one back, with all that it states, and once however often it is asked", async () => {
  const of = await study(database, { tasks: 1, overlap: 1 });
  const { caller } = await of.join();
  const { assignmentId } = await claimOne({ caller }, of);
  const chips = { type: "text" as const, text: "", chips: ["correct"] };
  await caller.annotation.submit({ assignmentId, answers: { ...prefer("a"), rationale: chips }, ...fresh() });
  const [first] = await currentOf(assignmentId);
  const facts = await factsOf(assignmentId);
  expect(facts.marks).toHaveLength(1);
  const { idempotencyKey } = fresh();
  await caller.annotation.revise({ assignmentId, answers: prefer("b"), idempotencyKey });
  await of.manager.caller.review.exclude({
    projectId: of.projectId,
    annotationIds: (await currentOf(assignmentId)).map(({ id }) => id),
    reason: "Hasty.",
  });
  for (const _ of ["first", "again, because the answer was lost"])
    expect(await caller.annotation.undo({ assignmentId, idempotencyKey })).toMatchObject({
      answers: { ...prefer("a"), rationale: chips },
    });
  expect((await seatOf(assignmentId)).status).toBe("submitted");
  expect(await currentOf(assignmentId)).toEqual([
    { ...first, excludedAt: expect.any(Date), excludedReason: "Hasty." },
  ]);
  expect(await factsOf(assignmentId)).toEqual(facts);
  expect(await recountPairs(db, sql`true`)).toBe(0);
  expect((await revisionsOf(assignmentId)).map(({ withdrawnAt }) => withdrawnAt !== null)).toEqual([
    false,
    true,
  ]);
  // The next revision replaces what counts, and undo of it finds the way back past the one taken back.
  await caller.annotation.revise({ assignmentId, answers: prefer("b"), ...fresh() });
  await caller.annotation.undo({ assignmentId });
  expect((await currentOf(assignmentId)).map(({ id }) => id)).toEqual([first.id]);
  await caller.annotation.undo({ assignmentId });
  expect(await currentOf(assignmentId)).toEqual([]);
  expect((await seatOf(assignmentId)).status).toBe("leased");
});

test("undo of work done again leaves it sent back to the same rater, with the comment", async () => {
  const of = await study(database, { tasks: 1, overlap: 1 });
  const [{ caller }, other] = [await of.join(), await of.join()];
  const { projectId } = of;
  const { assignmentId } = await claimOne({ caller }, of);
  const { annotationId } = await caller.annotation.submit({ assignmentId, answers: prefer("a"), ...fresh() });
  const comment = "Look at the units.";
  await of.manager.caller.review.sendBack({ projectId, annotationIds: [annotationId], reason: comment });
  const before = { seat: await seatOf(assignmentId), judged: await currentOf(assignmentId) };
  await caller.annotation.revise({ assignmentId, answers: prefer("b"), ...fresh() });
  expect((await seatOf(assignmentId)).returnComment).toBeNull();
  expect(await caller.annotation.undo({ assignmentId })).toMatchObject({ returnComment: comment });
  expect({ seat: await seatOf(assignmentId), judged: await currentOf(assignmentId) }).toEqual(before);
  expect(await recountPairs(db, sql`true`)).toBe(0);
  expect((await other.caller.annotation.claim({ projectId })).tasks).toEqual([]);
  await caller.annotation.revise({ assignmentId, answers: prefer("b"), ...fresh() });
  expect((await currentOf(assignmentId))[0]).toMatchObject({ revision: 3, excludedAt: null });
});

test("times are moved by what the browser's clock is off, and no further than it takes to be true", async () => {
  const of = await study(database, { tasks: 2, overlap: 1 });
  const member = await of.join();
  const { assignmentId } = await claimOne(member, of);
  await db
    .update(assignment)
    .set({ leasedAt: new Date(Date.now() - 120_000) })
    .where(eq(assignment.id, assignmentId));
  // An hour ahead: 60 s ago it was shown, 20 s ago decided, 10 s ago submitted.
  const told = (secondsAgo: number) => new Date(Date.now() + 3_600_000 - secondsAgo * 1000).toISOString();
  await member.caller.annotation.submit({
    assignmentId,
    answers: prefer("a"),
    ...fresh(),
    shownAt: told(60),
    firstDecisionAt: told(20),
    submittedAt: told(10),
    sentAt: told(0),
  });
  const [{ shownAt, firstDecisionAt, submittedAt, createdAt }] = await currentOf(assignmentId);
  const ago = [shownAt, firstDecisionAt, submittedAt].map(
    (time) => (createdAt.getTime() - (time?.getTime() ?? Number.NaN)) / 1000,
  );
  expect(ago.map(Math.round)).toEqual([60, 20, 10]);

  const next = await claimOne(member, of);
  await member.caller.annotation.submit({
    assignmentId: next.assignmentId,
    answers: prefer("a"),
    ...fresh(),
    shownAt: "2030-01-01T00:00:00Z",
    firstDecisionAt: "2020-01-01T00:00:00Z",
  });
  const [odd] = await currentOf(next.assignmentId);
  const { leasedAt } = await seatOf(next.assignmentId);
  expect([odd.shownAt, odd.firstDecisionAt]).toEqual([leasedAt, leasedAt]);
});

test("a prompt on a desk is not deleted from under it; one that is gone is named to whoever comes late", async () => {
  const of = await study(database, { tasks: 1, overlap: 1 });
  const member = await of.join();
  const { projectId, manager } = of;
  const { assignmentId } = await claimOne(member, of);
  const [{ id: promptId }] = (await manager.caller.content.prompts({ projectId })).items;
  const remove = () => manager.caller.content.deletePrompts({ projectId, promptIds: [promptId] });
  await expect(remove()).rejects.toThrow(/1 of these prompts lie on raters' desks\. Withdraw/);
  await db
    .update(assignment)
    .set({ leasedUntil: new Date(Date.now() - 1000) })
    .where(eq(assignment.id, assignmentId));
  expect(await remove()).toEqual({ deleted: 1 });
  const late = member.caller.annotation.submit({ assignmentId, answers: prefer("a"), ...fresh() });
  await expect(late).rejects.toThrow(/Its prompt was deleted .* what you wrote is still with you/);
});

test("nobody counts twice on a task: not a model that judges again, nor whoever decided it", async () => {
  const of = await study(database, { tasks: 1, overlap: 2 });
  const { projectId, manager } = of;
  const { caller } = await of.join();
  const { assignmentId } = await claimOne({ caller }, of);
  await caller.annotation.submit({ assignmentId, answers: prefer("a"), ...fresh() });
  const [judged] = await currentOf(assignmentId);
  const { promptId } = (await manager.caller.task.list({ projectId })).items[0];
  const [{ id: raterId }] = await db
    .insert(rater)
    .values({ projectId, kind: "model", name: "Judge", externalId: "judge" })
    .returning();
  const { taskId, formVersionId, order } = judged;
  const given = {
    taskId,
    promptId,
    raterId,
    assignmentId: null,
    origin: "model" as const,
    formVersionId,
    order,
  };
  const judgement = {
    ...given,
    answers: prefer("b"),
    facts: { preferences: [], marks: [] },
    submittedAt: new Date(),
  };
  const judge = () => db.transaction((tx) => storeJudgements(tx, { projectId, judgements: [judgement] }));
  await judge();
  await expect(judge()).rejects.toThrow(/has judged one of these tasks already/);

  await manager.caller.review.adjudicate({ projectId, taskId, answers: prefer("a"), reason: "Clear." });
  expect((await manager.caller.annotation.claim({ projectId })).nothing).toBe("not_for_you");
});

test("who withdrew consent gets no task and fills no seat; others do the work, and consent brings everything back", async () => {
  const of = await study(database, { tasks: 3, overlap: 1 });
  const { projectId, manager } = of;
  const [{ caller }, other] = [await of.join(), await of.join()];
  const submit = async (by: Pick<Member, "caller">) => {
    const { assignmentId } = await claimOne(by, of);
    const { annotationId } = await by.caller.annotation.submit({
      assignmentId,
      answers: prefer("a"),
      ...fresh(),
    });
    return { assignmentId, annotationId };
  };
  const [first, second] = [await submit({ caller }), await submit({ caller })];
  await manager.caller.review.sendBack({ projectId, annotationIds: [second.annotationId], reason: "Why?" });
  const third = await claimOne({ caller }, of);
  const before = await db.select().from(assignment).where(eq(assignment.projectId, projectId));
  const [{ raterId }] = await revisionsOf(first.assignmentId);
  const consent = (withdrawn: boolean) => manager.caller.model.setConsent({ projectId, raterId, withdrawn });

  expect((await other.caller.annotation.claim({ projectId })).tasks).toEqual([]);
  await consent(true);
  expect((await caller.annotation.claim({ projectId })).nothing).toBe("no_consent");
  const late = caller.annotation.submit({
    assignmentId: third.assignmentId,
    answers: prefer("a"),
    ...fresh(),
  });
  await expect(late).rejects.toThrow(/consent .* is withdrawn, so nothing was stored/);
  await expect(
    manager.caller.review.sendBack({ projectId, annotationIds: [first.annotationId], reason: "Why?" }),
  ).rejects.toThrow(/1 of these judgements are by raters who withdrew/);
  const done = await submit(other);
  const open = () =>
    db.$count(assignment, and(eq(assignment.projectId, projectId), eq(assignment.status, "open")));
  expect(await open()).toBe(2);

  // The first task, judged by another meanwhile, keeps both judgements; of the others all is as it was.
  await consent(false);
  const after = new Map((await db.select().from(assignment)).map((seat) => [seat.id, seat]));
  const mine = before.filter(({ id }) => id !== third.assignmentId);
  expect(mine.map(({ id }) => after.get(id))).toEqual(mine);
  expect([done.assignmentId, third.assignmentId].map((id) => after.get(id)?.status)).toEqual([
    "submitted",
    "open",
  ]);
  expect(await open()).toBe(1);
  const opened = await caller.annotation.open({ assignmentId: second.assignmentId });
  expect(opened.returnComment).toBe("Why?");
});
