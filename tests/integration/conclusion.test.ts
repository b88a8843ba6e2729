import { and, eq, sql } from "drizzle-orm";
import pino from "pino";
import { expect, test } from "vitest";
import { annotation, auditEntry, keptAnswer, rater, response } from "@/db/schema";
import { leaderboardOf } from "@/server/conclusion/leaderboard";
import { judgementsOf } from "@/server/conclusion/report";
import { conclusionFigures } from "@/server/figure/conclusion";
import { formSchema } from "@/server/form/schema";
import { groupBy } from "@/server/group";
import { settleKept } from "@/server/look/kept";
import { bradleyTerry } from "@/server/statistics/ranking/bradley-terry";
import { withTies } from "@/server/statistics/ranking/ties";
import { keepAnswers } from "@/workers/quality/keeper";
import { testDatabase } from "./database";
import { eventually } from "./eventually";
import { type Checks, count, testFigures } from "./figure-checks";
import { oddProject } from "./odd-project";
import { newKey, prefer, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;
const { projectId, reviewer, of, raters, votes: odd, two, seats } = await oddProject(database);

const replies = await db.select().from(response).where(eq(response.projectId, projectId));
const sourceOf = (id: string) => replies.find((reply) => reply.id === id)?.source ?? "";

/** Votes, of each rater on two responses under a question the last. */
const last = [
  ...groupBy(
    odd.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    ({ raterId, questionId, responseA, responseB }) => [raterId, questionId, responseA, responseB].join(),
  ).values(),
].map((same) => same[same.length - 1]);
const sided = last.map((vote) => {
  const score = vote.outcome === "a" ? 1 : vote.outcome === "b" ? 0 : 0.5;
  return { ...vote, a: sourceOf(vote.responseA), b: sourceOf(vote.responseB), score };
});
/** Those on one question, seen from the first of two sources. */
const scores = sided
  .filter(({ questionId }) => questionId === "help")
  .map((vote) => ({ ...vote, first: vote.a === "model-0" ? vote.score : 1 - vote.score }));
const look = { projectId, questionId: "help" };
const pair = { source: "model-0", opponent: "model-1" };
const board = await reviewer.caller.conclusion.leaderboard(look);
const [group] = board.groups;
const standing = (source: string) => group.standings.find((each) => each.source === source);
const control = await reviewer.caller.conclusion.control(look);
const fragile = await reviewer.caller.conclusion.fragility(look);
await of.manager.caller.conclusion.setRate({ projectId, rate: { amount: 60, currency: "EUR" } });
const plan = await reviewer.caller.conclusion.plan({ ...look, winRate: 0.7 });
const rule = { ...look, ...pair, alpha: 0.1, budget: 500, reason: "Because" };
const stop = await of.manager.caller.conclusion.fixRule(rule);

const won = count(scores, ({ first }) => first === 1);
const lost = count(scores, ({ first }) => first === 0);
const tied = scores.length - won - lost;
/** Davidson's likelihood of two sources has its maximum where wins and losses say: θ₀ − θ₁ = ln(wins / losses). */
const apart = Math.log(won / lost);
const known = groupBy(
  scores.filter(
    ({ taskId }) =>
      !seats.some((seat) => seat.taskId === taskId && ["open", "leased", "returned"].includes(seat.status)),
  ),
  ({ promptId }) => promptId,
);
const means = [...known.values()].map((own) => own.reduce((sum, { first }) => sum + first, 0) / own.length);
const mean = means.reduce((sum, each) => sum + each, 0) / means.length;

const judged = await judgementsOf(db, projectId);
const became = (what: string) => judged.find((row) => row.what === what)?.judgements ?? 0;
const all = await db.select().from(annotation).where(eq(annotation.projectId, projectId));
const boards = await Promise.all(
  board.questions.map(async ({ id }) => ({
    question_id: id,
    groups: (await reviewer.caller.conclusion.leaderboard({ projectId, questionId: id })).groups,
  })),
);
const checks: Checks<Exclude<keyof typeof conclusionFigures, "styleControl" | "sourceRank">> = {
  sourceVotes: {
    shown: boards.flatMap(({ question_id, groups }) =>
      groups.flatMap(({ standings }) =>
        standings.map(({ source, won, lost, tied }) => ({ question_id, source, won, lost, tied })),
      ),
    ),
    counted: [...groupBy(sided, ({ questionId }) => questionId)].flatMap(([question_id, own]) => {
      const sides = own.flatMap(({ a, b, score }) =>
        a === b
          ? []
          : [
              { source: a, score },
              { source: b, score: 1 - score },
            ],
      );
      return [...groupBy(sides, ({ source }) => source)].map(([source, mine]) => ({
        ...{ question_id, source },
        won: count(mine, ({ score }) => score === 1),
        lost: count(mine, ({ score }) => score === 0),
        tied: count(mine, ({ score }) => score === 0.5),
      }));
    }),
  },
  sourceStrength: {
    shown: ["model-0", "model-1"].map((source) => ({ source, theta: standing(source)?.theta ?? null })),
    counted: [
      { source: "model-0", theta: apart / 2 },
      { source: "model-1", theta: -apart / 2 },
    ],
  },
  winMatrix: {
    shown: group.matrix.sources.map((source, i) => ({
      ...{ source, winRate: group.matrix.winRate[i][1 - i], games: group.matrix.games[i][1 - i] },
    })),
    counted: [
      { source: "model-0", winRate: (won + tied / 2) / scores.length, games: scores.length },
      { source: "model-1", winRate: (lost + tied / 2) / scores.length, games: scores.length },
    ],
  },
  fragility: {
    shown: [{ votes: fragile.votes, removed: fragile.removed, share: fragile.share }],
    counted: [
      {
        votes: scores.length,
        removed: Math.abs(won - lost) + 1,
        share: (Math.abs(won - lost) + 1) / scores.length,
      },
    ],
  },
  plan: {
    shown: [
      {
        ...{ votes: plan.pilot.votes, prompts: plan.pilot.prompts, ties: plan.pilot.ties },
        ...{ assumed: plan.assumed.ties, judgements: plan.ways[0].judgements },
        cost: plan.ways[0].cost,
      },
    ],
    counted: [
      {
        votes: scores.length,
        prompts: new Set(scores.map(({ promptId }) => promptId)).size,
        ties: tied / scores.length,
        assumed: Math.min(tied / scores.length, 0.6),
        // z of 97.5 % and of 80 %, from the table.
        judgements: Math.ceil(
          ((1.959964 * Math.sqrt((1 - Math.min(tied / scores.length, 0.6)) / 4) +
            0.8416212 * Math.sqrt((1 - Math.min(tied / scores.length, 0.6)) / 4 - 0.04)) /
            0.2) **
            2,
        ),
        // At 60 an hour a second costs 1/60.
        cost: (plan.ways[0].judgements * (plan.pilot.seconds ?? Number.NaN)) / 60,
      },
    ],
  },
  studyJudgements: {
    shown: [
      {
        counting: became("count as votes"),
        gone: became("undone, sent back or replaced by a later one"),
        all: judged.reduce((sum, { judgements }) => sum + judgements, 0),
      },
    ],
    counted: [
      {
        counting: new Set(odd.map(({ annotationId }) => annotationId)).size,
        gone: count(all, ({ current }) => !current),
        all: all.length,
      },
    ],
  },
  stopping: {
    shown: [{ prompts: stop.prompts, winRate: stop.winRate, judgements: stop.judgements, begun: stop.begun }],
    counted: [
      {
        prompts: means.length,
        winRate: means.length > 0 ? mean : null,
        judgements: scores.length,
        begun: new Set(scores.map(({ promptId }) => promptId)).size - means.length,
      },
    ],
  },
};

test("the project has what makes rankings wrong", () => {
  expect(Math.min(won, lost, tied)).toBeGreaterThan(0);
  expect(two.length).toBeGreaterThan(2);
  expect(raters.some(({ kind }) => kind === "model")).toBe(true);
});

testFigures(db, conclusionFigures, checks, () => ({ project: projectId }));

test("the page's intervals are those of the pure functions on the same votes", () => {
  const numberOf = (ids: string[]) => (id: string) => [...new Set(ids)].indexOf(id);
  const [prompt, who] = [scores.map(({ promptId }) => promptId), scores.map(({ raterId }) => raterId)];
  const votes = {
    models: 2,
    a: Int32Array.from(scores, () => 0),
    b: Int32Array.from(scores, () => 1),
    y: Float64Array.from(scores, ({ first }) => first),
    cluster: Int32Array.from(prompt, numberOf(prompt)),
    rater: Int32Array.from(who, numberOf(who)),
  };
  const fit = withTies("davidson", votes);
  expect(standing("model-0")?.low).toBeCloseTo(fit.low?.[0] ?? Number.NaN, 6);
  expect(standing("model-0")?.high).toBeCloseTo(fit.high?.[0] ?? Number.NaN, 6);
  expect(group.tie).toBeCloseTo(fit.tie ?? Number.NaN, 5);
  const plain = bradleyTerry(votes);
  const beside = control.groups[0].standings.find(({ source }) => source === "model-0");
  expect(beside?.plain.theta).toBeCloseTo(plain.theta?.[0] ?? Number.NaN, 6);
  const overlap = (standing("model-0")?.rank ?? 0) <= (standing("model-0")?.rankAtWorst ?? 0);
  expect(overlap).toBe(true);
});

test("sources that never met are apart, who never lost is named, and what says nothing is counted", async () => {
  const { manager, join, projectId } = await study(database, { tasks: 0 });
  const asked = somePrompts(8, 2);
  const sourcesOf = [
    ...Array.from({ length: 4 }, () => ["alpha", "beta"]),
    ...Array.from({ length: 2 }, () => ["gamma", "delta"]),
    ["alpha", "alpha"],
    ["alpha", undefined],
  ];
  await manager.caller.content.addPrompts({
    projectId,
    prompts: asked.map((prompt, n) => ({
      ...prompt,
      language: n % 2 ? "de" : "en",
      responses: prompt.responses.map((reply, side) => ({ ...reply, source: sourcesOf[n][side] })),
    })),
  });
  await manager.caller.task.create({ projectId });
  const person = await join();
  for (let done = 0; done < 8; ) {
    const { tasks } = await person.caller.annotation.claim({ projectId });
    for (const { assignmentId } of tasks) {
      // The better is who sorts first, but for one of alpha and beta.
      const [{ first }] = await db.execute<{ first: boolean }>(sql`
        select r.source in ('alpha', 'gamma') and t.position > (select min(position) from task where project_id = ${projectId}) as first
        from assignment s join task t on t.id = s.task_id join response r on r.id = t.response_ids[s."order"[1] + 1]
        where s.id = ${assignmentId}`);
      const outcome = first ? "a" : "b";
      await person.caller.annotation.submit({
        assignmentId,
        answers: { preference: { type: "preference", outcome, level: 2 } },
        idempotencyKey: newKey(),
      });
      done++;
    }
  }
  const found = await manager.caller.conclusion.leaderboard({ projectId });
  expect(found.groups.map(({ standings }) => standings.map(({ source }) => source).sort())).toEqual([
    ["alpha", "beta"],
    ["delta", "gamma"],
  ]);
  expect(found.leftOut).toEqual({ sourceUnknown: 1, sameSource: 1, repeated: 0 });
  const apart = found.groups[1];
  expect(apart.regularised).toBe(true);
  expect(apart.cautions.join()).toMatch(/gamma never lost; delta never won/);
  expect(apart.standings.every(({ low, rank }) => low === null && rank === null)).toBe(true);
  expect(found.languages.map(({ value, votes }) => [value, votes])).toEqual([
    ["de", 4],
    ["en", 4],
  ]);
  const german = await manager.caller.conclusion.leaderboard({ projectId, language: "de" });
  expect(german.votes + german.leftOut.sourceUnknown + german.leftOut.sameSource).toBe(4);
  await expect(manager.caller.conclusion.leaderboard({ projectId, questionId: "none" })).rejects.toThrow(
    /questionId.*Questions with votes: preference/,
  );
  await expect(
    manager.caller.conclusion.fragility({ projectId, source: "alpha", opponent: "omega" }),
  ).rejects.toThrow(/opponent: no vote compares "omega" here. Sources with votes: alpha/);
});

test("of a rater's votes on the same two responses the last counts, in the ranking and in the sequence", async () => {
  const questions = formSchema.parse([{ id: "rank", type: "ranking", label: "Rank them." }]);
  const { manager, join, projectId } = await study(database, { tasks: 1, k: 3, questions });
  const person = await join();
  /** Ranks the replies of the task at hand by their numbers, the first or the last best. */
  const judge = async (best: "first" | "last") => {
    const { tasks } = await person.caller.annotation.claim({ projectId });
    const [{ assignmentId, responses }] = tasks;
    const numbers = responses.map(({ content }) => Number(content.split(" ")[1]));
    const order = numbers.toSorted((one, other) => (best === "first" ? one - other : other - one));
    const ranks = numbers.map((each) => order.indexOf(each) + 1);
    const answers = { rank: { type: "ranking" as const, ranks } };
    await person.caller.annotation.submit({ assignmentId, answers, idempotencyKey: newKey() });
  };
  await judge("first");
  const of = { projectId, ...pair, alpha: 0.05, budget: 10, reason: "Because" };
  expect(await manager.caller.conclusion.fixRule(of)).toMatchObject({
    prompts: 1,
    winRate: 1,
    judgements: 1,
  });
  const own = await db.select().from(response).where(eq(response.projectId, projectId));
  const two = own.filter(({ source }) => source === pair.source || source === pair.opponent);
  const [{ promptId }] = two;
  const responseIds = two.map(({ id }) => id);
  await manager.caller.task.create({ projectId, promptIds: [promptId], responseIds });
  // What is not judged to its end is not looked at.
  const [waiting] = await manager.caller.conclusion.stops({ projectId });
  expect(waiting).toMatchObject({ prompts: 0, begun: 1, winRate: null });
  await judge("last");
  const [stop] = await manager.caller.conclusion.stops({ projectId });
  expect(stop).toMatchObject({ prompts: 1, begun: 0, winRate: 0, judgements: 1 });
  const { leftOut, groups } = await manager.caller.conclusion.leaderboard({ projectId });
  expect(leftOut.repeated).toBe(1);
  const { sources, winRate } = groups[0].matrix;
  expect(winRate[sources.indexOf(pair.source)][sources.indexOf(pair.opponent)]).toBe(0);
});

test("a stopping rule is fixed once: another takes its place in the sight of all", async () => {
  const later = await of.manager.caller.conclusion.fixRule({ ...rule, alpha: 0.05, reason: "Sharper" });
  expect(later.earlier.map(({ alpha, reason }) => [alpha, reason])).toEqual([[0.1, "Because"]]);
  const [shown, ...others] = await reviewer.caller.conclusion.stops({ projectId });
  expect(others).toEqual([]);
  expect(shown.rule.alpha).toBe(0.05);
  const entries = await db
    .select()
    .from(auditEntry)
    .where(and(eq(auditEntry.projectId, projectId), eq(auditEntry.action, "conclusion.fixRule")))
    .orderBy(auditEntry.id);
  expect(entries.map(({ before }) => before !== null)).toEqual([false, true]);
  if (later.prompts > 0) expect(later.cautions.join()).toMatch(/changed when \d+ prompts were known/);
  await expect(of.manager.caller.conclusion.fixRule({ ...rule, opponent: "nobody" })).rejects.toThrow(
    /opponent: no response of this project comes from "nobody"/,
  );
  // Nobody has votes of raters who took their consent back.
  const all = await db.select().from(rater).where(eq(rater.projectId, projectId));
  expect(board.raters).toBeLessThan(all.length);
});

test("of a large project a worker concludes, and what it kept follows the votes", async () => {
  const large = await study(database, { tasks: 4, overlap: 2 });
  const of = { projectId: large.projectId };
  const { caller } = await large.join();
  const judge = async () => {
    const { tasks } = await caller.annotation.claim({ ...of, hold: 1 });
    await caller.annotation.submit({
      ...{ assignmentId: tasks[0].assignmentId, answers: prefer("a"), idempotencyKey: newKey() },
    });
  };
  await judge();
  // Decisions are no votes, and many may stand on one task.
  await db.execute(sql`
    insert into annotation (project_id, task_id, rater_id, origin, answers, "order", form_version_id, submitted_at)
    select n.project_id, task_id, rater_id, 'adjudication', '{}', '{0,1}', form_version_id, now()
    from annotation n, generate_series(1, 10000) where n.project_id = ${large.projectId}`);
  const stop = new AbortController();
  const work = () =>
    keepAnswers({ db, sql: database.sql, url: database.url, log: pino({ level: "silent" }) }, stop.signal);
  const ofProject = eq(keptAnswer.projectId, large.projectId);
  // What is forgotten while somebody waits for it is made all the same.
  const waiting = large.manager.caller.conclusion.control(of);
  await eventually(async () => expect(await db.$count(keptAnswer, ofProject)).toBe(1));
  await db.delete(keptAnswer).where(ofProject);
  const working = work();
  const { conclusion } = large.manager.caller;
  try {
    expect((await waiting).groups).toBeDefined();
    // A defect is no answer that stays: it is tried again.
    const [kept] = await db.select().from(keptAnswer).where(ofProject);
    const failed = { code: null, message: "lost" };
    await settleKept(db, kept, { madeAt: new Date(Date.now() - 40_000), answer: null, failed });
    expect((await conclusion.control(of)).groups).toBeDefined();
    const first = await conclusion.leaderboard(of);
    expect(first).toEqual(await leaderboardOf(db, of));
    expect(first.votes).toBe(1);
    await expect(conclusion.fragility({ ...of, source: "model-0", opponent: "none" })).rejects.toMatchObject({
      code: "BAD_REQUEST",
      message: expect.stringContaining('no vote compares "none"'),
    });
    await judge();
    await eventually(async () => expect((await conclusion.leaderboard(of)).votes).toBe(2));
    const rate = { amount: 60, currency: "EUR" };
    expect((await conclusion.plan(of)).rate).toBeNull();
    await conclusion.setRate({ ...of, rate });
    expect((await conclusion.plan(of)).rate).toEqual(rate);
  } finally {
    stop.abort();
    await working;
  }
});
