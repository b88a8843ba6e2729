import { eq, sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { annotation, assignment, rater } from "@/db/schema";
import { forgetPlaces } from "@/server/seat/place";
import { lockWaits, testDatabase } from "./database";
import { type Member, newKey, prefer, type Study, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

beforeEach(forgetPlaces);

const claim = ({ caller }: Member, { projectId }: Study, hold = 1) =>
  caller.annotation.claim({ projectId, hold });

async function claimOne(member: Member, of: Study) {
  const { tasks } = await claim(member, of);
  const [task] = tasks;
  if (!task) throw new Error("nothing to claim");
  return task;
}

const submit = ({ caller }: Member, assignmentId: string, next?: { hold: number }) =>
  caller.annotation.submit({ assignmentId, answers: prefer("a"), idempotencyKey: newKey(), next });

const expire = (assignmentId: string) =>
  db
    .update(assignment)
    .set({ leasedUntil: new Date(0) })
    .where(eq(assignment.id, assignmentId));

/** Tasks whose seats are not exactly as many as wanted, and raters who sit on a task twice. */
async function violations() {
  const [row] = await db.execute(sql`select
    (select count(*)::int from task t where t.overlap <> (select count(*) from assignment a
      where a.task_id = t.id and a.status not in ('skipped', 'closed'))) as overlap,
    (select count(*)::int from (select from annotation where current and assignment_id is not null
      group by task_id, rater_id having count(*) > 1) twice) as repeats,
    (select count(*)::int from task t where t.overlap < (select count(*) from annotation a
      where a.task_id = t.id and a.current)) as surplus`);
  return row;
}

test("many raters at once fill every task exactly, and nobody gets a task twice", async () => {
  const of = await study(database, { tasks: 40, overlap: 3 });
  const raters = await Promise.all(Array.from({ length: 12 }, () => of.join()));

  await Promise.all(
    raters.map(async (member) => {
      let queue = (await claim(member, of, 3)).tasks;
      while (queue.length > 0) {
        const [{ assignmentId }, ...rest] = queue;
        const next = { hold: 3, have: rest.map((task) => task.assignmentId) };
        const gesture = Math.random();
        if (gesture < 0.1) {
          const skipped = await member.caller.annotation.skip({ assignmentId, reason: "unclear", next });
          queue = [...rest, ...(skipped.next?.tasks ?? [])];
        } else if (gesture < 0.2) {
          await member.caller.annotation.release({ assignmentId });
          queue = [
            ...rest,
            ...(await member.caller.annotation.claim({ projectId: of.projectId, ...next })).tasks,
          ];
        } else {
          const key = newKey();
          const given = { assignmentId, answers: prefer("b"), idempotencyKey: key, next };
          const answers = await Promise.all(
            gesture < 0.4
              ? [member.caller.annotation.submit(given), member.caller.annotation.submit(given)]
              : [member.caller.annotation.submit(given)],
          );
          expect(new Set(answers.map((answer) => answer.annotationId)).size).toBe(1);
          const known = new Set(rest.map((task) => task.assignmentId));
          for (const answer of answers)
            for (const task of answer.next?.tasks ?? [])
              if (!known.has(task.assignmentId)) {
                known.add(task.assignmentId);
                rest.push(task);
              }
          queue = rest;
        }
      }
    }),
  );

  expect(await violations()).toEqual({ overlap: 0, repeats: 0, surplus: 0 });
  const [{ open }] = await db.execute<{ open: number }>(sql`select count(*)::int as open from assignment
    where project_id = ${of.projectId} and status in ('open', 'leased')`);
  // Only seats that too many raters skipped may be left.
  expect(open).toBeLessThan(6);
});

test("an abandoned seat goes to the next rater; its late owner is told, or gets another free seat of the task", async () => {
  const of = await study(database, { tasks: 1, overlap: 1 });
  const [late, second, third] = await Promise.all([of.join(), of.join(), of.join()]);
  const abandoned = await claimOne(late, of);
  const [{ order }] = await db.select().from(assignment).where(eq(assignment.id, abandoned.assignmentId));
  await expire(abandoned.assignmentId);
  expect((await claimOne(second, of)).assignmentId).toBe(abandoned.assignmentId);
  await expect(submit(late, abandoned.assignmentId)).rejects.toThrow(/lease on this task ran out/);

  await expire(abandoned.assignmentId);
  expect((await claimOne(third, of)).assignmentId).toBe(abandoned.assignmentId);
  await expect(submit(late, abandoned.assignmentId)).rejects.toThrow(/lease on this task ran out/);

  await of.manager.caller.project.update({ projectId: of.projectId, overlap: 3 });
  const { annotationId } = await submit(late, abandoned.assignmentId);
  await submit(second, abandoned.assignmentId);
  await submit(third, abandoned.assignmentId);
  expect(await violations()).toEqual({ overlap: 0, repeats: 0, surplus: 0 });

  const stored = await db.query.annotation.findFirst({ where: (row) => eq(row.id, annotationId) });
  expect(stored?.assignmentId).not.toBe(abandoned.assignmentId);
  const { assignmentId } = abandoned;
  await expect(late.caller.annotation.undo({ assignmentId })).rejects.toThrow(/stands on another seat/);
  expect(stored?.order).toEqual(order);
  expect(stored?.answers.preference).toMatchObject({ outcome: order?.[0] === 0 ? "a" : "b" });
});

test("an answer after the lease ran out is accepted while the seat is free, also after it was given back", async () => {
  const of = await study(database, { tasks: 1, overlap: 2 });
  const [first, second] = await Promise.all([of.join(), of.join()]);
  const expired = await claimOne(first, of);
  await expire(expired.assignmentId);
  await submit(first, expired.assignmentId);
  const released = await claimOne(second, of);
  await second.caller.annotation.release({ assignmentId: released.assignmentId });
  await submit(second, released.assignmentId);
  expect(await violations()).toEqual({ overlap: 0, repeats: 0, surplus: 0 });
});

test("a rater who comes back in time keeps the seat; sign-out gives all seats back", async () => {
  const of = await study(database, { tasks: 5, overlap: 1 });
  const [first, second] = [await of.join(), await of.join()];
  const held = (await claim(first, of, 3)).tasks.map((task) => task.assignmentId);
  await expire(held[0]);
  expect((await claim(first, of, 3)).tasks.map((task) => task.assignmentId)).toEqual(held);
  expect(await first.caller.annotation.releaseAll()).toEqual({ released: 3 });
  expect((await claim(second, of, 5)).tasks).toHaveLength(5);
});

test("a skipped task never comes back to its rater, and another takes the seat at once", async () => {
  const of = await study(database, { tasks: 1, overlap: 1 });
  const [first, second] = [await of.join(), await of.join()];
  const { assignmentId } = await claimOne(first, of);
  await first.caller.annotation.skip({ assignmentId, reason: "not my field" });
  expect(await claim(first, of)).toEqual({ tasks: [], nothing: "not_for_you" });
  await claimOne(second, of);
  expect(await claim(first, of)).toEqual({ tasks: [], nothing: "done" });
  expect(await violations()).toEqual({ overlap: 0, repeats: 0, surplus: 0 });
});

test("priority comes first, then the order of the file; reserved seats and skills are respected", async () => {
  const of = await study(database, { tasks: 0 });
  const { projectId, manager } = of;
  const add = async (more: { language?: string; domain?: string }, options = {}) => {
    const { promptIds } = await manager.caller.content.addPrompts({
      projectId,
      prompts: somePrompts(1, 2, more),
    });
    await manager.caller.task.create({ projectId, promptIds, ...options });
    return promptIds[0];
  };
  const member = await of.join();
  await claim(member, of);
  const [{ id: raterId }] = await db.select().from(rater).where(eq(rater.personId, member.viewer.personId));
  const skills = { languages: ["PT", "en", "zh-hant"], domains: ["Law", "law"] };
  await manager.caller.rater.setSkills({ projectId, raterId, ...skills });
  expect(await manager.caller.rater.list({ projectId })).toContainEqual(
    expect.objectContaining({ id: raterId, languages: ["pt", "en", "zh-Hant"], domains: ["Law"] }),
  );

  const plain = await add({ language: "pt-BR" });
  await add({ language: "de" });
  await add({ language: "en", domain: "medicine" });
  await add({ language: "zh" });
  const urgent = await add({ language: "EN", domain: "LAW" }, { priority: 5 });
  const regional = await add({ language: "zh-HANT-tw" });
  const own = await add({}, { raterIds: [raterId] });
  const other = await of.join();
  await claim(other, of, 10);
  const seenByOther = await seatsOf(other);
  expect(seenByOther).not.toContain(own);
  await other.caller.annotation.releaseAll();
  forgetPlaces();

  await claim(member, of, 10);
  expect(await seatsOf(member)).toEqual([urgent, plain, regional, own]);
});

/** The prompts of the seats a member holds, in order. */
async function seatsOf({ viewer }: Member): Promise<string[]> {
  const rows = await db.execute<{ prompt_id: string }>(sql`select t.prompt_id from assignment a
    join task t on t.id = a.task_id join rater r on r.id = a.rater_id
    where r.person_id = ${viewer.personId} and a.status = 'leased' order by a.leased_at`);
  return rows.map((row) => row.prompt_id);
}

test("overlap raised makes seats, lowered closes those that nobody holds", async () => {
  const of = await study(database, { tasks: 4, overlap: 2 });
  const { projectId, manager } = of;
  const member = await of.join();
  const held = await claimOne(member, of);
  await manager.caller.project.update({ projectId, overlap: 3 });
  expect(await violations()).toEqual({ overlap: 0, repeats: 0, surplus: 0 });
  const [{ seats }] = await db.execute<{ seats: number }>(sql`select count(*)::int as seats from assignment
    where project_id = ${projectId} and status in ('open', 'leased')`);
  expect(seats).toBe(12);
  await manager.caller.project.update({ projectId, overlap: 1 });
  expect(await violations()).toEqual({ overlap: 0, repeats: 0, surplus: 0 });
  await submit(member, held.assignmentId);
});

test("whoever changes the overlap waits for a rater who is taking a seat, and the rater for nobody", async () => {
  const of = await study(database, { tasks: 1, overlap: 2 });
  const [seat] = await db.select().from(assignment).where(eq(assignment.projectId, of.projectId));
  const others = await lockWaits(db);
  const lowering = await db.transaction(async (tx) => {
    // As a claim does: the seat is taken, then its order is drawn, for which PostgreSQL looks at the project.
    await tx.update(assignment).set({ status: "leased" }).where(eq(assignment.projectId, of.projectId));
    const lowering = of.manager.caller.project.update({ projectId: of.projectId, overlap: 1 });
    // Caught where it is awaited, which a failure here would never reach.
    lowering.catch(() => undefined);
    await expect.poll(() => lockWaits(db)).toBeGreaterThan(others);
    await tx
      .update(assignment)
      .set({ order: [0, 1] })
      .where(eq(assignment.id, seat.id));
    return { answer: lowering };
  });
  expect(await lowering.answer).toMatchObject({ overlap: 1 });
});

test("a rater alone gets the tasks in the order of the file", async () => {
  const of = await study(database, { tasks: 1500, overlap: 3 });
  const member = await of.join();
  let { assignmentId } = await claimOne(member, of);
  for (let done = 0; done < 50; done += 1) {
    const { next } = await submit(member, assignmentId, { hold: 1 });
    const [task] = next?.tasks ?? [];
    expect(task).toBeDefined();
    assignmentId = task.assignmentId;
  }
  const seen = await db.execute(sql`select t.position from assignment a join task t on t.id = a.task_id
    where a.project_id = ${of.projectId} and a.rater_id is not null order by a.leased_at`);
  expect(seen).toEqual([...seen].sort((a, b) => Number(a.position) - Number(b.position)));
});

test("an archived project gives out nothing, and what is held can be finished", async () => {
  const of = await study(database, { tasks: 3 });
  const member = await of.join();
  const { assignmentId } = await claimOne(member, of);
  await of.manager.caller.project.archive({ projectId: of.projectId, archived: true });
  const { next } = await submit(member, assignmentId, { hold: 1 });
  expect(next).toEqual({ tasks: [], nothing: "archived" });
});

test("who is taken out of the project, disabled or signed out everywhere holds no seat any more", async () => {
  const of = await study(database, { tasks: 1, overlap: 1 });
  const { projectId } = of;
  const [first, second, third] = [await of.join(), await of.join(), await of.join()];
  const claim = async ({ caller }: Member) => (await caller.annotation.claim({ projectId })).tasks.length;
  expect(await claim(first)).toBe(1);
  expect(await claim(second)).toBe(0);
  await of.manager.caller.member.remove({ projectId, personId: first.viewer.personId });
  expect(await claim(second)).toBe(1);
  await of.manager.caller.person.setDisabled({ personId: second.viewer.personId, disabled: true });
  expect(await claim(third)).toBe(1);
  await third.caller.person.signOutEverywhere();
  expect(await claim(await of.join())).toBe(1);
});

test("a browser's clock moves no judgement out of the time in which its seat was held", async () => {
  const of = await study(database, { tasks: 2, overlap: 1 });
  const { projectId } = of;
  const { caller } = await of.join();
  for (const year of ["2001", "2099"]) {
    const { tasks } = await caller.annotation.claim({ projectId });
    const [{ assignmentId }] = tasks;
    const at = `${year}-01-01T00:00:00.000Z`;
    const { annotationId } = await caller.annotation.submit({
      assignmentId,
      answers: prefer("a"),
      idempotencyKey: newKey(),
      shownAt: at,
      firstDecisionAt: at,
      submittedAt: at,
    });
    const [given] = await db.select().from(annotation).where(eq(annotation.id, annotationId));
    const [seat] = await db.select().from(assignment).where(eq(assignment.id, assignmentId));
    expect(given.submittedAt.getTime()).toBeGreaterThanOrEqual(seat.leasedAt?.getTime() ?? Number.NaN);
    for (const time of [given.shownAt, given.firstDecisionAt, given.submittedAt])
      expect(time?.getTime()).toBeLessThanOrEqual(given.createdAt.getTime());
  }
});

test("ten ahead while nobody goes without; a rater who comes always finds some; looking takes none", async () => {
  const of = await study(database, { tasks: 40 });
  const [first, second, third] = await Promise.all([of.join(), of.join(), of.join()]);
  const ask = async (member: Member, more: { hold: number; ahead?: number }) =>
    (await member.caller.annotation.claim({ projectId: of.projectId, ...more })).tasks.length;
  expect(await ask(first, { hold: 0, ahead: 0 })).toBe(0);
  expect(await ask(first, { hold: 3, ahead: 7 })).toBe(10);
  // 30 are open; 10 stay for the first and 3 for whoever comes.
  expect(await ask(second, { hold: 3, ahead: 7 })).toBe(10);
  // 20 are open and two others are at work: none ahead, and those for now all the same.
  expect(await ask(third, { hold: 3, ahead: 7 })).toBe(3);
  // What is held already is kept.
  expect(await ask(second, { hold: 3, ahead: 7 })).toBe(10);
  const { waiting, moreWaiting } = await third.caller.annotation.desk({ projectId: of.projectId });
  expect({ waiting, moreWaiting }).toEqual({ waiting: 3 + 17, moreWaiting: false });

  const small = await study(database, { tasks: 8 });
  const alone = await small.join();
  const { tasks, nothing } = await alone.caller.annotation.claim({
    projectId: small.projectId,
    hold: 3,
    ahead: 7,
  });
  expect([tasks.length, nothing]).toEqual([5, null]);
});
