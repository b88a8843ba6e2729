import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  annotation,
  assignment,
  auditEntry,
  gold,
  goldAnswer,
  markFact,
  preference,
  prompt,
  rater,
  task,
} from "@/db/schema";
import { type GoldPolicy, goldPolicySchema } from "@/db/shape/gold";
import type { Answers } from "@/server/form/schema";
import { metricsOf } from "@/server/metrics";
import { claimSeats } from "@/server/seat/claim";
import type { BlindTask } from "@/server/seat/schema";
import { blockingTest, sequentialVerdict } from "@/server/statistics/gold/gold";
import { testDatabase } from "./database";
import { type Member, newKey, prefer, type Study, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

type Use = (typeof gold.$inferSelect)["use"];

/** Prompts that nobody judges otherwise, with the first response known to be better. */
async function known({ projectId, manager }: Study, count: number, use: Use = "mixed"): Promise<string[]> {
  const { ids } = await manager.caller.content
    .addPrompts({ projectId, prompts: somePrompts(count, 2) })
    .then(async () => ({
      ids: (
        await db.execute<{ id: string; responses: string[] }>(sql`
          select p.id, array(select r.id from response r where r.prompt_id = p.id order by r.id) as responses
          from prompt p where p.project_id = ${projectId}
            and not exists (select from task t where t.prompt_id = p.id)`)
      ).map((row) => row),
    }));
  await manager.caller.gold.create({
    projectId,
    items: ids.map(({ id, responses }) => ({
      promptId: id,
      responseIds: responses,
      answers: prefer("a"),
      reason: "The first names the dose.",
      use,
    })),
  });
  return ids.map(({ id }) => id);
}

const policy = (some: Partial<GoldPolicy>): GoldPolicy => goldPolicySchema.parse(some);
const setPolicy = ({ projectId, manager }: Study, some: Partial<GoldPolicy>) =>
  manager.caller.gold.setPolicy({ projectId, policy: policy(some) });

const seatOf = async (assignmentId: string) =>
  (await db.select().from(assignment).where(eq(assignment.id, assignmentId)))[0];

/** Answers that say, of whichever order was shown, that the canonically first response is better, or is not. */
async function say({ assignmentId }: BlindTask, outcome: "a" | "b"): Promise<Answers> {
  const { order } = await seatOf(assignmentId);
  return prefer(order?.[0] === 0 ? outcome : outcome === "a" ? "b" : "a");
}

async function submit(by: Member, held: BlindTask, outcome: "a" | "b" = "a") {
  return by.caller.annotation.submit({
    assignmentId: held.assignmentId,
    answers: await say(held, outcome),
    idempotencyKey: newKey(),
  });
}

async function next(by: Member, { projectId }: Study): Promise<BlindTask | undefined> {
  return (await by.caller.annotation.claim({ projectId, hold: 1 })).tasks[0];
}

/** As if the time in which a judgement can be taken back were over. */
const settle = ({ projectId }: Study) =>
  db.execute(sql`update annotation set created_at = now() - interval '31 seconds'
    where project_id = ${projectId}`);

const raterIdOf = async ({ viewer }: Member, { projectId }: Study) =>
  (
    await db
      .select({ id: rater.id })
      .from(rater)
      .where(and(eq(rater.personId, viewer.personId), eq(rater.projectId, projectId)))
  )[0].id;

test("items come at the set rate, each once, on no prompt met before, and never in place of work", async () => {
  const of = await study(database, { tasks: 120, overlap: 1 });
  const { projectId } = of;
  await known(of, 60);
  // An item on a prompt that is to be judged as well: whoever gets one of the two never gets the other.
  const [shared] = await db.select().from(task).where(eq(task.projectId, projectId)).limit(1);
  await of.manager.caller.gold.create({
    projectId,
    items: [
      { promptId: shared.promptId, responseIds: shared.responseIds, answers: prefer("a"), reason: "So." },
    ],
  });
  await setPolicy(of, { rate: 0.3 });
  const one = await of.join();
  await next(one, of);
  const raterId = await raterIdOf(one, of);
  const { tasks } = await claimSeats(db, { raterId, hold: 200, ahead: 0, have: [] });
  const given = await db
    .select({ isItem: assignment.apart, promptId: task.promptId })
    .from(assignment)
    .innerJoin(task, eq(task.id, assignment.taskId))
    .where(eq(assignment.raterId, raterId))
    .orderBy(assignment.leasedAt);
  const items = given.filter((each) => each.isItem).length;
  // All other tasks were given out, but for one where the shared prompt came as an item first.
  expect(given.length - items).toBeGreaterThanOrEqual(119);
  expect(new Set(given.map(({ promptId }) => promptId)).size).toBe(given.length);
  // Geometric with p = .3 over 120 tasks, at most 61: mean 51, deviation 8.6. Wrong at most once in 10,000 runs.
  expect(items).toBeGreaterThan(18);
  expect(given[given.length - 1].isItem).toBe(false);
  const seats = new Map(
    (await db.select().from(assignment).where(eq(assignment.raterId, raterId))).map((seat) => [
      seat.id,
      seat,
    ]),
  );
  const some = [true, false].flatMap((isGold) =>
    tasks.filter(({ assignmentId }) => seats.get(assignmentId)?.apart === isGold).slice(0, 4),
  );
  for (const held of some) await submit(one, held);
  // Nothing of it is a vote, a mark, or a seat that somebody waits for.
  const facts = await db
    .select({ id: annotation.id })
    .from(annotation)
    .innerJoin(preference, eq(preference.annotationId, annotation.id))
    .where(eq(annotation.apart, true));
  expect(facts).toEqual([]);
  const dashboard = await of.manager.caller.review.dashboard({ projectId });
  expect(dashboard.tasks.total).toBe(120);
  expect(dashboard.seats).toMatchObject({ wanted: 120, submitted: 4, leased: given.length - items - 4 });
  expect(dashboard.raters.find(({ id }) => id === raterId)?.submitted).toBe(4);
  expect((await of.manager.caller.task.list({ projectId, limit: 500 })).total).toBe(120);
  // Nor in what the site counts of itself; four judgements of the eight are there.
  const gauges = await metricsOf(db).getMetricsAsJSON();
  const gauge = (name: string) => gauges.find((one) => one.name === name)?.values ?? [];
  const others = await db.$count(annotation, and(eq(annotation.current, true), eq(annotation.apart, false)));
  expect(gauge("concord_annotations").map(({ value }) => value)).toEqual([others]);
  const seatsOfOthers = await db.$count(assignment, eq(assignment.apart, false));
  expect(gauge("concord_assignments").reduce((sum, { value }) => sum + value, 0)).toBe(seatsOfOthers);
});

test("what a browser gets of an item is what it gets of any task, and says nothing of the answer", async () => {
  const of = await study(database, { tasks: 40, overlap: 2 });
  const { projectId } = of;
  // Other tasks are of an old file; items were made today.
  await db.execute(sql`update assignment set id = ('01900000' || substr(id::text, 9))::uuid
    where project_id = ${projectId}`);
  await known(of, 20);
  await setPolicy(of, { rate: 0.5, feedback: true });
  const one = await of.join();
  const { tasks } = await one.caller.annotation.claim({ projectId, hold: 20 });
  const seats = await Promise.all(tasks.map(({ assignmentId }) => seatOf(assignmentId)));
  const apart = (isGold: boolean) => tasks.filter((_, index) => seats[index].apart === isGold);
  const [items, others] = [apart(true), apart(false)];
  expect([items.length > 0, others.length > 0]).toEqual([true, true]);

  /** Everything but what differs from task to task. */
  const shape = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shape)
      : value instanceof Date
        ? "date"
        : value !== null && typeof value === "object"
          ? Object.entries(value).map(([key, inner]) => [key, shape(inner)])
          : value === null
            ? null
            : typeof value;
  expect(new Set(tasks.map((held) => JSON.stringify(shape(held)))).size).toBe(1);
  expect(JSON.stringify(tasks)).not.toMatch(/dose|gold|mixed/);
  // Ids ascend as those of a file do, whatever is between.
  const ids = tasks.map(({ assignmentId }) => assignmentId);
  const times = ids.map((id) => id.slice(0, 18));
  expect(times).toEqual(times.toSorted());
  expect(new Set(ids.map((id) => id.slice(0, 8)))).toEqual(new Set(["01900000"]));
  for (const { assignmentId } of items)
    expect(JSON.stringify(shape(await one.caller.annotation.open({ assignmentId })))).toBe(
      JSON.stringify(shape(await one.caller.annotation.open({ assignmentId: others[0].assignmentId }))),
    );
  // Neither does the number of tasks that wait, nor what comes when a task is given back.
  const before = await one.caller.annotation.desk({ projectId });
  expect(before.waiting).toBe(40);
  const [back] = items;
  await one.caller.annotation.release({ assignmentId: back.assignmentId });
  await setPolicy(of, { rate: 0.5 });
  const again = await one.caller.annotation.claim({
    projectId,
    hold: 20,
    have: ids.filter((id) => id !== back.assignmentId),
  });
  expect(again.tasks.map(({ assignmentId }) => assignmentId)).toEqual([back.assignmentId]);
  // In the history, too, it is one of many.
  await submit(one, again.tasks[0]);
  await submit(one, others[0]);
  const { items: done } = await one.caller.annotation.history({ projectId });
  expect(new Set(done.map((row) => JSON.stringify(shape(row)))).size).toBe(1);
});

