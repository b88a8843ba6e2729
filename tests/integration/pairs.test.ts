import { isNull, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { formVersion, rater, task } from "@/db/schema";
import { randomFor } from "@/server/demo/random";
import { type Answers, formSchema, storedQuestions } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { recountPairs } from "@/server/judgement/pairs";
import { storeJudgements } from "@/server/judgement/store";
import { setConsent } from "@/server/model/model";
import { testDatabase } from "./database";
import { type Member, newKey, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

/** Two questions of a pair and a ranking of three, judged by four people. */
const questions = formSchema.parse([
  { id: "help", type: "preference", label: "Which helps more?" },
  { id: "safe", type: "preference", label: "Which is safer?", required: false },
  { id: "rank", type: "ranking", label: "Rank them." },
]);
const of = await study(database, { tasks: 10, overlap: 4, questions });
const { projectId } = of;
await of.manager.caller.content.addPrompts({ projectId, prompts: somePrompts(4, 3) });
await of.manager.caller.task.create({ projectId });
const tasks = await db.select().from(task);
const [form] = await db.select().from(formVersion);
const people = [await of.join(), await of.join(), await of.join(), await of.join()];
const reviewer = await of.join("reviewer");

const { uniform: random } = randomFor("pairs");
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
const outcomes = ["a", "b", "tie", "both_bad"] as const;
const rankings = [
  [1, 2, 3],
  [3, 1, 1],
  [1, 1, 1],
];

function someAnswers(k: number): Answers {
  const preference = () => {
    const outcome = pick(outcomes);
    const decided = outcome === "a" || outcome === "b";
    return { type: "preference" as const, outcome, ...(decided && { level: 1 + Math.floor(random() * 3) }) };
  };
  if (k > 2) return { rank: { type: "ranking", ranks: pick(rankings) } };
  return { help: preference(), ...(random() < 0.6 && { safe: preference() }) };
}

async function submit({ caller }: Member) {
  const { tasks: held } = await caller.annotation.claim({ projectId });
  for (const { assignmentId, responses } of held)
    await caller.annotation.submit({
      assignmentId,
      answers: someAnswers(responses.length),
      idempotencyKey: newKey(),
    });
  return held.map(({ assignmentId }) => assignmentId);
}

const isRefusal = (error: { code?: string } | null) =>
  error?.code !== undefined && error.code !== "INTERNAL_SERVER_ERROR";

/** What those answered that were not refused, when all have ended. */
async function allOf<T>(doing: Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(doing);
  return ended.flatMap((one) => {
    if (one.status === "rejected" && !isRefusal(one.reason)) throw one.reason;
    return one.status === "fulfilled" ? [one.value] : [];
  });
}

async function ownSeat({ caller }: Member) {
  const { items } = await caller.annotation.history({ projectId });
  return items.length > 0 ? pick(items) : null;
}

async function someJudgement() {
  const rows = await db.execute<{ id: string }>(
    sql`select id from annotation where current and assignment_id is not null order by id`,
  );
  return rows.length > 0 ? { projectId, annotationIds: [pick(rows).id], reason: "Because" } : null;
}

async function someRater() {
  return pick(await db.select().from(rater).orderBy(rater.id));
}

/** Everything that makes votes or unmakes them. Each says whether it did something. */
const actions: Record<string, () => Promise<unknown>> = {
  submit: async () => (await submit(pick(people))).length > 0,
  together: async () => (await allOf(people.map(submit))).flat().length > 0,
  async undo() {
    const who = pick(people);
    const [assignmentId] = await submit(who);
    return assignmentId !== undefined && who.caller.annotation.undo({ assignmentId });
  },
  async revise() {
    const who = pick(people);
    const seat = await ownSeat(who);
    if (!seat) return false;
    const given = { answers: someAnswers(seat.responses), idempotencyKey: newKey() };
    return who.caller.annotation.revise({ ...given, assignmentId: seat.assignmentId });
  },
  async exclude() {
    const named = await someJudgement();
    return named && reviewer.caller.review.exclude(named);
  },
  async include() {
    const named = await someJudgement();
    return named && reviewer.caller.review.include(named);
  },
  async sendBack() {
    const named = await someJudgement();
    return named && reviewer.caller.review.sendBack(named);
  },
  async reopen() {
    const { id: raterId } = await someRater();
    const to = pick(["rater", "anyone"] as const);
    return of.manager.caller.review.reopen({ projectId, raterId, to, reason: "Again" });
  },
  async adjudicate() {
    const { id: taskId, responseIds } = pick(tasks);
    const answers = someAnswers(responseIds.length);
    return reviewer.caller.review.adjudicate({ projectId, taskId, answers, reason: "So it is" });
  },
  async consent() {
    // Who has withdrawn it judges nothing, so it is given again first.
    const raters = await db.select().from(rater).orderBy(rater.id);
    const { id: raterId, consentWithdrawnAt } =
      raters.find((one) => one.consentWithdrawnAt !== null) ?? pick(raters);
    return setConsent(db, of.manager.viewer, { projectId, raterId, withdrawn: consentWithdrawnAt === null });
  },
  /** One who is withdrawing consent judges at the same time. */
  async consentMeanwhile() {
    const raters = await db.select().from(rater).where(isNull(rater.consentWithdrawnAt));
    const mineOf = ({ viewer }: Member) => raters.find(({ personId }) => personId === viewer.personId);
    const who = people.find(mineOf);
    const raterId = who && mineOf(who)?.id;
    if (!who || !raterId) return false;
    const withdrawn = setConsent(db, of.manager.viewer, { projectId, raterId, withdrawn: true });
    await allOf<unknown>([withdrawn, submit(who)]);
    return true;
  },
  async model() {
    const [{ id: raterId }] = await db
      .insert(rater)
      .values({ projectId, kind: "model", name: "Judge", externalId: newKey() })
      .returning();
    const { id: taskId, promptId, responseIds } = pick(tasks);
    const answers = someAnswers(responseIds.length);
    const order = responseIds.map((_, index) => index);
    const facts = factsOf({ questions: storedQuestions(form.questions), answers, order, responseIds });
    const judgement = { taskId, promptId, raterId, assignmentId: null, origin: "model" as const, answers };
    const given = { ...judgement, facts, order, formVersionId: form.id, submittedAt: new Date() };
    return storeJudgements(db, { projectId, judgements: [given] });
  },
};

/** The pairs as kept, and as counted from the raw tables; no view is asked. */
async function expectPairsKept(after: string) {
  const pairs = await db.execute(sql`
    select task_id, question_id, response_a, response_b, a, b, tie, both_bad, votes, agreement from pair
    where id in (select pair_id from preference) order by 1, 2, 3, 4`);
  const counted = await db.execute(sql`
    select task_id, question_id, response_a, response_b, a, b, tie, both_bad, votes,
      case when votes > 0 then greatest(a, b, tie, both_bad) / votes::float8 end as agreement
    from (
      select p.task_id, question_id, response_a, response_b, count(*) filter (where v and outcome = 'a')::int as a,
        count(*) filter (where v and outcome = 'b')::int as b, count(*) filter (where v and outcome = 'tie')::int as tie,
        count(*) filter (where v and outcome = 'both_bad')::int as both_bad, count(*) filter (where v)::int as votes
      from preference p join annotation n on n.id = annotation_id join rater r on r.id = p.rater_id
      cross join lateral (select n.current and excluded_at is null and origin <> 'adjudication'
        and consent_withdrawn_at is null and kind <> 'model' as v) counts
      group by 1, 2, 3, 4
    ) kept order by 1, 2, 3, 4`);
  expect([...pairs], after).toEqual([...counted]);
  const [{ empty, votes }] = await db.execute<{ empty: number; votes: number }>(sql`
    select coalesce(sum(votes) filter (where id not in (select pair_id from preference)), 0)::int as empty,
      sum(votes)::int as votes from pair`);
  expect(empty, `${after}: votes on pairs that nobody judges any more`).toBe(0);
  return votes;
}

test("how the votes on a pair stand is kept by everything that changes them", async () => {
  const names = Object.keys(actions);
  const did = Object.fromEntries(names.map((name) => [name, 0]));
  let most = 0;
  for (let step = 0; step < 60; step++) {
    // Each once while there is something to do, then as it comes.
    const name = ["together", ...names][step] ?? pick(names);
    const done = await actions[name]().catch((error) => {
      // What the state of the moment forbids; a fault of the server is none of that.
      if (!isRefusal(error)) throw error;
      return false;
    });
    if (done) did[name]++;
    most = Math.max(most, await expectPairsKept(`step ${step}, ${name}`));
  }
  expect(most).toBeGreaterThan(8);
  expect(Object.entries(did).filter(([, times]) => times === 0)).toEqual([]);
});

test("what was kept wrong is counted again, and what was right stays", async () => {
  await db.execute(sql`update pair set a = a + 1 where question_id = 'rank'`);
  const wrong = await db.$count(sql`pair`, sql`question_id = 'rank'`);
  const counted = await db.transaction((tx) => recountPairs(tx, sql`true`));
  expect(counted).toBe(wrong);
  expect(await db.transaction((tx) => recountPairs(tx, sql`true`))).toBe(0);
  await expectPairsKept("counted again");
});
