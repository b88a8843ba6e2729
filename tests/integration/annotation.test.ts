import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { annotation, assignment, preference, rater } from "@/db/schema";
import { defaultQuestions } from "@/server/project/schema";
import { UNDO_SECONDS } from "@/server/seat/schema";
import { testDatabase } from "./database";
import { type Member, newKey, prefer, type Study, someone, study } from "./study";

const database = await testDatabase();
const { db } = database;

async function claimOne({ caller }: Member, { projectId }: Study) {
  const { tasks } = await caller.annotation.claim({ projectId });
  const [task] = tasks;
  if (!task) throw new Error("nothing to claim");
  return task;
}

const seatOf = async (id: string) => (await db.select().from(assignment).where(eq(assignment.id, id)))[0];
const revisionsOf = (id: string) =>
  db.select().from(annotation).where(eq(annotation.assignmentId, id)).orderBy(annotation.revision);
const preferencesOf = (id: string) =>
  db
    .select({
      outcome: preference.outcome,
      annotationId: preference.annotationId,
      aShownFirst: preference.aShownFirst,
    })
    .from(preference)
    .innerJoin(annotation, eq(annotation.id, preference.annotationId))
    .where(eq(annotation.assignmentId, id));

test("a task reaches the rater blind, and the answer is stored in canonical order with what was shown", async () => {
  const of = await study(database, { guidelines: "Prefer what is true." });
  const member = await of.join();
  const task = await claimOne(member, of);
  const text = JSON.stringify(task);
  expect(text).not.toMatch(/model-\d/);
  const [source] = await db.execute<{ response_ids: string[]; prompt_id: string }>(
    sql`select t.response_ids, t.prompt_id from task t join assignment a on a.task_id = t.id
      where a.id = ${task.assignmentId}`,
  );
  for (const id of [...source.response_ids, source.prompt_id]) expect(text).not.toContain(id);
  expect(Object.keys(task.responses[0])).toEqual(["content"]);

  const seat = await seatOf(task.assignmentId);
  const swapped = seat.order?.[0] === 1;
  expect(task.responses[0].content).toMatch(swapped ? /^Reply 1/ : /^Reply 0/);

  const shownAt = new Date(Date.now() - 40_000).toISOString();
  await db
    .update(assignment)
    .set({ leasedAt: new Date(Date.now() - 60_000) })
    .where(eq(assignment.id, task.assignmentId));
  const given = { assignmentId: task.assignmentId, answers: prefer("a", 3), idempotencyKey: newKey() };
  const prompt = { share: 1, ms: 9000 };
  const [left, right] = [
    { share: 0.25, ms: 3000 },
    { share: 1, ms: 5000 },
  ];
  const sent = {
    ...given,
    shownAt,
    visibleMs: 38_000,
    inView: { prompt, responses: [left, right] },
    flagReason: "Is this a duplicate?",
  };
  const half = { ...sent, inView: { prompt, responses: [left] } };
  await expect(member.caller.annotation.submit(half)).rejects.toThrow(
    "inView.responses has 1 entries, and 2 responses were shown.",
  );
  const first = await member.caller.annotation.submit(sent);
  const again = await member.caller.annotation.submit(sent);
  expect(again).toMatchObject({ annotationId: first.annotationId, duplicate: true });

  const [stored, ...others] = await revisionsOf(task.assignmentId);
  expect(others).toEqual([]);
  expect(stored).toMatchObject({
    answers: prefer(swapped ? "b" : "a", 3),
    order: seat.order,
    visibleMs: 38_000,
    inView: { prompt, responses: swapped ? [right, left] : [left, right] },
    flagReason: "Is this a duplicate?",
    origin: "desk",
    shownAt: new Date(shownAt),
  });
  expect(stored.guidelineVersionId).not.toBeNull();
  expect(await preferencesOf(task.assignmentId)).toEqual([
    { outcome: swapped ? "b" : "a", annotationId: stored.id, aShownFirst: !swapped },
  ]);
});

test("bad answers are refused with every problem, and change nothing", async () => {
  const of = await study(database);
  const member = await of.join();
  const { assignmentId } = await claimOne(member, of);
  const answers = { ...prefer("a"), rationale: { type: "text" as const, text: "", chips: ["nonsense"] } };
  const submit = member.caller.annotation.submit({ assignmentId, answers, idempotencyKey: newKey() });
  await expect(submit).rejects.toThrow('Why?: "nonsense" is not one of the reasons.');
  expect(await revisionsOf(assignmentId)).toEqual([]);
  expect((await seatOf(assignmentId)).status).toBe("leased");
});

test("undo gives the seat back with the answers, in the same order; then a new revision counts", async () => {
  const of = await study(database, { tasks: 1 });
  const member = await of.join();
  const { assignmentId, responses } = await claimOne(member, of);
  await member.caller.annotation.submit({ assignmentId, answers: prefer("a"), idempotencyKey: newKey() });
  const undone = await member.caller.annotation.undo({ assignmentId });
  expect(undone).toMatchObject({ assignmentId, responses, answers: prefer("a") });
  expect(await preferencesOf(assignmentId)).toEqual([]);
  const { revision } = await member.caller.annotation.submit({
    assignmentId,
    answers: prefer("b"),
    idempotencyKey: newKey(),
  });
  expect(revision).toBe(2);
  expect(
    (await revisionsOf(assignmentId)).map(({ current, withdrawnAt }) => [current, withdrawnAt !== null]),
  ).toEqual([
    [false, true],
    [true, false],
  ]);
  expect(await preferencesOf(assignmentId)).toHaveLength(1);

  await db
    .update(annotation)
    .set({ createdAt: new Date(Date.now() - (UNDO_SECONDS + 1) * 1000) })
    .where(eq(annotation.assignmentId, assignmentId));
  await expect(member.caller.annotation.undo({ assignmentId })).rejects.toThrow(/Undo works for/);
});