test("no count tells an answered item from other work while the answer can be taken back", async () => {
  const of = await study(database, { tasks: 30, overlap: 1 });
  const { projectId } = of;
  await known(of, 10);
  await setPolicy(of, { rate: 0.5 });
  const one = await of.join();
  const counts = async () => {
    const { waiting, moreWaiting } = await one.caller.annotation.desk({ projectId });
    const { items } = await one.caller.project.list();
    return { waiting, moreWaiting, seats: items.find(({ id }) => id === projectId)?.seats };
  };
  const change = (before: Awaited<ReturnType<typeof counts>>, after: typeof before) => ({
    waiting: after.waiting - before.waiting,
    submitted: (after.seats?.submitted ?? 0) - (before.seats?.submitted ?? 0),
    wanted: (after.seats?.wanted ?? 0) - (before.seats?.wanted ?? 0),
  });
  const met = { items: 0, others: 0 };
  while (met.items === 0 || met.others === 0) {
    const start = await counts();
    const held = await next(one, of);
    if (!held) throw new Error("No task came.");
    met[(await seatOf(held.assignmentId)).apart ? "items" : "others"] += 1;
    expect(await counts(), "when it is at hand").toEqual(start);
    const judged = { waiting: -1, submitted: 0, wanted: 0 };
    await submit(one, held);
    expect(change(start, await counts()), "when it is judged").toEqual(judged);
    const { assignmentId } = held;
    const answers = await say(held, "b");
    await one.caller.annotation.revise({ assignmentId, answers, idempotencyKey: newKey() });
    expect(change(start, await counts()), "when it is changed").toEqual(judged);
    await one.caller.annotation.undo({ assignmentId });
    await one.caller.annotation.undo({ assignmentId });
    expect(await counts(), "when it is taken back").toEqual(start);
    await submit(one, held);
    expect(change(start, await counts()), "when it is judged again").toEqual(judged);
  }
  // Later they tell what is true.
  await settle(of);
  const { waiting, seats } = await counts();
  expect({ waiting, submitted: seats?.submitted }).toEqual({
    waiting: 30 - met.others,
    submitted: met.others,
  });

  // Beyond the most that is told, too, a task at hand is none more.
  await db.execute(sql`
    with many as (
      insert into task (id, project_id, prompt_id, response_ids, key, overlap)
      select uuid7(), project_id, prompt_id, response_ids, 'many ' || n, 1
      from (select * from task where project_id = ${projectId} limit 1) one, generate_series(1, 1100) n
      returning id
    )
    insert into assignment (project_id, task_id, priority, position) select ${projectId}, id, 0, 0 from many`);
  await setPolicy(of, { rate: 0 });
  const start = await counts();
  expect(start).toMatchObject({ waiting: 1000, moreWaiting: true });
  await next(one, of);
  expect(await counts()).toEqual(start);
});

