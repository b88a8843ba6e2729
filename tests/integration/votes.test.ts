import { and, eq, ne, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  assignment,
  evaluation,
  evaluationTask,
  formVersion,
  mark,
  model,
  pair,
  rater,
  score,
  task,
  vote,
} from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { countRows } from "@/server/dataset/freeze";
import { makeRows } from "@/server/dataset/rows";
import { readMaterial } from "@/server/dataset/source";
import { ManifestBuilder } from "@/server/dataset/statistics";
import { evaluationsOf } from "@/server/evaluation/blind";
import { rewardDisagreements } from "@/server/evaluation/evaluation";
import { type Answers, storedQuestions } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { retire } from "@/server/judgement/retire";
import { storeJudgements } from "@/server/judgement/store";
import { setConsent } from "@/server/model/model";
import { readParts, readSurroundings } from "@/server/quality/inputs";
import { claimSeats } from "@/server/seat/claim";
import { orderSeats } from "@/server/seat/selection";
import { testDatabase } from "./database";
import { type Member, newKey, prefer, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

/** One disputed task that three raters have judged, a second that nobody has, and all who read votes. */
const of = await study(database, { tasks: 2, overlap: 4 });
const { projectId } = of;
await of.manager.caller.project.update({ projectId, selection: "disagreement" });
const [disputed, other] = await db
  .select()
  .from(task)
  .where(eq(task.projectId, projectId))
  .orderBy(task.position);
const reviewer = await of.join("reviewer");
const [first, second, third, fourth] = [await of.join(), await of.join(), await of.join(), await of.join()];

/** The two responses compete in an evaluation, and a reward model prefers the second by far. */
const [mine, opponent, scorer] = await db
  .insert(model)
  .values(
    ["mine", "opponent", "scorer"].map((name) => ({
      projectId,
      name,
      method: name === "scorer" ? ("reward" as const) : ("sft" as const),
      format: "full" as const,
      source: { kind: "run" as const },
    })),
  )
  .returning();
const [match] = await db
  .insert(evaluation)
  .values({ projectId, modelId: mine.id, opponentId: opponent.id })
  .returning();
await db.insert(evaluationTask).values({
  evaluationId: match.id,
  taskId: disputed.id,
  modelResponseId: disputed.responseIds[0],
  opponentResponseId: disputed.responseIds[1],
});
await db
  .insert(score)
  .values(
    disputed.responseIds.map((responseId, reward) => ({ projectId, modelId: scorer.id, responseId, reward })),
  );

const { id: datasetId } = await of.manager.caller.dataset.create({
  ...{ projectId, name: "Pairs", kind: "preference" },
});

/** The disputed task, as this rater holds it; a seat on the other task is given back. */
async function hold({ caller }: Member) {
  const { tasks } = await caller.annotation.claim({ projectId, hold: 2 });
  const [[seat]] = [
    await db
      .select()
      .from(assignment)
      .where(eq(assignment.taskId, disputed.id))
      .then((seats) => seats.filter(({ id }) => tasks.some(({ assignmentId }) => assignmentId === id))),
  ];
  for (const { assignmentId } of tasks)
    if (assignmentId !== seat.id) await caller.annotation.release({ assignmentId });
  return seat;
}

/** An answer in canonical terms, turned to what the rater was shown, with a reason ticked. */
function answer(order: number[] | null, outcome: "a" | "b"): Answers {
  const shown = order?.[0] === 0 ? outcome : outcome === "a" ? "b" : "a";
  return { ...prefer(shown), rationale: { type: "text", text: "", chips: ["correct"] } };
}

async function judge(by: Member, outcome: "a" | "b") {
  const seat = await hold(by);
  const { annotationId } = await by.caller.annotation.submit({
    assignmentId: seat.id,
    answers: answer(seat.order, outcome),
    idempotencyKey: newKey(),
  });
  return { annotationId, seat };
}

const pairsAmong = (votes: number) => (votes * votes - votes) / 2;

/** What every reader of votes says about the disputed task, held to be `a` votes against `b`. */
async function expectVotes(a: number, b: number) {
  const all = a + b;
  const pairs = pairsAmong(a) + pairsAmong(b);
  const agreement = all > 0 ? Math.max(a, b) / all : null;

  const dashboard = await reviewer.caller.review.dashboard({ projectId });
  const [asked] = dashboard.questions;
  expect(asked?.outcomes, "dashboard").toEqual(all > 0 ? { a, b, tie: 0, both_bad: 0 } : undefined);
  expect(asked?.agreement.n ?? 0, "dashboard: comparisons").toBe(pairsAmong(all));
  expect(asked?.agreement.estimate ?? 0, "dashboard: agreement").toBeCloseTo(
    all > 1 ? pairs / pairsAmong(all) : 0,
    9,
  );

  const [match] = await evaluationsOf(db, { projectId, modelId: mine.id });
  expect([match.won, match.lost, match.tied, match.bothBad], "evaluation").toEqual([a, b, 0, 0]);

  const disagreeing = await rewardDisagreements(db, { projectId, modelId: scorer.id, limit: 10 });
  expect(
    disagreeing.map(({ votes, preferred }) => [votes, preferred.id]),
    "reward disagreements",
  ).toEqual(a > b ? [[all, disputed.responseIds[0]]] : []);

  const counted = await reviewer.caller.review.preferences({ projectId, state: "counted" });
  expect(
    counted.items.map((row) => [row.votes, row.agreement]),
    "table of preferences",
  ).toEqual(Array(all).fill([all, agreement]));
  const sorted = await reviewer.caller.review.preferences({ projectId, sort: "agreement", state: "counted" });
  expect(sorted.items, "table sorted by agreement").toHaveLength(all);

  const detail = await reviewer.caller.review.detail({ projectId, taskId: disputed.id });
  expect(
    detail.annotations.filter(({ isVote }) => isVote),
    "task in review",
  ).toHaveLength(all);

  await orderSeats(db, projectId);
  const chances = await db
    .select({ selectionProbability: assignment.selectionProbability })
    .from(task)
    .innerJoin(assignment, and(eq(assignment.taskId, task.id), eq(assignment.status, "open")))
    .where(eq(task.projectId, projectId))
    .orderBy(task.position);
  const split = all > 0 ? 1 - ((a / all) ** 2 + (b / all) ** 2) : 0;
  expect(
    (chances[0].selectionProbability ?? 0) / (chances[1].selectionProbability ?? 1),
    "selection",
  ).toBeCloseTo((0.05 + split) / 0.05, 6);

  const marks = await db
    .select()
    .from(mark)
    .where(and(eq(mark.taskId, disputed.id), ne(mark.raterKind, "model")));
  expect(
    marks.map(({ item, value, responseId }) => [item, value, responseId]),
    "marks",
  ).toEqual(Array(all).fill(["correct", 1, null]));

  const recipe = recipeSchema.parse({ aggregation: "all", dedupe: "none" });
  const manifest = new ManifestBuilder("preference");
  for await (const batch of readMaterial(db, {
    projectId,
    kind: "preference",
    recipe,
    questionIds: ["preference"],
  }))
    for (const material of batch) {
      if (material.promptId !== disputed.promptId) continue;
      const made = makeRows("preference", material, recipe, manifest);
      expect(made, "dataset: one row a vote").toHaveLength(all);
      manifest.addPrompt(material, made, "train");
    }
  expect(manifest.finish().agreement, "dataset: agreement").toMatchObject({
    count: pairs,
    of: pairsAmong(all),
  });
}

/** How the disputed task ends in a dataset of majorities: what the winner's text starts with. */
async function decided(filters = {}): Promise<string[]> {
  const recipe = recipeSchema.parse({ filters });
  const texts: string[] = [];
  for await (const batch of readMaterial(db, {
    projectId,
    kind: "preference",
    recipe,
    questionIds: ["preference"],
  }))
    for (const material of batch)
      for (const { row } of makeRows("preference", material, recipe, new ManifestBuilder("preference")))
        if ("chosen" in row) texts.push(row.chosen[0].content.slice(0, 7));
  return texts;
}

/** What everybody who reads judgements says of the project, but for who its raters are. */
async function everyReader() {
  const { caller } = reviewer;
  const look = { projectId, filter: {} };
  // A forecast is another one each moment.
  const { raters, forecast, ...dashboard } = await caller.review.dashboard({ projectId });
  const { remaining } = forecast;
  const { sections, leaderboard } = await caller.conclusion.report({ projectId });
  const recipe = recipeSchema.parse({});
  return {
    dashboard: { ...dashboard, remaining, raters: raters.filter(({ kind }) => kind !== "model") },
    leaderboard,
    // It says how many judgements models gave, and how many were set apart, beside those that count.
    report: JSON.stringify(sections).replaceAll(
      /\["of (models, which count where they are asked for|items with a known answer or of a norming, which are no votes)","\d+"\],?/g,
      "",
    ),
    control: await caller.conclusion.control({ projectId }),
    plan: await caller.conclusion.plan({ projectId }),
    stops: await caller.conclusion.stops({ projectId }),
    parts: await readParts(db, look),
    surroundings: await readSurroundings(db, look),
    undecided: await caller.review.undecided({ projectId, limit: 50 }),
    disagreements: await caller.review.disagreements({ projectId }),
    counted: await caller.review.preferences({ projectId, state: "counted" }),
    evaluations: await evaluationsOf(db, { projectId, modelId: mine.id }),
    rewards: await rewardDisagreements(db, { projectId, modelId: scorer.id, limit: 10 }),
    rows: await countRows(db, { projectId, datasetId, recipe }),
    pairs: await db.select().from(pair).where(eq(pair.projectId, projectId)).orderBy(pair.id),
    seats: await db
      .select()
      .from(assignment)
      .where(eq(assignment.projectId, projectId))
      .orderBy(assignment.id),
    desk: await first.caller.annotation.desk({ projectId }),
    tasks: await caller.task.list({ projectId, limit: 50 }),
  };
}

const raterOf = async ({ viewer }: Member) =>
  (await db.select().from(rater).where(eq(rater.personId, viewer.personId)))[0].id;

test("every reader counts the same votes, whatever happens to them", async () => {
  await expectVotes(0, 0);
  const one = await judge(first, "a");
  await judge(second, "a");
  const three = await judge(third, "b");
  await expectVotes(2, 1);
  expect(await decided()).toEqual(["Reply 0"]);

  // The queue of disagreements waits for all seats, so it is asked while none is open.
  await db.execute(sql`update assignment set status = 'closed' where status = 'open'`);
  const queue = () => reviewer.caller.review.disagreements({ projectId });
  expect((await queue()).items.map(({ votes, agreement }) => [votes, agreement])).toEqual([[3, 2 / 3]]);

  await reviewer.caller.review.adjudicate({
    projectId,
    taskId: disputed.id,
    answers: prefer("b"),
    reason: "The second is right.",
  });
  expect((await queue()).items).toEqual([]);
  await db.execute(sql`update assignment set status = 'open' where status = 'closed'`);
  await expectVotes(2, 1);
  expect(await decided()).toEqual(["Reply 1"]);

  const raterId = await raterOf(third);
  await setConsent(db, of.manager.viewer, { projectId, raterId, withdrawn: true });
  await expectVotes(2, 0);
  await setConsent(db, of.manager.viewer, { projectId, raterId, withdrawn: false });
  await expectVotes(2, 1);

  const annotationIds = [one.annotationId];
  await reviewer.caller.review.exclude({ projectId, annotationIds, reason: "Too fast" });
  await expectVotes(1, 1);
  await reviewer.caller.review.include({ projectId, annotationIds, reason: "It was not" });
  await expectVotes(2, 1);
  await reviewer.caller.review.sendBack({ projectId, annotationIds, reason: "Look again" });
  await expectVotes(1, 1);
  const again = { assignmentId: one.seat.id, answers: answer(one.seat.order, "a"), idempotencyKey: newKey() };
  await first.caller.annotation.revise(again);
  await expectVotes(2, 1);

  await third.caller.annotation.revise({
    assignmentId: three.seat.id,
    answers: answer(three.seat.order, "a"),
    idempotencyKey: newKey(),
  });
  await expectVotes(3, 0);

  const four = await judge(fourth, "b");
  const [{ status }] = await db.select().from(assignment).where(eq(assignment.id, four.seat.id));
  expect(status).toBe("submitted");
  // Without an open seat on it the task has no chance; one more keeps it in the draw.
  await of.manager.caller.project.update({ projectId, overlap: 5 });
  await expectVotes(3, 1);
  await fourth.caller.annotation.undo({ assignmentId: four.seat.id });
  await expectVotes(3, 0);

  // Consent takes the adjudication along: its author's work counts for nothing either.
  await setConsent(db, of.manager.viewer, { projectId, raterId: await raterOf(reviewer), withdrawn: true });
  await expectVotes(3, 0);
  expect(await decided()).toEqual(["Reply 0"]);
  expect(other.promptId).not.toBe(disputed.promptId);
});

test("a model judges in the same tables, without a seat and without a vote among people", async () => {
  const [judge] = await db
    .insert(rater)
    .values({ projectId, kind: "model", name: "Judge", externalId: "judge-1" })
    .returning();
  const [form] = await db.select().from(formVersion).where(eq(formVersion.projectId, projectId));
  const seats = await db.select().from(assignment).orderBy(assignment.id);
  const answers: Answers = { ...prefer("b"), rationale: { type: "text", text: "", chips: ["clear"] } };
  const { promptId, responseIds } = disputed;
  const before = await everyReader();
  const [annotationId] = await storeJudgements(db, {
    projectId,
    judgements: [
      {
        taskId: disputed.id,
        promptId,
        raterId: judge.id,
        assignmentId: null,
        origin: "model",
        answers,
        facts: factsOf({ questions: storedQuestions(form.questions), answers, order: [0, 1], responseIds }),
        order: [0, 1],
        formVersionId: form.id,
        submittedAt: new Date(),
      },
    ],
  });
  expect(await everyReader()).toEqual(before);
  expect(await db.select().from(assignment).orderBy(assignment.id)).toEqual(seats);
  await expect(claimSeats(db, { raterId: judge.id, hold: 1, ahead: 0, have: [] })).rejects.toThrow(/rater/);

  await expectVotes(3, 0);
  expect(await decided()).toEqual(["Reply 0"]);
  // Who asks for models gets them.
  expect(await decided({ judges: "models" })).toEqual(["Reply 1"]);
  expect(await decided({ raters: [judge.id] })).toEqual(["Reply 1"]);
  const cast = await db.select().from(vote).where(eq(vote.annotationId, annotationId));
  expect(cast.map(({ raterKind, outcome, aShownFirst }) => [raterKind, outcome, aShownFirst])).toEqual([
    ["model", "b", true],
  ]);
  const marks = await db.select().from(mark).where(eq(mark.annotationId, annotationId));
  expect(marks.map(({ raterKind, item }) => [raterKind, item])).toEqual([["model", "clear"]]);

  await retire(db, { annotationIds: [annotationId], withdrawn: true });
  expect(await db.select().from(vote).where(eq(vote.annotationId, annotationId))).toEqual([]);
  expect(await db.select().from(mark).where(eq(mark.annotationId, annotationId))).toEqual([]);
});

test("what is set apart is a vote to no reader: the qualification, items among others, a norming", async () => {
  const { manager } = of;
  const [fifth, sixth] = [await of.join(), await of.join()];
  await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(3, 2) });
  const fresh = await db.execute<{ promptId: string; responseIds: string[] }>(sql`
    select r.prompt_id as "promptId", array_agg(r.id order by r.id) as "responseIds" from response r
    where r.project_id = ${projectId} and r.prompt_id not in (select prompt_id from task where project_id = ${projectId})
    group by 1`);
  expect(fresh.length).toBe(3);
  const [qualification, mixed, shared] = fresh;
  await manager.caller.gold.create({
    projectId,
    items: [
      { ...qualification, answers: prefer("a"), reason: "So.", use: "qualification" },
      { ...mixed, answers: prefer("a"), reason: "So." },
    ],
  });
  await manager.caller.gold.setPolicy({
    projectId,
    policy: { rate: 0.5, feedback: false, qualification: { items: 1, pass: 1, retries: 0 }, blocking: null },
  });
  await manager.caller.task.create({ projectId, promptIds: [shared.promptId] });
  const [item] = await db.select().from(task).where(eq(task.promptId, shared.promptId));
  const personIds = [fifth.viewer.personId, sixth.viewer.personId];
  await manager.caller.norming.start({ projectId, taskIds: [item.id], personIds, holdsWork: false });
  const { seats: _, ...before } = await everyReader();
  for (const by of [fifth, sixth]) {
    let apart = 0;
    // Half of what comes after the first two is the item among others: none does once in 10¹² runs.
    for (let n = 0; n < 42 && apart < 3; n++) {
      const { tasks } = await by.caller.annotation.claim({ projectId, hold: 1 });
      const [held] = tasks;
      const [seat] = await db.select().from(assignment).where(eq(assignment.id, held.assignmentId));
      if (seat.apart) {
        apart++;
        const answers = answer(seat.order, "a");
        await by.caller.annotation.submit({ assignmentId: seat.id, answers, idempotencyKey: newKey() });
      } else await by.caller.annotation.release({ assignmentId: seat.id });
    }
    expect(apart).toBe(3);
  }
  const { seats: __, ...after } = await everyReader();
  expect(after).toEqual(before);
  await expectVotes(3, 0);
});