test("a later edit is a new revision that answers the form in force", async () => {
  const of = await study(database, { tasks: 1 });
  const member = await of.join();
  const { assignmentId } = await claimOne(member, of);
  await member.caller.annotation.submit({ assignmentId, answers: prefer("a"), idempotencyKey: newKey() });
  const { projectId } = of;
  const sure = { id: "sure", type: "choice" as const, label: "Sure?", options: ["yes", "no"].map(option) };
  await of.manager.caller.project.changeForm({ projectId, questions: [...defaultQuestions, sure] });

  expect((await member.caller.annotation.open({ assignmentId })).questions.map(({ id }) => id)).toContain(
    "sure",
  );
  const edit = { assignmentId, answers: prefer("b"), idempotencyKey: newKey() };
  await expect(member.caller.annotation.revise(edit)).rejects.toThrow("Sure?: An answer is required.");
  const answers = { ...prefer("b"), sure: { type: "choice" as const, values: [["yes"]] } };
  const revised = await member.caller.annotation.revise({ ...edit, answers });
  expect(revised).toMatchObject({ revision: 2, duplicate: false });
  expect(await member.caller.annotation.revise({ ...edit, answers })).toMatchObject({
    revision: 2,
    duplicate: true,
  });
  expect((await revisionsOf(assignmentId)).map(({ current }) => current)).toEqual([false, true]);
  expect(await preferencesOf(assignmentId)).toHaveLength(1);

  const { items } = await member.caller.annotation.history({ projectId });
  expect(items).toMatchObject([{ assignmentId, status: "submitted", revision: 2, answers }]);
});

const option = (value: string) => ({ value, label: value });

test("a seat belongs to its rater: strangers, former members and other raters find nothing", async () => {
  const of = await study(database);
  const [member, other, stranger] = [await of.join(), await of.join(), await someone(database)];
  const { assignmentId } = await claimOne(member, of);
  const given = { assignmentId, answers: prefer("a"), idempotencyKey: newKey() };
  for (const { caller } of [other, stranger]) {
    await expect(caller.annotation.submit(given)).rejects.toThrow("The assignment was not found.");
    await expect(caller.annotation.skip({ assignmentId, reason: "x" })).rejects.toThrow("was not found");
    await expect(caller.annotation.open({ assignmentId })).rejects.toThrow("was not found");
  }
  await expect(stranger.caller.annotation.claim({ projectId: of.projectId })).rejects.toThrow(
    "was not found",
  );
  await db.execute(sql`delete from membership where person_id = ${member.viewer.personId}`);
  await expect(member.caller.annotation.submit(given)).rejects.toThrow("The assignment was not found.");
});

test("orders are balanced over the raters of a task and over each rater's day", async () => {
  const of = await study(database, { tasks: 60, overlap: 2 });
  const raters = [await of.join(), await of.join()];
  for (const { caller } of raters) {
    let { tasks } = await caller.annotation.claim({ projectId: of.projectId });
    while (tasks.length > 0) {
      const { next } = await caller.annotation.submit({
        assignmentId: tasks[0].assignmentId,
        answers: prefer("a"),
        idempotencyKey: newKey(),
        next: { hold: 1 },
      });
      tasks = next?.tasks ?? [];
    }
  }
  const rows = await db
    .select({ taskId: assignment.taskId, raterId: rater.id, order: assignment.order })
    .from(assignment)
    .innerJoin(rater, eq(rater.id, assignment.raterId))
    .where(eq(assignment.projectId, of.projectId));
  expect(rows).toHaveLength(120);
  for (const raterId of new Set(rows.map((row) => row.raterId))) {
    const firsts = rows.filter((row) => row.raterId === raterId && row.order?.[0] === 0).length;
    // By chance 60 draws lie outside 30 ± 8 once in 25 times; balanced, 10,000 simulated days stayed within 4.
    expect(Math.abs(firsts - 30)).toBeLessThanOrEqual(8);
  }
  const byTask = new Map<string, number>();
  for (const { taskId, order } of rows) byTask.set(taskId, (byTask.get(taskId) ?? 0) + (order?.[0] ?? 0));
  const opposite = [...byTask.values()].filter((sum) => sum === 1).length;
  // Independent coins give 30 of 60 or fewer every other time; balanced, 5 of 10,000 simulated studies did.
  expect(opposite).toBeGreaterThan(30);
});

test("the annotator's own page counts the day, and finds what was sent back", async () => {
  const of = await study(database, { tasks: 3 });
  const member = await of.join();
  const { projectId } = of;
  for (const visibleMs of [10_000, 20_000, 60_000]) {
    const { assignmentId } = await claimOne(member, of);
    await member.caller.annotation.submit({
      assignmentId,
      answers: prefer("a"),
      idempotencyKey: newKey(),
      visibleMs,
    });
  }
  const desk = await member.caller.annotation.desk({ projectId, timeZone: "Asia/Tokyo" });
  expect(desk).toMatchObject({ today: 3, total: 3, medianSeconds: 20, returned: 0 });
  const page = await member.caller.annotation.history({ projectId, limit: 2 });
  const rest = await member.caller.annotation.history({
    projectId,
    limit: 2,
    cursor: page.nextCursor ?? undefined,
  });
  expect(new Set([...page.items, ...rest.items].map((row) => row.assignmentId)).size).toBe(3);
  expect(rest.nextCursor).toBeNull();
  await expect(member.caller.annotation.desk({ projectId, timeZone: "Mars/Olympus" })).rejects.toThrow(
    "time zone",
  );
});
