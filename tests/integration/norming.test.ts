import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { annotation, assignment, norming, normingItem, task } from "@/db/schema";
import type { Answers } from "@/server/form/schema";
import { claimSeats } from "@/server/seat/claim";
import type { BlindTask } from "@/server/seat/schema";
import { lockWaits, testDatabase } from "./database";
import { type Member, newKey, prefer, type Study, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

const claim = (by: Member, { projectId }: Study, hold = 1) => by.caller.annotation.claim({ projectId, hold });

const seatOf = async (assignmentId: string) =>
  (await db.select().from(assignment).where(eq(assignment.id, assignmentId)))[0];

/** Says of the canonically first response that it is better, or is not, with a reason. */
async function submit(by: Member, { assignmentId }: BlindTask, outcome: "a" | "b") {
  const { order } = await seatOf(assignmentId);
  const shown = order?.[0] === 0 ? outcome : outcome === "a" ? "b" : "a";
  const answers: Answers = {
    ...prefer(shown),
    rationale: { type: "text", text: `Because of ${outcome}.`, chips: [] },
  };
  return by.caller.annotation.submit({ assignmentId, answers, idempotencyKey: newKey() });
}

/** Judges items until none comes: item n is said to be what `says` gives for it. */
async function judgeAll(by: Member, of: Study, says: (n: number) => "a" | "b"): Promise<number> {
  for (let n = 0; ; n++) {
    const { tasks } = await claim(by, of);
    const [held] = tasks;
    if (!held || !(await seatOf(held.assignmentId)).apart) {
      if (held) await by.caller.annotation.release({ assignmentId: held.assignmentId });
      return n;
    }
    const [item] = await db
      .select({ position: normingItem.position })
      .from(normingItem)
      .innerJoin(assignment, eq(assignment.taskId, normingItem.taskId))
      .where(eq(assignment.id, held.assignmentId));
    await submit(by, held, says(item.position));
  }
}

const stateOf = async (by: Member, { projectId }: Study) =>
  (await by.caller.annotation.desk({ projectId })).norming;

test("all judge the items first and blind, see where they differ, judge once more, and none of it is a vote", async () => {
  const of = await study(database, { tasks: 20, overlap: 2 });
  const { projectId, manager } = of;
  const raters = [await of.join(), await of.join(), await of.join()];
  const [one, two, three] = raters;
  const outsider = await of.join("reviewer");
  const { id: normingId, ...begun } = await manager.caller.norming.start({ projectId, count: 6 });
  expect(begun).toEqual({ items: 6, raters: 3, withdrawn: 0 });
  await expect(manager.caller.norming.start({ projectId, count: 2 })).rejects.toThrow("A norming is running");
  expect((await manager.caller.review.dashboard({ projectId })).tasks.total).toBe(14);
  expect(await stateOf(one, of)).toEqual({
    id: normingId,
    phase: "before",
    items: 6,
    done: 0,
    holdsWork: true,
  });

  // Who takes no part works as before; who does gets its items and nothing else.
  const { tasks: ordinary } = await claim(outsider, of);
  expect((await seatOf(ordinary[0].assignmentId)).apart).toBe(false);
  await outsider.caller.annotation.release({ assignmentId: ordinary[0].assignmentId });
  const { tasks, nothing } = await claim(one, of, 10);
  expect([tasks.length, nothing]).toEqual([6, "norming"]);
  // One is taken back and judged again, another given back: both come again.
  await submit(one, tasks[0], "b");
  await one.caller.annotation.undo({ assignmentId: tasks[0].assignmentId });
  await one.caller.annotation.release({ assignmentId: tasks[1].assignmentId });
  expect(await judgeAll(one, of, () => "a")).toBe(6);
  expect(await stateOf(one, of)).toMatchObject({ phase: "before", items: 6, done: 6 });
  const blind = await one.caller.norming.show({ projectId });
  expect(blind).toMatchObject({ phase: "before", seen: { before: null, after: null }, parts: [] });
  await expect(
    one.caller.norming.say({ projectId, taskId: (await itemsOf(normingId, "before"))[0], text: "Look." }),
  ).rejects.toThrow("judged blind");
  await judgeAll(two, of, (n) => (n < 3 ? "a" : "b"));
  await judgeAll(three, of, (n) => (n < 3 ? "a" : "b"));

  // The last answer opens it: items on which they differ come first, with reasons and who said what.
  const talk = await one.caller.norming.show({ projectId });
  expect(talk).toMatchObject({ phase: "talk", takesPart: true, seen: { after: null } });
  const seen = talk?.seen.before ?? [];
  expect(seen.map(({ agreement }) => agreement)).toEqual([1 / 3, 1 / 3, 1 / 3, 1, 1, 1]);
  expect(seen[0].answers.map(({ by, answers }) => [by.isMe, by.name, answers.rationale])).toEqual(
    expect.arrayContaining([
      [true, null, { type: "text", text: "Because of a.", chips: [] }],
      [false, null, { type: "text", text: "Because of b.", chips: [] }],
    ]),
  );
  // α of aaa ×3 and abb ×3 in both orientations, by hand: n = 18, 6 of them differ, expected 2 · 9 · 9 / 17.
  expect(talk?.parts.map(({ questionId, before }) => [questionId, before?.estimate])).toEqual([
    ["preference", expect.closeTo(1 - (17 * 6) / 162, 9)],
  ]);
  await one.caller.norming.say({ projectId, taskId: seen[0].taskId, text: "The dose is missing." });
  const heard = await manager.caller.norming.show({ projectId });
  expect(
    heard?.seen.before?.flatMap(({ remarks }) => remarks.map(({ by, text }) => [by.name, text])),
  ).toEqual([[one.viewer.name, "The dose is missing."]]);
  await expect(outsider.caller.norming.show({ projectId })).resolves.toMatchObject({ takesPart: false });
  const [first] = await db
    .select()
    .from(annotation)
    .where(and(eq(annotation.projectId, projectId), annotation.apart));
  const answered = { answers: prefer("a"), idempotencyKey: newKey(), assignmentId: first.assignmentId ?? "" };
  await expect(
    raters.find(({ viewer }) => viewer.personId === one.viewer.personId)?.caller.annotation.revise(answered),
  ).rejects.toThrow();
  expect((await claim(two, of)).nothing).toBe("norming");

  // The second pass is blind again: nobody who judges it sees the first meanwhile.
  await manager.caller.norming.repeat({ projectId, normingId, set: "same" });
  expect(await stateOf(two, of)).toMatchObject({ phase: "after", items: 6, done: 0 });
  expect((await two.caller.norming.show({ projectId }))?.seen).toEqual({ before: null, after: null });
  for (const rater of raters) expect(await judgeAll(rater, of, () => "a")).toBe(6);
  const ended = await two.caller.norming.show({ projectId });
  expect(ended).toMatchObject({ phase: "ended", items: { before: 6, after: 6 } });
  const [part] = ended?.parts ?? [];
  expect([part.before?.estimate, part.after?.estimate]).toEqual([expect.closeTo(1 - (17 * 6) / 162, 9), 1]);
  expect(part.change).toMatchObject({ estimate: expect.closeTo((17 * 6) / 162, 9), low: null });
  // Now they work: on other prompts.
  const { tasks: work } = await claim(one, of, 20);
  expect(work.length).toBe(14);

  // Nothing of it counts.
  expect(
    await db.$count(
      annotation,
      and(eq(annotation.projectId, projectId), eq(annotation.apart, true), annotation.current),
    ),
  ).toBe(36);
  const [{ votes, facts }] = await db.execute<{ votes: number; facts: number }>(sql`
    select (select count(*)::int from vote where project_id = ${projectId}) as votes,
      (select count(*)::int from preference where project_id = ${projectId})
        + (select count(*)::int from mark_fact where project_id = ${projectId})
        + (select count(*)::int from admitted where project_id = ${projectId}) as facts`);
  expect([votes, facts]).toEqual([0, 0]);
  expect((await manager.caller.task.list({ projectId, limit: 100 })).total).toBe(14);
});

const itemsOf = async (normingId: string, pass: "before" | "after") =>
  (
    await db
      .select({ taskId: normingItem.taskId })
      .from(normingItem)
      .where(and(eq(normingItem.normingId, normingId), eq(normingItem.pass, pass)))
  ).map(({ taskId }) => taskId);

test("a pass ends at its time or by hand, takes nothing afterwards, and waits for nobody who left", async () => {
  const of = await study(database, { tasks: 12, overlap: 1 });
  const { projectId, manager } = of;
  const [one, two] = [await of.join(), await of.join()];
  const dueAt = new Date(Date.now() + 3_600_000).toISOString();
  const { id: normingId } = await manager.caller.norming.start({
    projectId,
    count: 3,
    dueAt,
    holdsWork: false,
  });
  const { tasks } = await claim(one, of);
  await judgeAll(two, of, () => "b");
  await db
    .update(norming)
    .set({ dueAt: new Date(Date.now() - 1000) })
    .where(eq(norming.id, normingId));
  // The seat that is out is refused, whether somebody has looked since or not.
  await expect(submit(one, tasks[0], "a")).rejects.toThrow("has ended");
  expect(await stateOf(one, of)).toMatchObject({ phase: "talk" });
  await expect(submit(one, tasks[0], "a")).rejects.toThrow("has ended");
  expect(await db.$count(annotation, eq(annotation.assignmentId, tasks[0].assignmentId))).toBe(0);
  // It holds no other work.
  expect((await seatOf((await claim(one, of)).tasks[0].assignmentId)).apart).toBe(false);

  await manager.caller.norming.repeat({ projectId, normingId, set: "parallel" });
  const [before, after] = [await itemsOf(normingId, "before"), await itemsOf(normingId, "after")];
  expect(after.length).toBe(3);
  expect(after.filter((id) => before.includes(id))).toEqual([]);
  await manager.caller.member.remove({ projectId, personId: one.viewer.personId });
  await judgeAll(two, of, () => "b");
  expect(await manager.caller.norming.show({ projectId })).toMatchObject({ phase: "ended" });
  await manager.caller.norming.end({ projectId, normingId });
  await expect(manager.caller.norming.repeat({ projectId, normingId, set: "same" })).rejects.toThrow(
    "has ended",
  );
});

test("a pass that waits for one alone ends when that one is paused or leaves, with whoever looks next", async () => {
  const of = await study(database, { tasks: 6, overlap: 1 });
  const { projectId, manager } = of;
  const [one, two, three] = [await of.join(), await of.join(), await of.join()];
  const { id: normingId } = await manager.caller.norming.start({ projectId, count: 2 });
  for (const rater of [one, two]) await judgeAll(rater, of, () => "a");
  const { tasks } = await claim(three, of);
  expect(await stateOf(one, of)).toMatchObject({ phase: "before" });
  const paused = { projectId, raterId: (await seatOf(tasks[0].assignmentId)).raterId ?? "", reason: "Away." };
  await manager.caller.gold.block(paused);
  expect(await stateOf(one, of)).toMatchObject({ phase: "talk" });
  expect(await seatOf(tasks[0].assignmentId)).toMatchObject({ status: "closed" });

  await manager.caller.gold.unblock(paused);
  await manager.caller.norming.repeat({ projectId, normingId, set: "same" });
  for (const rater of [one, two]) await judgeAll(rater, of, () => "a");
  await manager.caller.member.remove({ projectId, personId: three.viewer.personId });
  expect(await manager.caller.norming.show({ projectId })).toMatchObject({ phase: "ended" });
});

test("who is given an item while its pass ends is left with none that takes no answer", async () => {
  const of = await study(database, { tasks: 6, overlap: 1 });
  const { projectId, manager } = of;
  const [one, two] = [await of.join(), await of.join()];
  const { id: normingId } = await manager.caller.norming.start({ projectId, count: 2 });
  const { tasks } = await claim(one, of);
  const { raterId } = await seatOf(tasks[0].assignmentId);
  if (!raterId) throw new Error("The seat is nobody's.");
  const meanwhile = await db.transaction(async (tx) => {
    await claimSeats(tx, { raterId, hold: 2, ahead: 0, have: [] });
    const opening = manager.caller.norming.open({ projectId, normingId });
    // It waits for what is being given out; whoever comes meanwhile is given none that stays.
    await expect.poll(() => lockWaits(db), { timeout: 60_000 }).toBe(1);
    return [opening, claim(two, of)];
  });
  await Promise.all(meanwhile);
  const seats = await db
    .select()
    .from(assignment)
    .where(and(eq(assignment.projectId, projectId), assignment.apart));
  expect(seats.filter(({ raterId: whose }) => whose === raterId).length).toBe(2);
  expect(seats.map(({ status }) => status).filter((status) => status !== "closed")).toEqual([]);
});

test("tasks that somebody has begun are not taken, and what is wrong is said by its place", async () => {
  const of = await study(database, { tasks: 3, overlap: 1 });
  const { projectId, manager } = of;
  const [one] = [await of.join(), await of.join()];
  const { tasks } = await claim(one, of);
  const held = await seatOf(tasks[0].assignmentId);
  const all = await db.select({ id: task.id }).from(task).where(eq(task.projectId, projectId));
  const free = all.filter(({ id }) => id !== held.taskId).map(({ id }) => id);
  const start = (input: object) => manager.caller.norming.start({ projectId, ...input });
  await expect(start({ count: 3 })).rejects.toThrow("Only 2 prompts");
  await expect(start({ taskIds: [free[0], held.taskId] })).rejects.toThrow(/^Task 2 /);
  await expect(
    start({ taskIds: free, personIds: [crypto.randomUUID(), one.viewer.personId] }),
  ).rejects.toThrow(/^Person 1 .*no member/);
  await expect(start({ count: 1, dueAt: new Date(0).toISOString() })).rejects.toThrow("past");
  await expect(start({})).rejects.toThrow("one of the two");
  expect(await db.$count(norming, eq(norming.projectId, projectId))).toBe(0);
  // Another task on the prompt of an item goes out of the work with it.
  await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(1, 3) });
  await manager.caller.task.create({ projectId, grouping: "pairs" });
  const [{ id: shared }] = await db.execute<{ id: string }>(sql`
    select min(id::text) as id from task where project_id = ${projectId} group by prompt_id having count(*) > 1`);
  const begun = await start({ taskIds: [shared] });
  expect(begun).toMatchObject({ items: 1, raters: 2, withdrawn: 2 });
});
