import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { toShown } from "@/server/form/answers";
import { type Answers, formSchema } from "@/server/form/schema";
import { testDatabase } from "./database";
import { type Member, newKey, study } from "./study";

const database = await testDatabase();
const { db } = database;

const option = (value: string) => ({ value, label: value });
const questions = formSchema.parse([
  { id: "rank", type: "ranking", label: "Rank them." },
  { id: "sound", type: "rating", label: "How sound?", attributes: [{ id: "sound", label: "Sound" }] },
  { id: "topic", type: "choice", label: "About?", options: ["law", "art", "sport"].map(option) },
  {
    id: "faults",
    type: "choice",
    label: "Faults?",
    options: ["none", "long", "rude"].map(option),
    multiple: true,
  },
  { id: "tone", type: "choice", label: "Tone?", options: ["cold", "warm"].map(option), required: false },
  { id: "fix", type: "edit", label: "Mend one.", required: false },
  { id: "why", type: "text", label: "Why?", required: false },
]);

const same: Answers = {
  rank: { type: "ranking", ranks: [1, 2, 3] },
  sound: { type: "rating", values: { sound: [3, 3, 3] } },
  topic: { type: "choice", values: [["law"]] },
  faults: { type: "choice", values: [["long"]] },
};

/** What the second rater says otherwise of each task, in its order. */
const differently: Answers[] = [
  { sound: { type: "rating", values: { sound: [4, 2, 3] } } },
  { rank: { type: "ranking", ranks: [3, 2, 1] } },
  { topic: { type: "choice", values: [["art"]] } },
  { sound: { type: "rating", values: { sound: [5, 3, 1] } } },
  { faults: { type: "choice", values: [["long", "rude"]] } },
  {
    tone: { type: "choice", values: [["cold"]] },
    fix: { type: "edit", texts: ["Better.", null, null] },
    why: { type: "text", text: "So it is.", chips: [] },
  },
];

/** Judges every task, given the answers to each in canonical order. */
async function judgeAll({ caller }: Member, projectId: string, answersTo: (task: number) => Answers) {
  const { tasks } = await caller.annotation.claim({ projectId, hold: 10 });
  for (const { assignmentId, prompt, responses } of tasks) {
    const order = responses.map(({ content }) => Number(/Reply (\d)/.exec(content)?.[1]));
    const task = Number(/Question (\d)/.exec(prompt.messages[0].content)?.[1]);
    const answers = toShown(questions, answersTo(task), order);
    await caller.annotation.submit({ assignmentId, answers, idempotencyKey: newKey() });
  }
}

const of = await study(database, { tasks: differently.length, k: 3, overlap: 2, questions });
const { projectId } = of;
const raters = [await of.join(), await of.join("reviewer")];
await judgeAll(raters[0], projectId, () => same);
await judgeAll(raters[1], projectId, (task) => ({ ...same, ...differently[task] }));
const reviewer = await of.join("reviewer");
const { review } = reviewer.caller;
const tasks = await db.execute<{ id: string; prompt: string }>(sql`
  select task.id, prompt.messages->0->>'content' as prompt from task join prompt on prompt.id = task.prompt_id
  where task.project_id = ${projectId}`);
const taskId = (n: number) => tasks.find(({ prompt }) => prompt.startsWith(`Question ${n},`))?.id ?? "";
const seen = () =>
  db.execute(sql`select task_id from task_seen where person_id = ${reviewer.viewer.personId}`);
const decisions = () =>
  db.execute(sql`select task_id, reason, seen_at is null as blind from curation
    where project_id = ${projectId} and action = 'adjudicate' order by id`);

