import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { membership } from "@/db/schema";
import { defaultQuestions } from "@/server/project/schema";
import { testDatabase } from "./database";
import { newKey, prefer, someone, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

test("a new project asks something sensible, and its creator manages it", async () => {
  const admin = await someone(database, { isAdmin: true });
  const created = await admin.caller.project.create({ name: "  Pilot  ", guidelines: "Be fair." });
  expect(created).toMatchObject({ name: "Pilot", overlap: 1, role: "manager" });
  expect(created.form).toMatchObject({ version: 1, questions: defaultQuestions });
  expect(created.guidelines).toMatchObject({
    version: 1,
    markdown: "Be fair.",
    createdBy: { id: admin.viewer.personId },
  });
});

test("whoever manages a project may create another; annotators may not", async () => {
  const of = await study(database);
  const [manager, annotator] = [await of.join("manager"), await of.join()];
  expect((await manager.caller.project.list()).mayCreate).toBe(true);
  expect((await manager.caller.project.create({ name: "Second" })).role).toBe("manager");
  expect((await annotator.caller.project.list()).mayCreate).toBe(false);
  await expect(annotator.caller.project.create({ name: "Third" })).rejects.toThrow(/may create a project/);
});

test("people see the projects they are in, with how far each is; other projects are not found", async () => {
  const of = await study(database, { tasks: 2, overlap: 2 });
  const other = await study(database);
  const member = await of.join();
  const { tasks } = await member.caller.annotation.claim({ projectId: of.projectId });
  await member.caller.annotation.submit({
    assignmentId: tasks[0].assignmentId,
    answers: prefer("a"),
    idempotencyKey: newKey(),
  });
  const listed = async () => (await member.caller.project.list()).items;
  // What they may still take back is not in yet.
  const mine = { id: of.projectId, role: "annotator" };
  expect(await listed()).toMatchObject([{ ...mine, seats: { wanted: 4, submitted: 0 } }]);
  await db.execute(sql`update annotation set created_at = now() - interval '31 seconds'
    where project_id = ${of.projectId}`);
  expect(await listed()).toMatchObject([{ ...mine, seats: { wanted: 4, submitted: 1 } }]);
  await expect(member.caller.project.get({ projectId: other.projectId })).rejects.toThrow(
    "The project was not found.",
  );
  await db
    .insert(membership)
    .values({ projectId: other.projectId, personId: member.viewer.personId, role: "reviewer" });
  const both = await member.caller.project.list();
  expect(both.items.map((item) => item.role).toSorted()).toEqual(["annotator", "reviewer"]);
});

test("guidelines and forms are versioned; the same guidelines again make no version", async () => {
  const of = await study(database);
  const { projectId } = of;
  const { caller } = of.manager;
  await caller.project.addGuidelines({ projectId, markdown: "One" });
  await caller.project.addGuidelines({ projectId, markdown: "One" });
  await caller.project.addGuidelines({ projectId, markdown: "Two" });
  expect(
    (await caller.project.guidelines({ projectId })).map(({ version, markdown }) => [version, markdown]),
  ).toEqual([
    [2, "Two"],
    [1, "One"],
  ]);
  const member = await of.join();
  expect((await member.caller.annotation.claim({ projectId })).tasks[0].guidelineVersion).toBe(2);
});

test("an answered question keeps its meaning; an unanswered one may still change", async () => {
  const of = await study(database);
  const { projectId } = of;
  const { caller } = of.manager;
  const fourPoints = defaultQuestions.map((question) =>
    question.type === "preference" ? { ...question, points: 4 as const } : question,
  );
  expect((await caller.project.changeForm({ projectId, questions: fourPoints })).version).toBe(2);
  expect((await caller.project.changeForm({ projectId, questions: defaultQuestions })).version).toBe(3);

  const member = await of.join();
  const { tasks } = await member.caller.annotation.claim({ projectId });
  await member.caller.annotation.submit({
    assignmentId: tasks[0].assignmentId,
    answers: prefer("a"),
    idempotencyKey: newKey(),
  });
  await expect(caller.project.changeForm({ projectId, questions: fourPoints })).rejects.toThrow(
    '"preference" has 7 points and cannot get 4.',
  );
  const withoutRanking = defaultQuestions.filter(({ type }) => type !== "ranking");
  expect((await caller.project.changeForm({ projectId, questions: withoutRanking })).version).toBe(4);
});

test("prompts keep their order and are stored once; new responses join them", async () => {
  const of = await study(database, { tasks: 0 });
  const { projectId } = of;
  const { caller } = of.manager;
  const prompts = somePrompts(30, 2, { language: "de", domain: "law" });
  const first = await caller.content.addPrompts({ projectId, prompts });
  expect(first).toMatchObject({ newPrompts: 30, newResponses: 60 });
  const more = {
    ...prompts[0],
    responses: [...prompts[0].responses, { content: "New", source: "x", metadata: {} }],
  };
  const again = await caller.content.addPrompts({ projectId, prompts: [more, ...prompts] });
  expect(again).toMatchObject({ newPrompts: 0, newResponses: 1 });
  expect(again.promptIds).toEqual([first.promptIds[0], ...first.promptIds]);

  const page = await caller.content.prompts({ projectId, limit: 20 });
  const rest = await caller.content.prompts({ projectId, limit: 20, cursor: page.nextCursor ?? undefined });
  expect([...page.items, ...rest.items].map(({ id }) => id)).toEqual(first.promptIds.toReversed());
  expect(page.total).toBe(30);
  expect((await caller.content.prompts({ projectId, search: "REPLY 1 question 29" })).items).toHaveLength(1);
  expect((await caller.content.prompts({ projectId, source: "x" })).total).toBe(1);
  expect((await caller.content.prompts({ projectId, language: "en" })).total).toBe(0);
  expect((await caller.content.facets({ projectId })).domains).toEqual([{ value: "law", count: 30 }]);
});

test("tasks: all responses together, each pair, or named ones; made once; nothing from unanswerable prompts", async () => {
  const of = await study(database, { tasks: 0, overlap: 2 });
  const { projectId } = of;
  const { caller } = of.manager;
  const { promptIds } = await caller.content.addPrompts({ projectId, prompts: somePrompts(2, 4) });
  const [first, second] = promptIds;
  expect(await caller.task.create({ projectId, promptIds: [first], grouping: "pairs" })).toEqual({
    created: 6,
    existing: 0,
  });
  expect(await caller.task.create({ projectId, grouping: "pairs" })).toEqual({ created: 6, existing: 6 });
  expect(await caller.task.create({ projectId })).toEqual({ created: 2, existing: 0 });
  const { responses } = await caller.content.prompt({ projectId, promptId: second });
  const responseIds = responses.slice(0, 3).map(({ id }) => id);
  await expect(caller.task.create({ projectId, promptIds: [first], responseIds })).rejects.toThrow(
    "not found",
  );
  expect(await caller.task.create({ projectId, promptIds: [second], responseIds })).toEqual({
    created: 1,
    existing: 0,
  });
  expect((await caller.task.list({ projectId })).items.map((task) => task.seats.length)).toEqual(
    Array(15).fill(2),
  );

  const { promptIds: single } = await caller.content.addPrompts({ projectId, prompts: somePrompts(1, 1) });
  await expect(caller.task.create({ projectId, promptIds: single })).rejects.toThrow(/No task can be made/);
});

test("seats can be reserved for named raters, opened again and withdrawn", async () => {
  const of = await study(database, { tasks: 2, overlap: 1 });
  const { projectId } = of;
  const { caller } = of.manager;
  const [named, other] = [await of.join(), await of.join()];
  await named.caller.annotation.desk({ projectId });
  const [{ id: raterId }] = await db.execute<{ id: string }>(
    sql`select id from rater where person_id = ${named.viewer.personId}`,
  );
  const { items } = await caller.task.list({ projectId });
  const taskIds = items.map(({ id }) => id);
  await expect(caller.task.reserve({ projectId, taskIds, raterIds: [raterId, raterId] })).rejects.toThrow(
    "named twice",
  );
  await caller.task.reserve({ projectId, taskIds, raterIds: [raterId] });
  expect((await other.caller.annotation.claim({ projectId })).nothing).toBe("not_for_you");
  expect((await named.caller.annotation.claim({ projectId })).tasks).toHaveLength(1);
  await caller.task.reserve({ projectId, taskIds: [taskIds[1]], raterIds: [] });
  expect((await other.caller.annotation.claim({ projectId })).tasks).toHaveLength(1);
  await other.caller.annotation.releaseAll();
  await caller.task.withdraw({ projectId, taskIds });
  expect((await other.caller.annotation.claim({ projectId })).nothing).toBe("done");
});

test("a judged prompt cannot be deleted; a project only by its name, and then with everything", async () => {
  const of = await study(database, { tasks: 2 });
  const { projectId } = of;
  const { caller } = of.manager;
  const member = await of.join();
  const { tasks } = await member.caller.annotation.claim({ projectId });
  await member.caller.annotation.submit({
    assignmentId: tasks[0].assignmentId,
    answers: prefer("a"),
    idempotencyKey: newKey(),
  });
  const { items } = await caller.content.prompts({ projectId });
  const promptIds = items.map(({ id }) => id);
  await expect(caller.content.deletePrompts({ projectId, promptIds })).rejects.toThrow(
    "1 of these prompts have judgements",
  );
  expect((await caller.content.prompts({ projectId })).total).toBe(2);

  await expect(caller.project.delete({ projectId, name: "wrong" })).rejects.toThrow("give its name exactly");
  const { name } = await caller.project.get({ projectId });
  await caller.project.delete({ projectId, name });
  const [left] = await db.execute(sql`select
    (select count(*)::int from task where project_id = ${projectId}) as tasks,
    (select count(*)::int from annotation where project_id = ${projectId}) as annotations,
    (select count(*)::int from audit_entry where project_id = ${projectId} and action = 'project.delete') as audit`);
  expect(left).toEqual({ tasks: 0, annotations: 0, audit: 1 });
});