test("the first answer counts: told of, it stands; not told of, a slip may be taken back", async () => {
  const of = await study(database, { tasks: 20, overlap: 1 });
  const { projectId } = of;
  await known(of, 10);
  const one = await of.join();
  const item = async (): Promise<BlindTask> => {
    for (;;) {
      const held = await next(one, of);
      if (!held) throw new Error("No item came.");
      if ((await seatOf(held.assignmentId)).apart) return held;
      expect((await submit(one, held)).feedback).toBeNull();
    }
  };
  const figures = async () => {
    const raterId = await raterIdOf(one, of);
    const found = (await of.manager.caller.gold.raters({ projectId })).find((row) => row.raterId === raterId);
    return [found?.accuracy?.right ?? 0, found?.accuracy?.of ?? 0];
  };

  await setPolicy(of, { rate: 0.5, feedback: true });
  const told = await item();
  const key = { assignmentId: told.assignmentId, answers: await say(told, "b"), idempotencyKey: newKey() };
  const { feedback } = await one.caller.annotation.submit(key);
  expect(feedback).toMatchObject({
    right: false,
    answers: await say(told, "a"),
    reason: "The first names the dose.",
  });
  // Sent again because the reply was lost, it is told again.
  expect((await one.caller.annotation.submit(key)).feedback).toEqual(feedback);
  expect(await figures()).toEqual([0, 1]);
  await expect(one.caller.annotation.undo({ assignmentId: told.assignmentId })).rejects.toThrow(
    /told the answer/,
  );
  // Changed afterwards, the first still is what counts.
  await one.caller.annotation.revise({ ...key, answers: await say(told, "a"), idempotencyKey: newKey() });
  expect(await figures()).toEqual([0, 1]);
  await one.caller.annotation.undo({ assignmentId: told.assignmentId });
  const stated = await db
    .select({ id: annotation.id })
    .from(annotation)
    .leftJoin(preference, eq(preference.annotationId, annotation.id))
    .leftJoin(markFact, eq(markFact.annotationId, annotation.id))
    .where(
      and(
        eq(annotation.assignmentId, told.assignmentId),
        sql`(not ${annotation.apart} or ${preference.id} is not null or ${markFact.id} is not null)`,
      ),
    );
  expect(stated).toEqual([]);

  await setPolicy(of, { rate: 0.5, feedback: false });
  const quiet = await item();
  expect((await submit(one, quiet, "b")).feedback).toBeNull();
  // No figure says whether it was right while it can be answered anew.
  expect(await figures()).toEqual([0, 1]);
  await one.caller.annotation.undo({ assignmentId: quiet.assignmentId });
  expect(await figures()).toEqual([0, 1]);
  await submit(one, quiet, "a");
  expect(await figures()).toEqual([0, 1]);
  await settle(of);
  expect(await figures()).toEqual([1, 2]);

  // An item whose answer turns out to be wrong measures nobody.
  const { taskId } = await seatOf(quiet.assignmentId);
  await of.manager.caller.gold.retire({ projectId, taskId, wasWrong: true });
  expect(await figures()).toEqual([0, 1]);
  // Counted again from the tables, with the posterior's mean in closed form.
  const [again] = await db.execute<{ right: number; of: number; answered: number }>(sql`
    select count(*) filter (where a.correct)::int as right, count(a.correct)::int as of,
      count(a.annotation_id)::int as answered
    from gold_answer a join gold g on g.task_id = a.task_id where g.project_id = ${projectId} and g.use = 'mixed'`);
  const [shown] = (await of.manager.caller.gold.raters({ projectId })).filter((row) => row.accuracy);
  expect(shown.accuracy).toMatchObject({ right: again.right, of: again.of });
  expect(shown.accuracy?.estimate).toBeCloseTo((8 + again.right) / (10 + again.of), 12);
  const listed = await of.manager.caller.gold.list({ projectId });
  const total = (key: "answered" | "right") => listed.reduce((sum, row) => sum + row[key], 0);
  expect([total("answered"), total("right")]).toEqual([again.answered, again.right]);
  // Nor can a reviewer decide, send back or exclude what was never to be judged.
  await expect(
    of.manager.caller.review.adjudicate({ projectId, taskId, answers: prefer("a"), reason: "So." }),
  ).rejects.toThrow(/gold item/);
  await expect(
    of.manager.caller.review.exclude({
      projectId,
      annotationIds: [
        (await db.select().from(annotation).where(eq(annotation.assignmentId, quiet.assignmentId)))[0].id,
      ],
      reason: "So.",
    }),
  ).rejects.toThrow(/not found/);
});