test("what is gained most comes first, over every type of question; what is agreed on does not come", async () => {
  const { taskIds, total } = await review.undecided({ projectId });
  expect(taskIds).toEqual([1, 2, 3, 4].map(taskId));
  expect(total).toBe(4);
  // A vote each way and one more spread over the answers. Of ratings the two of 3 and 5, and the two of 3 and 1.
  const even = (answers: number) => 1 - (1 + 1 / answers) / 3;
  const apart = (one: number, other: number) => {
    const middle = (one + other) / 2;
    return (Math.abs(one - other) + ((middle - 1) ** 2 + (5 - middle) ** 2) / 8) / (3 * 4);
  };
  const { items } = await of.manager.caller.review.disagreements({ projectId });
  const close = (value: number) => expect.closeTo(value, 10);
  expect(items.map(({ gain }) => gain)).toEqual([
    close(3 * even(3)),
    close(even(3)),
    close(apart(3, 5) + apart(3, 1)),
    close(even(2)),
  ]);
  expect(items.every(({ votes, agreement }) => votes === 2 && agreement === 0.5)).toBe(true);

  const pages = [];
  let cursor: string | undefined;
  do {
    const page = await of.manager.caller.review.disagreements({ projectId, limit: 1, cursor });
    pages.push(...page.items.map((item) => item.taskId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(pages).toEqual(taskIds);
  // Whoever judged a task decides it in no case.
  expect((await raters[1].caller.review.undecided({ projectId })).total).toBe(0);
});

test("a task to decide says nothing of votes and sources, and keeps its order", async () => {
  const shown = await review.dispute({ projectId, taskId: taskId(1) });
  expect(JSON.stringify(shown)).not.toMatch(/model-|Rater /);
  expect(shown.responses.map(({ content }) => content)).toEqual(
    shown.order.map((index) => `Reply ${index} to question 1`),
  );
  expect(await review.dispute({ projectId, taskId: taskId(1) })).toEqual(shown);
  expect(shown.seenAt).toBeNull();
  expect([...(await seen())]).toEqual([]);
  const orders = new Set<string>();
  for (const { id } of tasks) orders.add(String((await review.dispute({ projectId, taskId: id })).order));
  expect(orders.size).toBeGreaterThan(1);
  await expect(raters[1].caller.review.dispute({ projectId, taskId: taskId(1) })).rejects.toThrow("yourself");
});

test("a decision says whether it was blind, takes its reason from the answers, and knows what stood first", async () => {
  const { order } = await review.dispute({ projectId, taskId: taskId(1) });
  await expect(
    review.adjudicate({ projectId, taskId: taskId(1), answers: same, order: [0, 0, 1] }),
  ).rejects.toThrow("order is not one of the 3 responses");
  await review.adjudicate({ projectId, taskId: taskId(1), answers: same, order });
  const said = { why: { type: "text" as const, text: "The first is right.", chips: [] } };
  await review.detail({ projectId, taskId: taskId(2) });
  expect((await review.dispute({ projectId, taskId: taskId(2) })).seenAt).toBeInstanceOf(Date);
  await review.adjudicate({ projectId, taskId: taskId(2), answers: { ...same, ...said } });
  // Every question is decided, also a task on which nobody differs.
  const edited = { fix: { type: "edit" as const, texts: [null, "Mended.", null] } };
  await review.adjudicate({ projectId, taskId: taskId(5), answers: { ...same, ...edited } });
  expect([...(await decisions())]).toEqual([
    { task_id: taskId(1), reason: "", blind: true },
    { task_id: taskId(2), reason: "The first is right.", blind: false },
    { task_id: taskId(5), reason: "", blind: true },
  ]);
  expect((await review.undecided({ projectId })).taskIds).toEqual([3, 4].map(taskId));
  const stated = await db.execute<{ first: boolean; a: number; b: number }>(sql`
    select a_shown_first as first, array_position(response_ids, response_a) - 1 as a,
      array_position(response_ids, response_b) - 1 as b
    from preference join annotation n on n.id = annotation_id join task on task.id = n.task_id
    where n.origin = 'adjudication' and n.task_id = ${taskId(1)}`);
  expect(stated).toHaveLength(3);
  for (const { first, a, b } of stated) expect(first).toBe(order.indexOf(a) < order.indexOf(b));
  const { curations } = await review.detail({ projectId, taskId: taskId(1) });
  expect(curations).toMatchObject([{ action: "adjudicate", seenAt: null }]);
});

test("a decision is taken back by whoever made it, and all is as it was", async () => {
  const stands = () =>
    db.execute(sql`select n.answers->'rank'->>'ranks' as ranks, count(preference.id)::int as pairs
      from annotation n left join preference on preference.annotation_id = n.id
      where n.task_id = ${taskId(4)} and n.origin = 'adjudication' and n.current group by n.id`);
  const decide = (caller: Member["caller"], ranks: number[]) =>
    caller.review.adjudicate({
      ...{ projectId, taskId: taskId(4) },
      answers: { ...same, rank: { type: "ranking", ranks } },
    });
  const { undecided } = review;
  const before = (await undecided({ projectId })).taskIds;
  const first = await decide(reviewer.caller, [1, 2, 3]);
  const key = { projectId, taskId: taskId(4) };
  await review.undoDecision({ ...key, ...first });
  expect([...(await stands())]).toEqual([]);
  expect((await undecided({ projectId })).taskIds).toEqual(before);
  // Nothing was shown by deciding: what is decided anew is as blind.
  expect((await review.dispute(key)).seenAt).toBeNull();
  // Asked again, since the answer was lost: nothing more happens.
  await review.undoDecision({ ...key, ...first });

  const other = await of.join("reviewer");
  const second = await decide(reviewer.caller, [1, 2, 3]);
  await expect(other.caller.review.undoDecision({ ...key, ...second })).rejects.toThrow("Another person");
  const third = await decide(other.caller, [3, 2, 1]);
  await expect(review.undoDecision({ ...key, ...second })).rejects.toThrow("replaced");
  await other.caller.review.undoDecision({ ...key, ...third });
  expect([...(await stands())]).toEqual([{ ranks: "[1,2,3]", pairs: 3 }]);
  // Whoever looks has seen, also after a decision of theirs.
  await review.detail(key);
  expect((await review.dispute(key)).seenAt).toBeInstanceOf(Date);
});
