import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { annotation, preference, rater } from "@/db/schema";
import { testDatabase } from "./database";
import { fileOf, linesOf } from "./preference-file";
import { type Member, newKey, prefer, type Study, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

/** Judges the next task; `outcome` and the answer's place are in canonical order, whatever is shown. */
async function judge(
  { caller }: Member,
  { projectId }: Study,
  outcome: "a" | "b",
  level = 2,
  flagReason?: string,
) {
  const { tasks } = await caller.annotation.claim({ projectId });
  const [{ assignmentId, responses }] = tasks;
  const swapped = responses[0].content.startsWith("Reply 1");
  const shown = swapped ? (outcome === "a" ? "b" : "a") : outcome;
  const answers = prefer(shown, level);
  const { annotationId } = await caller.annotation.submit({
    assignmentId,
    answers,
    idempotencyKey: newKey(),
    flagReason,
    visibleMs: 30_000,
  });
  return { annotationId, assignmentId };
}

/** Three tasks, three raters: task 0 is agreed on, task 1 by two of three, task 2 is judged once. */
async function judgedStudy() {
  const of = await study(database, { tasks: 3, overlap: 3 });
  const raters = [await of.join(), await of.join(), await of.join()];
  const [first, second, third] = raters;
  await judge(first, of, "a", 3);
  await judge(second, of, "a", 1);
  await judge(third, of, "a", 2, "The prompt is odd.");
  await judge(first, of, "b", 3);
  await judge(second, of, "b", 3);
  const odd = await judge(third, of, "a", 1);
  await judge(first, of, "b", 1);
  const reviewer = await of.join("reviewer");
  const list = async (filter: Omit<Parameters<typeof reviewer.caller.review.preferences>[0], "projectId">) =>
    (await reviewer.caller.review.preferences({ projectId: of.projectId, ...filter })).items;
  return { of, raters, reviewer, odd, list, projectId: of.projectId };
}

test("the table filters by votes, words, source, rater, strength and flag, and pages through every row once", async () => {
  const { list, raters, reviewer, projectId } = await judgedStudy();
  const all = await list({});
  expect(all).toHaveLength(7);
  const newestFirst = (rows: typeof all) => rows.toSorted((one, other) => (one.id < other.id ? 1 : -1));
  expect(all).toEqual(newestFirst(all));
  for (const { submittedAt, annotationId } of all)
    expect(await db.select().from(preference).where(eq(preference.annotationId, annotationId))).toMatchObject(
      [{ submittedAt }],
    );
  expect((await list({ agreement: "agreed" })).map((row) => [row.votes, row.agreement])).toEqual(
    Array(3).fill([3, 1]),
  );
  expect((await list({ agreement: "majority" })).map((row) => row.agreement)).toEqual(Array(3).fill(2 / 3));
  expect(await list({ agreement: "single" })).toHaveLength(1);
  expect(await list({ agreement: "split" })).toHaveLength(0);
  expect(await list({ prompt: "1, QUESTION" })).toHaveLength(3);
  expect(await list({ response: "reply question 2," })).toHaveLength(0);
  expect(await list({ response: "question 2 reply" })).toHaveLength(1);
  expect(await list({ response: "100%" })).toHaveLength(0);
  expect(await list({ source: "model-1", outcome: "b" })).toHaveLength(3);
  expect(await list({ source: "model-7" })).toHaveLength(0);
  expect(await list({ minStrength: 0.9 })).toHaveLength(3);
  expect((await list({ state: "flagged" })).map((row) => row.flagReason)).toEqual(["The prompt is odd."]);
  const [mine] = await db.select().from(rater).where(eq(rater.personId, raters[0].viewer.personId));
  expect(await list({ raterId: mine.id })).toHaveLength(3);
  expect(await reviewer.caller.review.preferenceCount({ projectId, raterId: mine.id })).toEqual({ total: 3 });

  // As a file tells it: what came in last was judged first, and pairs of judgements within one microsecond.
  for (const table of [annotation, preference]) {
    const id = table === annotation ? sql`annotation.id` : sql`preference.annotation_id`;
    for (const [n, { annotationId }] of all.entries())
      await db.execute(sql`
        update ${table} set submitted_at = '2020-01-02 03:04:05.678999+00'::timestamptz
          + ${Math.floor(n / 2)} * interval '1 microsecond' where ${id} = ${annotationId}`);
  }
  const pairs = [all.slice(6), all.slice(4, 6), all.slice(2, 4), all.slice(0, 2)].flatMap(newestFirst);
  expect((await list({})).map(({ id }) => id)).toEqual(pairs.map(({ id }) => id));

  for (const sort of ["time", "strength", "agreement"] as const)
    for (const order of ["asc", "desc"] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await reviewer.caller.review.preferences({
          projectId,
          sort,
          order,
          cursor,
          limit: 2,
        });
        seen.push(...page.items.map((row) => row.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(new Set(seen).size).toBe(7);
      expect(seen).toHaveLength(7);
    }
  expect((await list({ sort: "strength", order: "asc" }))[0].strength).toBeCloseTo(1 / 3);
});

test("whoever changes their name has it on all that they judged", async () => {
  const { list, raters, odd } = await judgedStudy();
  const before = (await list({})).map((row) => row.rater.name);
  await raters[2].caller.person.updateProfile({ name: "Renamed" });
  const after = await list({});
  expect(after.filter((row) => row.rater.name === "Renamed").map((row) => row.annotationId)).toContain(
    odd.annotationId,
  );
  expect(after.filter(({ rater }, n) => rater.name !== before[n])).toHaveLength(2);
});

test("the CSV holds the view, byte by byte, and no cell is a formula", async () => {
  const of = await study(database, { tasks: 0 });
  const { projectId, manager } = of;
  const texts = [
    '=HYPERLINK("http://evil.example")',
    "+1, she said",
    "-2\nlines",
    "@model",
    "\tx",
    "\rx",
    "ü, “x”\r\n",
    "",
  ];
  const prompts = texts.map((text, n) => ({
    ...somePrompts(1, 2)[0],
    messages: [{ role: "user" as const, content: `${text} ` }],
    responses: [
      { content: `${text}${n}`, source: text || undefined, metadata: {} },
      { content: `plain ${n} ${text}`, source: "plain", metadata: {} },
    ],
  }));
  await manager.caller.content.addPrompts({ projectId, prompts });
  await manager.caller.task.create({ projectId });
  await manager.caller.project.update({ projectId, overlap: 2 });
  for (let votes = 0; votes < 2; votes += 1) {
    const rater = await of.join();
    for (const text of texts) await judge(rater, of, "a", 2, text || undefined);
  }
  // What PostgreSQL would write otherwise than JavaScript.
  const odd = [0.1 + 0.2, 1 / 3, 5e-5, 1.5e-6, 1e-7, 1, 0, null];
  const stored = await db.select().from(annotation).where(eq(annotation.projectId, projectId));
  for (const [n, { id }] of stored.entries())
    await db
      .update(annotation)
      .set({
        selectionProbability: odd[n % odd.length],
        visibleMs: [0, 1, 1234, null][n % 4],
        submittedAt: sql`'2026-01-02 03:04:05.678999+00'::timestamptz + ${n} * interval '1 day'`,
      })
      .where(eq(annotation.id, id));
  const { items } = await manager.caller.review.preferences({ projectId });
  const file = await fileOf(database, projectId, manager);
  expect(items).toHaveLength(2 * texts.length);
  expect(file.slice(file.indexOf("\r\n") + 2)).toBe(linesOf(items));
  expect(file.split(",").slice(0, 3)).toEqual(["submitted_at", "prompt", "source_a"]);
  for (const cell of [
    `"'=HYPERLINK(""http://evil.example"")`,
    `"'+1, she said`,
    `"'-2\nlines`,
    "'@model",
    "'\tx",
    "\"'\rx",
  ])
    expect(file).toContain(cell);
  expect(file).not.toMatch(/(^|,)"?[=+@\t-]/m);
});

test("sent back: it counts no more, its rater alone does it again, and both revisions are kept", async () => {
  const { odd, reviewer, raters, projectId, list } = await judgedStudy();
  const [, second, third] = raters;
  await reviewer.caller.review.sendBack({
    projectId,
    annotationIds: [odd.annotationId],
    reason: "Read the second reply again.",
  });
  expect((await list({ state: "counted" })).map((row) => row.annotationId)).not.toContain(odd.annotationId);
  expect(await list({ agreement: "agreed", state: "counted" })).toHaveLength(5);
  expect((await list({ state: "returned" })).map((row) => row.annotationId)).toEqual([odd.annotationId]);

  const { items } = await third.caller.annotation.history({ projectId, state: "returned" });
  expect(items).toMatchObject([
    { assignmentId: odd.assignmentId, returnComment: "Read the second reply again." },
  ]);
  const task = await third.caller.annotation.open({ assignmentId: odd.assignmentId });
  expect(task.returnComment).toBe("Read the second reply again.");
  const redo = { assignmentId: odd.assignmentId, answers: prefer("b"), idempotencyKey: newKey() };
  await expect(second.caller.annotation.revise(redo)).rejects.toThrow("not found");
  expect(await third.caller.annotation.revise(redo)).toMatchObject({ revision: 2 });
  expect(await list({ state: "returned" })).toEqual([]);
  const revisions = await db.select().from(annotation).where(eq(annotation.assignmentId, odd.assignmentId));
  expect(revisions.map(({ current, excludedAt }) => [current, excludedAt === null]).toSorted()).toEqual([
    [false, false],
    [true, true],
  ]);
});

test("the queue holds tasks that are complete and disputed, until someone decides; the decision is no vote", async () => {
  const { odd, reviewer, projectId, list } = await judgedStudy();
  const queue = async () => reviewer.caller.review.disagreements({ projectId });
  const { items, total } = await queue();
  expect(total).toBe(1);
  expect(items).toMatchObject([{ votes: 3, agreement: 2 / 3 }]);
  const { taskId } = items[0];
  const answers = prefer("b", 3);
  await expect(
    reviewer.caller.review.adjudicate({ projectId, taskId, answers: {}, reason: "Facts" }),
  ).rejects.toThrow("An answer is required.");
  await reviewer.caller.review.adjudicate({ projectId, taskId, answers, reason: "Facts" });
  expect((await queue()).total).toBe(0);
  // The decision is on a pair of three votes, and is none of them.
  expect((await list({ agreement: "majority" })).map((row) => row.votes)).toEqual([3, 3, 3, 3]);
  expect((await list({ state: "adjudicated" })).map((row) => [row.outcome, row.aShownFirst])).toEqual([
    ["b", null],
  ]);

  await reviewer.caller.review.adjudicate({
    projectId,
    taskId,
    answers: prefer("a"),
    reason: "On reflection",
  });
  expect((await list({ state: "adjudicated" })).map((row) => row.outcome)).toEqual(["a"]);
  const detail = await reviewer.caller.review.detail({ projectId, taskId });
  expect(detail.annotations).toHaveLength(5);
  expect(detail.annotations.map((given) => given.id)).toContain(odd.annotationId);
  expect(detail.responses.map((reply) => reply.source)).toEqual(["model-0", "model-1"]);
  expect(detail.curations.map((decision) => decision.reason)).toEqual(["On reflection", "Facts"]);
});

test("excluded and included again, each with its reason; other projects' judgements are not found", async () => {
  const { odd, reviewer, projectId, list } = await judgedStudy();
  const other = await study(database);
  const named = { annotationIds: [odd.annotationId], reason: "Not serious." };
  await expect(other.manager.caller.review.exclude({ projectId: other.projectId, ...named })).rejects.toThrow(
    "not found",
  );
  await reviewer.caller.review.exclude({ projectId, ...named });
  expect((await list({ state: "excluded" })).map((row) => row.excludedReason)).toEqual(["Not serious."]);
  await reviewer.caller.review.include({
    projectId,
    annotationIds: [odd.annotationId],
    reason: "It was fine.",
  });
  expect(await list({ state: "excluded" })).toEqual([]);
});

test("reopening a rater's work: by anyone else it is withdrawn and its tasks get fresh seats", async () => {
  const { of, raters, projectId, list } = await judgedStudy();
  const [mine] = await db.select().from(rater).where(eq(rater.personId, raters[2].viewer.personId));
  const reopen = { projectId, raterId: mine.id, reason: "Copied answers", to: "anyone" as const };
  expect(await of.manager.caller.review.reopen(reopen)).toEqual({ annotations: 2 });
  expect(await list({})).toHaveLength(5);
  const fresh = await of.join();
  expect((await fresh.caller.annotation.claim({ projectId, hold: 5 })).tasks).toHaveLength(3);
  await fresh.caller.annotation.releaseAll();
  expect((await raters[2].caller.annotation.claim({ projectId, hold: 5 })).tasks).toHaveLength(1);
});

test("the dashboard states progress, pace, raters and raw agreement as counted by hand", async () => {
  const { of, projectId } = await judgedStudy();
  const board = await of.manager.caller.review.dashboard({ projectId });
  expect(board.tasks).toEqual({ total: 3, done: 2, started: 1, waiting: 0 });
  expect(board.seats).toMatchObject({ wanted: 9, submitted: 7 });
  expect(board.pace).toMatchObject({ lastHour: 7, lastDay: 7 });
  expect(board.forecast.remaining).toBe(2);
  const [asked, ...others] = board.questions;
  expect(others).toEqual([]);
  // Task 0: three comparisons that agree; task 1: one of three; without the one, 1 of 3, without the other, 3 of 3.
  const { estimate, low, high, ...counts } = asked.agreement;
  expect([estimate, counts]).toEqual([4 / 6, { n: 6, prompts: 2, pairs: 2, leftOut: { single: 1 } }]);
  // Jackknife se 1/3, z ± t(1)·se/(1−θ²): so wide that it says nothing, as two prompts should.
  expect(low).toBe(0);
  expect(high).toBeCloseTo(Math.tanh(Math.atanh(2 / 3) + (12.7062047 / 3) * (9 / 5)), 6);
  expect(board.raters.map(({ submitted, medianSeconds }) => [submitted, medianSeconds]).slice(0, 3)).toEqual([
    [3, 30],
    [2, 30],
    [2, 30],
  ]);
  const third = board.raters.find(({ flagged }) => flagged === 1);
  expect(asked.raters.find(({ id }) => id === third?.id)).toMatchObject({ agreement: 2 / 4, comparisons: 4 });
  expect(asked.outcomes).toEqual({ a: 4, b: 3, tie: 0, both_bad: 0 });
  expect(board.flags).toMatchObject({ count: 1, newest: [{ reason: "The prompt is odd." }] });
});

test("who sends a judgement back and who changes it at the same instant wait for one another", async () => {
  const of = await study(database, { tasks: 12, overlap: 1 });
  const [author, reviewer] = [await of.join(), await of.join("reviewer")];
  const judged = [];
  for (let n = 0; n < 12; n++) judged.push(await judge(author, of, "a"));
  const { projectId } = of;
  const ended = await Promise.allSettled(
    judged.flatMap(({ annotationId, assignmentId }) => [
      reviewer.caller.review.sendBack({ projectId, annotationIds: [annotationId], reason: "Once more." }),
      author.caller.annotation.revise({ assignmentId, answers: prefer("b", 2), idempotencyKey: newKey() }),
    ]),
  );
  // Sending back a revision that was replaced meanwhile is refused; nothing else is.
  const refusals = ended.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []));
  expect(refusals.filter((reason) => !/in its current revision, /.test(reason))).toEqual([]);
  const { length } = await db.select().from(annotation).where(eq(annotation.projectId, projectId));
  expect(length).toBe(24);
});
