import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { qualityView } from "@/db/schema";
import { eventsAfter } from "@/server/event/events";
import { testDatabase } from "./database";
import { eventually } from "./eventually";
import { type Member, newKey, prefer, study } from "./study";

const database = await testDatabase();
const { db } = database;

async function judge({ caller }: Member, projectId: string, flagReason?: string) {
  const { tasks } = await caller.annotation.claim({ projectId });
  const { assignmentId } = tasks[0];
  const judgement = { assignmentId, answers: prefer("a"), idempotencyKey: newKey(), flagReason };
  const { annotationId } = await caller.annotation.submit(judgement);
  return { projectId, assignmentId, annotationId };
}

const of = await study(database, { tasks: 3, overlap: 2 });
const { projectId } = of;
const [author, stranger, reviewer] = [await of.join(), await of.join(), await of.join("reviewer")];

test("rater and reviewer write to each other about a flagged judgement; each hears of it and reads it once", async () => {
  const { assignmentId } = await judge(author, projectId, "Both replies are cut off.");
  const seat = { projectId, assignmentId };
  const told = () => eventsAfter(db, `project:${projectId}`, 0);
  await eventually(async () => expect(await told()).toHaveLength(1));
  // As a worker does that has measured: what is written from now on changes no vote.
  await db.update(qualityView).set({ dirtyAt: null }).where(eq(qualityView.projectId, projectId));
  const waiting = async (who: Member) =>
    (await who.caller.remark.waiting({ projectId })).map(({ text, unread }) => [text, unread]);

  await author.caller.remark.write({ ...seat, text: "At the third line." });
  await author.caller.remark.write({ ...seat, text: "Both of them." });
  expect(await waiting(reviewer)).toEqual([["Both of them.", 2]]);
  expect(await waiting(author)).toEqual([]);
  await eventually(async () => expect(await told()).toHaveLength(2));
  const looks = await db.select().from(qualityView).where(eq(qualityView.projectId, projectId));
  expect(looks.map(({ dirtyAt }) => dirtyAt)).toEqual([null]);

  const read = await reviewer.caller.remark.thread(seat);
  expect(read.map(({ kind, text, byRater, isMine }) => [kind, text, byRater, isMine])).toEqual([
    ["flag", "Both replies are cut off.", true, false],
    ["remark", "At the third line.", true, false],
    ["remark", "Both of them.", true, false],
  ]);
  expect(read.every(({ by }) => by === author.viewer.name)).toBe(true);
  expect(await waiting(reviewer)).toEqual([]);
  // Whoever read it has seen whose judgement it is.
  const seen = await db.execute(
    sql`select from task_seen where person_id = ${reviewer.viewer.personId} and task_id = (
      select task_id from assignment where id = ${assignmentId})`,
  );
  expect(seen).toHaveLength(1);

  await reviewer.caller.remark.write({ ...seat, text: "Thank you.\u0000\u202e\r\nJudge what is there." });
  expect(await waiting(author)).toEqual([["Thank you.\nJudge what is there.", 1]]);
  const answered = await author.caller.remark.thread(seat);
  expect(answered.at(-1)).toMatchObject({
    kind: "remark",
    text: "Thank you.\nJudge what is there.",
    byRater: false,
    // A rater is not told which reviewer it was.
    by: null,
    isMine: false,
  });
  expect(await waiting(author)).toEqual([]);
  expect((await reviewer.caller.remark.thread(seat)).at(-1)?.readAt).toBeInstanceOf(Date);
  const audited = await db.execute(
    sql`select after::text as after from audit_entry where action = 'remark.write' and target_id = ${assignmentId}`,
  );
  expect(audited).toHaveLength(3);
  expect(JSON.stringify(audited)).not.toContain("third line");
});

test("what was sent back begins a thread, which goes on after it was done again", async () => {
  const seat = await judge(author, projectId);
  const { annotationId, assignmentId } = seat;
  const key = { projectId, assignmentId };
  await expect(author.caller.remark.write({ ...key, text: "Why?" })).rejects.toThrow("Flag the judgement");
  await expect(reviewer.caller.remark.write({ ...key, text: "Why?" })).rejects.toThrow("Send it back");
  await reviewer.caller.review.sendBack({
    projectId,
    annotationIds: [annotationId],
    reason: "Read B again.",
  });
  await author.caller.remark.write({ ...key, text: "I did: B is wrong." });
  await author.caller.annotation.revise({ assignmentId, answers: prefer("b"), idempotencyKey: newKey() });
  await reviewer.caller.remark.write({ ...key, text: "Now I see." });
  const thread = await author.caller.remark.thread(key);
  expect(thread.map(({ kind, text }) => [kind, text])).toEqual([
    ["return", "Read B again."],
    ["remark", "I did: B is wrong."],
    ["remark", "Now I see."],
  ]);
});

test("a thread is its rater's and the reviewers', of its project alone", async () => {
  const { assignmentId } = await judge(stranger, projectId, "Odd.");
  const key = { projectId, assignmentId, text: "Hello" };
  await expect(author.caller.remark.thread(key)).rejects.toThrow("not found");
  await expect(author.caller.remark.write(key)).rejects.toThrow("not found");
  expect(await author.caller.remark.waiting({ projectId })).toEqual([]);
  const other = await study(database, { tasks: 1 });
  const foreign = { ...key, projectId: other.projectId };
  await expect(other.manager.caller.remark.thread(foreign)).rejects.toThrow("not found");
  await expect(other.manager.caller.remark.write(foreign)).rejects.toThrow("not found");
  await expect(stranger.caller.remark.write({ ...key, text: " \u0000 " })).rejects.toThrow("Write something");
  // A manager who judges is the rater of their own seats, and reads what reviewers write there.
  const own = await judge(of.manager, projectId, "Mine.");
  const seat = { projectId, assignmentId: own.assignmentId };
  await reviewer.caller.remark.write({ ...seat, text: "Yours." });
  expect((await of.manager.caller.remark.waiting({ projectId })).map(({ text }) => text)).toContain("Yours.");
  await of.manager.caller.remark.write({ ...seat, text: "Yes." });
  expect((await reviewer.caller.remark.thread(seat)).at(-1)).toMatchObject({ text: "Yes.", byRater: true });
});