test("a rater whom the test blocks holds nothing from then on, and a manager may let them go on", async () => {
  const of = await study(database, { tasks: 40, overlap: 1 });
  const { projectId } = of;
  await known(of, 30);
  const blocking = { good: 0.85, bad: 0.6, alpha: 0.01, beta: 0.05 };
  await setPolicy(of, { rate: 0.5, blocking });
  const one = await of.join();
  // The statistics say after how many wrong answers: here, the product does the same.
  const { after } = sequentialVerdict(Array(30).fill(false), blockingTest(blocking));
  const wrong = async () => {
    for (let count = 0; ; ) {
      const { tasks, nothing } = await one.caller.annotation.claim({ projectId, hold: 4 });
      if (tasks.length === 0) return { count, nothing };
      const seats = await Promise.all(tasks.map(({ assignmentId }) => seatOf(assignmentId)));
      const at = seats.findIndex((seat) => seat.apart);
      if (at >= 0) count++;
      const rest = tasks.filter((_, index) => index !== Math.max(0, at));
      await submit(one, tasks[Math.max(0, at)], at >= 0 ? "b" : "a");
      for (const { assignmentId } of rest)
        if ((await seatOf(assignmentId)).status === "leased")
          await one.caller.annotation.release({ assignmentId });
    }
  };
  expect(await wrong()).toEqual({ count: after, nothing: "blocked" });
  const raterId = await raterIdOf(one, of);
  const held = await db.$count(
    assignment,
    and(eq(assignment.raterId, raterId), sql`status in ('leased', 'returned')`),
  );
  expect(held).toBe(0);
  const other = await of.join();
  expect((await other.caller.annotation.claim({ projectId, hold: 20 })).tasks).toHaveLength(20);
  await other.caller.annotation.releaseAll();
  await settle(of);
  const figures = await of.manager.caller.gold.raters({ projectId });
  expect(figures.find((row) => row.raterId === raterId)).toMatchObject({
    verdict: "block",
    blockReason: "accuracy",
    accuracy: { right: 0, of: after },
  });
  const trail = await db.select().from(auditEntry).where(eq(auditEntry.targetId, raterId));
  expect(trail.map(({ action, personId }) => [action, personId])).toEqual([["gold.block", null]]);

  await expect(one.caller.gold.unblock({ projectId, raterId, reason: "I was ill." })).rejects.toThrow(
    /manager/,
  );
  await of.manager.caller.gold.unblock({ projectId, raterId, reason: "We talked." });
  // The test begins anew: as many again.
  expect(await wrong()).toEqual({ count: after, nothing: "blocked" });

  // By hand as well, and what is still on its way is refused with a reason.
  const third = await of.join();
  const waiting = await next(third, of);
  if (!waiting) throw new Error("Nothing came.");
  await of.manager.caller.gold.block({
    projectId,
    raterId: await raterIdOf(third, of),
    reason: "They asked for a pause.",
  });
  await expect(submit(third, waiting)).rejects.toThrow(/paused/);
});

