import { and, eq } from "drizzle-orm";
import { expect, it } from "vitest";
import {
  annotation,
  assignment,
  formVersion,
  model,
  person,
  project,
  rater,
  response,
  score,
  task,
} from "@/db/schema";
import type { taskSelections } from "@/db/shape/task";
import { addPrompts } from "@/server/content/content";
import { type Answers, formSchema, storedQuestions } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { updateProject } from "@/server/project/project";
import { orderSeats } from "@/server/seat/selection";
import { insertTasks } from "@/server/task/insert";
import { testDatabase } from "./database";
import { newKey, prefer, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;
const TASKS = 12;

const [{ id: personId }] = await db
  .insert(person)
  .values({ name: "Ada", email: "ada@example.org", isAdmin: true })
  .returning();
const [{ id: projectId }] = await db.insert(project).values({ name: "Order", overlap: 3 }).returning();
const questions = formSchema.parse([{ id: "better", type: "preference", label: "Better?", points: 2 }]);
const [form] = await db.insert(formVersion).values({ projectId, version: 1, questions }).returning();
await addPrompts(
  db,
  { personId },
  {
    projectId,
    prompts: Array.from({ length: TASKS }, (_, n) => ({
      messages: [{ role: "user" as const, content: `Question ${n}` }],
      metadata: {},
      responses: ["left", "right"].map((side) => ({ content: `${side} ${n}`, source: side, metadata: {} })),
    })),
  },
);
const replies = await db.select().from(response);
const prompts = [...new Set(replies.map(({ promptId }) => promptId))];
await insertTasks(db, {
  projectId,
  tasks: prompts.map((promptId, n) => ({
    promptId,
    key: `task ${n}`,
    responseIds: replies.filter((reply) => reply.promptId === promptId).map(({ id }) => id),
    overlap: 3,
  })),
});
const tasks = await db.select().from(task).orderBy(task.position);

const choose = (selection: (typeof taskSelections)[number]) =>
  updateProject(db, { personId }, { projectId, role: "manager", settings: { selection } });
/** By task, of the open seats; all seats of a task have the same. */
const probabilities = async (of = projectId) =>
  new Map(
    (await openSeats(of)).map(({ taskId, selectionProbability }) => [taskId, selectionProbability ?? 0]),
  );
const openSeats = (of: string) =>
  db
    .select()
    .from(assignment)
    .where(and(eq(assignment.projectId, of), eq(assignment.status, "open")));
const total = (chances: Map<string, number>) => [...chances.values()].reduce((sum, p) => sum + p, 0);
/** What a rater is shown, apart from when. */
const shown = async () =>
  (await db.select().from(assignment).orderBy(assignment.id)).map(
    ({ position: _, selectionProbability: __, drawnAt: ___, ...seat }) => seat,
  );
const firstTask = async () =>
  (await db.select().from(assignment).orderBy(assignment.position).limit(1))[0].taskId;

async function vote(of: typeof task.$inferSelect, outcome: "a" | "b", name: string) {
  const [judge] = await db.insert(rater).values({ projectId, kind: "demo", name }).returning();
  const answers: Answers = { better: { type: "preference", outcome, level: 1 } };
  const { id: taskId, promptId, responseIds } = of;
  await storeJudgements(db, {
    projectId,
    judgements: [
      {
        taskId,
        promptId,
        raterId: judge.id,
        assignmentId: null,
        origin: "demo",
        answers,
        facts: factsOf({ questions: storedQuestions(form.questions), answers, order: [0, 1], responseIds }),
        order: [0, 1],
        formVersionId: form.id,
        submittedAt: new Date(),
      },
    ],
  });
}

it("puts disputed tasks first, with the probability of the choice kept and the blinding untouched", async () => {
  const before = await shown();
  await vote(tasks[3], "a", "one");
  await vote(tasks[3], "b", "two");
  await vote(tasks[5], "a", "three");
  await choose("disagreement");
  const chances = await probabilities();
  expect(total(chances)).toBeCloseTo(1, 9);
  // 1 − (½² + ½²) on top of the floor, against the floor alone.
  expect((chances.get(tasks[3].id) ?? 0) / (chances.get(tasks[5].id) ?? 1)).toBeCloseTo(0.55 / 0.05, 6);
  expect(Math.min(...chances.values())).toBeGreaterThan(0);
  expect(await shown()).toEqual(before);
});

it("puts first what a reward model is least sure of", async () => {
  const [judge] = await db
    .insert(model)
    .values({ projectId, name: "judge", method: "reward", format: "full", source: { kind: "run" } })
    .returning();
  // One pair on which the model cannot decide; on all others it is sure.
  await db.insert(score).values(
    tasks.flatMap(({ id, responseIds }) =>
      responseIds.map((responseId, side) => ({
        projectId,
        modelId: judge.id,
        responseId,
        reward: side * (id === tasks[7].id ? 0 : 40),
      })),
    ),
  );
  await choose("uncertainty");
  const chances = await probabilities();
  expect(total(chances)).toBeCloseTo(1, 9);
  // A quarter is drawn by chance alone.
  expect(chances.get(tasks[7].id)).toBeCloseTo(0.75 + 0.25 / TASKS, 9);
  expect(chances.get(tasks[2].id)).toBeCloseTo(0.25 / TASKS, 9);
});

it("goes back to the order of creation, and then no rule chose", async () => {
  await choose("in_order");
  expect(await firstTask()).toBe(tasks[0].id);
  expect(await db.$count(task, eq(task.projectId, projectId))).toBe(TASKS);
  expect(
    (await openSeats(projectId)).every(({ selectionProbability }) => selectionProbability === null),
  ).toBe(true);
});

it("draws a disputed task anew with each vote, and leaves the others where they are", async () => {
  const { projectId: id, manager, join } = await study(database, { tasks: 6, overlap: 4 });
  await manager.caller.project.update({ projectId: id, selection: "disagreement" });
  const state = () => probabilities(id);
  const places = async () =>
    new Map(
      (await db.select().from(assignment).where(eq(assignment.projectId, id)))
        .filter(({ status }) => status === "open")
        .map(({ taskId, position }) => [taskId, position]),
    );
  const judge = async (outcome: "a" | "b", taskId?: string) => {
    const { caller } = await join();
    for (;;) {
      const { tasks: got } = await caller.annotation.claim({ projectId: id, hold: 1 });
      const [seat] = await db.select().from(assignment).where(eq(assignment.id, got[0].assignmentId));
      if (taskId && seat.taskId !== taskId) {
        await caller.annotation.skip({ assignmentId: seat.id, reason: "other" });
        continue;
      }
      // As shown: the order may be turned.
      const turned = seat.order?.[0] === 1;
      const shown = (say: "a" | "b") => (turned ? (say === "a" ? "b" : "a") : say);
      const judgement = (say: "a" | "b") => ({
        assignmentId: seat.id,
        answers: { preference: { type: "preference" as const, outcome: shown(say), level: 1 } },
        idempotencyKey: newKey(),
      });
      await caller.annotation.submit(judgement(outcome));
      return {
        taskId: seat.taskId,
        revise: (say: "a" | "b") => caller.annotation.revise(judgement(say)),
        undo: () => caller.annotation.undo({ assignmentId: seat.id }),
      };
    }
  };
  const { taskId: disputed } = await judge("a");
  const before = { chances: await state(), places: await places() };
  const second = await judge("b", disputed);
  const after = { chances: await state(), places: await places() };
  // From 0.05 of 6 × 0.05 to 0.55 of 5 × 0.05 + 0.55.
  expect(before.chances.get(disputed)).toBeCloseTo(1 / 6, 9);
  expect(after.chances.get(disputed)).toBeCloseTo(0.55 / 0.8, 9);
  expect(after.places.get(disputed)).not.toBe(before.places.get(disputed));
  before.places.delete(disputed);
  for (const [other, place] of before.places) expect(after.places.get(other)).toBe(place);

  const chance = async () => (await state()).get(disputed);
  await second.revise("a");
  expect(await chance()).toBeCloseTo(1 / 6, 9);
  await second.revise("b");
  expect(await chance()).toBeCloseTo(0.55 / 0.8, 9);
  await second.undo();
  expect(await chance()).toBeCloseTo(1 / 6, 9);
});

it("keeps the chance that a task was given out with, whatever is drawn later, and writes it to the table", async () => {
  const { projectId: id, manager, join } = await study(database, { tasks: 4, overlap: 2 });
  await manager.caller.project.update({ projectId: id, selection: "random" });
  expect([...(await probabilities(id)).values()]).toEqual(Array(4).fill(1 / 4));
  const { caller } = await join();
  const { tasks: held } = await caller.annotation.claim({ projectId: id, hold: 2 });
  const submit = (n: number) =>
    caller.annotation.submit({
      assignmentId: held[n].assignmentId,
      answers: prefer("a"),
      idempotencyKey: newKey(),
    });
  await submit(0);
  // More tasks, and another rule: four of eight weigh the same, among them what waits for a second rater.
  await manager.caller.content.addPrompts({ projectId: id, prompts: somePrompts(4, 2) });
  await manager.caller.task.create({ projectId: id });
  expect([...(await probabilities(id)).values()]).toEqual(Array(8).fill(1 / 8));
  await manager.caller.project.update({ projectId: id, selection: "disagreement" });
  await submit(1);
  const given = await db.select().from(annotation).where(eq(annotation.projectId, id));
  expect(given.map(({ selectionProbability }) => selectionProbability)).toEqual([1 / 4, 1 / 4]);
  const { items } = await manager.caller.review.preferences({ projectId: id });
  expect(items.map(({ selectionProbability }) => selectionProbability)).toEqual([1 / 4, 1 / 4]);
  await caller.annotation.revise({
    assignmentId: held[0].assignmentId,
    answers: prefer("b"),
    idempotencyKey: newKey(),
  });
  const again = await db.select().from(annotation).where(eq(annotation.projectId, id));
  expect(again.map(({ selectionProbability }) => selectionProbability)).toEqual(Array(3).fill(1 / 4));
});

it("gives tasks that no model has scored the chance of an average one, and each priority its own draw", async () => {
  const { projectId: id, manager } = await study(database, { tasks: 3, overlap: 1 });
  const [judge] = await db
    .insert(model)
    .values({ projectId: id, name: "judge", method: "reward", format: "full", source: { kind: "run" } })
    .returning();
  const scored = await db.select().from(task).where(eq(task.projectId, id));
  // p(1 − p) of one half and of nearly nothing.
  await db.insert(score).values(
    scored.slice(0, 2).flatMap(({ responseIds }, n) =>
      responseIds.map((responseId, side) => ({
        projectId: id,
        modelId: judge.id,
        responseId,
        reward: side * n * 60,
      })),
    ),
  );
  await manager.caller.project.update({ projectId: id, selection: "uncertainty" });
  const chances = await probabilities(id);
  expect(scored.map((one) => chances.get(one.id))).toEqual([
    expect.closeTo(0.75 * (2 / 3) + 0.25 / 3, 9),
    expect.closeTo(0.25 / 3, 9),
    expect.closeTo(1 / 3, 9),
  ]);
  await manager.caller.content.addPrompts({ projectId: id, prompts: somePrompts(1, 2) });
  await manager.caller.task.create({ projectId: id });
  expect(total(await probabilities(id))).toBeCloseTo(1, 9);
  // A new one stands behind the undecided one as often as its chance says: 60 draws, 7/16 to be the very first.
  let first = 0;
  for (let n = 0; n < 60; n += 1) {
    await orderSeats(db, id);
    const seats = (await openSeats(id)).toSorted((a, b) => a.position - b.position);
    if (seats[0].taskId === scored[0].id) first += 1;
  }
  expect(first).toBeGreaterThan(12);
  expect(first).toBeLessThan(48);

  await manager.caller.task.setPriority({ projectId: id, taskIds: [scored[1].id], priority: 1 });
  expect((await probabilities(id)).get(scored[1].id)).toBe(1);
});