test("nobody works before the qualification is passed; who fails every attempt gets no more", async () => {
  const of = await study(database, { tasks: 10, overlap: 3 });
  const { projectId } = of;
  await known(of, 6, "qualification");
  await setPolicy(of, { qualification: { items: 3, pass: 2, retries: 1 } });
  const attempt = async (by: Member, answers: readonly ("a" | "b" | "skip")[]) => {
    for (const [index, answer] of answers.entries()) {
      const { tasks } = await by.caller.annotation.claim({ projectId, hold: 5 });
      expect(tasks).toHaveLength(3 - (index % 3));
      expect((await seatOf(tasks[0].assignmentId)).apart).toBe(true);
      const { qualifying } = await by.caller.annotation.desk({ projectId });
      expect(qualifying).toMatchObject({ done: index % 3, items: 3, attempt: 1 + Math.floor(index / 3) });
      if (answer === "skip")
        await by.caller.annotation.skip({ assignmentId: tasks[0].assignmentId, reason: "Not mine" });
      else {
        await submit(by, tasks[0], answer);
        await expect(by.caller.annotation.undo({ assignmentId: tasks[0].assignmentId })).rejects.toThrow(
          /qualification/,
        );
      }
    }
    const { tasks, nothing } = await by.caller.annotation.claim({ projectId, hold: 1 });
    return nothing ?? (await seatOf(tasks[0].assignmentId)).apart;
  };
  // The second attempt is on other tasks.
  expect(await attempt(await of.join(), ["b", "a", "b", "a", "a", "b"])).toBe(false);
  const failed = await of.join();
  expect(await attempt(failed, ["b", "skip", "a", "skip", "b", "a"])).toBe("not_qualified");
  const raterId = await raterIdOf(failed, of);
  await of.manager.caller.gold.unblock({ projectId, raterId, reason: "They know the field." });
  expect((await failed.caller.annotation.claim({ projectId, hold: 1 })).nothing).toBeNull();
  // Of the qualification nothing is a rater's accuracy at work.
  const figures = await of.manager.caller.gold.raters({ projectId });
  expect(figures.find((row) => row.raterId === raterId)).toMatchObject({
    accuracy: null,
    qualification: { right: 2, of: 6 },
  });
});

test("what was retired is no part of the qualification: another task takes its place", async () => {
  const of = await study(database, { tasks: 5, overlap: 1 });
  const { projectId } = of;
  await known(of, 5, "qualification");
  await setPolicy(of, { qualification: { items: 3, pass: 3, retries: 0 } });
  const one = await of.join();
  const retire = async ({ assignmentId }: BlindTask, wasWrong: boolean) => {
    const { taskId } = await seatOf(assignmentId);
    await of.manager.caller.gold.retire({ projectId, taskId, wasWrong });
  };
  const { tasks: first } = await one.caller.annotation.claim({ projectId, hold: 3 });
  await submit(one, first[0], "b");
  await retire(first[0], true);
  await one.caller.annotation.release({ assignmentId: first[1].assignmentId });
  await retire(first[1], false);
  // The third is at hand, and stays.
  await retire(first[2], false);
  const { tasks } = await one.caller.annotation.claim({ projectId, hold: 3 });
  expect(tasks).toHaveLength(3);
  expect((await one.caller.annotation.desk({ projectId })).qualifying).toMatchObject({ done: 0, attempt: 1 });
  for (const held of tasks) await submit(one, held);
  expect((await one.caller.annotation.claim({ projectId, hold: 1 })).nothing).toBeNull();
});

test("items are made of adjudications and of a trusted rater's judgements; a bad one is refused by its place", async () => {
  const of = await study(database, { tasks: 2, overlap: 1 });
  const { projectId, manager } = of;
  const expert = await of.join();
  for (let held = await next(expert, of); held; held = await next(expert, of))
    await submit(expert, held, "b");
  const [first, second] = await db
    .select()
    .from(task)
    .where(eq(task.projectId, projectId))
    .orderBy(task.position);
  await manager.caller.review.adjudicate({
    projectId,
    taskId: first.id,
    answers: prefer("a"),
    reason: "It names the source.",
  });
  const made = await manager.caller.gold.adopt({ projectId, reason: "Adjudicated." });
  expect(made).toEqual({ created: 1, existing: 0 });
  expect(
    await manager.caller.gold.adopt({
      projectId,
      raterId: await raterIdOf(expert, of),
      reason: "By the expert.",
    }),
  ).toEqual({ created: 1, existing: 1 });
  const rows = await manager.caller.gold.list({ projectId });
  expect(
    rows
      .map(({ promptId, source, reason, answers }) => [promptId, source, reason, answers])
      .toSorted((one, other) => String(one[1]).localeCompare(String(other[1]))),
  ).toEqual([
    [first.promptId, "adjudication", "It names the source.", prefer("a")],
    [second.promptId, "rater", "By the expert.", prefer("b")],
  ]);
  const [{ promptId, responseIds }] = [first];
  const item = { promptId, responseIds, answers: prefer("a"), reason: "So." };
  const refused = (more: Partial<typeof item> & { answers?: Answers }) =>
    manager.caller.gold.create({ projectId, items: [item, { ...item, ...more }] });
  await expect(refused({ responseIds: second.responseIds })).rejects.toThrow(/^Item 2: the response/);
  await expect(refused({ answers: { preference: { type: "preference", outcome: "a" } } })).rejects.toThrow(
    /^Item 2: Which response is better/,
  );
  await expect(refused({ answers: { rationale: { type: "text", text: "So.", chips: [] } } })).rejects.toThrow(
    /Item 2: .*texts/,
  );
  expect(await db.$count(gold, eq(gold.projectId, projectId))).toBe(2);
  // Whoever made them, and whoever judged those prompts, gets none of them.
  await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(5, 2) });
  const fresh = await db.select({ id: prompt.id }).from(prompt).where(eq(prompt.projectId, projectId));
  await manager.caller.task.create({ projectId, promptIds: fresh.map(({ id }) => id) });
  await setPolicy(of, { rate: 0.5 });
  for (const by of [expert, manager])
    for (let held = await next(by, of); held; held = await next(by, of)) await submit(by, held);
  expect(await db.$count(goldAnswer, eq(goldAnswer.projectId, projectId))).toBe(0);
});
