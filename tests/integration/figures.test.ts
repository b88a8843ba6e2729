import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  annotation,
  assignment,
  evaluation,
  evaluationTask,
  metric,
  model,
  person,
  response,
  run,
  score,
  worker,
} from "@/db/schema";
import type { HeldOut } from "@/db/shape/model";
import { modelFigures } from "@/server/figure/model";
import { reviewFigures } from "@/server/figure/review";
import { siteFigures } from "@/server/figure/site";
import { groupBy } from "@/server/group";
import { metricsOf } from "@/server/metrics";
import { accuracyOf } from "@/server/model/words";
import { testDatabase } from "./database";
import { agreementOf, type Checks, count, isDecided, keyOf, type Row, T, testFigures } from "./figure-checks";
import { level, oddProject, type Stated, said } from "./odd-project";
import { fileOf, linesOf } from "./preference-file";
import { newKey } from "./study";

const database = await testDatabase();
const { db } = database;
const { projectId, reviewer, tasks, two, raters, seats, given, stated, votes } = await oddProject(database);

/** An evaluation of one model against another on every pair, and two comparisons that needed nobody. */
const [mine, opponent] = await db
  .insert(model)
  .values(
    ["mine", "opponent"].map((name) => ({
      projectId,
      name,
      method: "sft" as const,
      format: "full" as const,
      source: { kind: "run" as const },
    })),
  )
  .returning();
const [match] = await db
  .insert(evaluation)
  .values({
    ...{ projectId, modelId: mine.id, opponentId: opponent.id, questionId: "help", unanswered: 2 },
    settled: [
      { promptId: two[3].promptId, exposure: "held_out", outcome: "tied", reason: "equal" },
      { promptId: newKey(), exposure: "new", outcome: "lost", reason: "empty" },
    ],
  })
  .returning();
/** Not always the first is the model's. */
const sides = two.map(({ id, promptId, responseIds }, n) => ({
  taskId: id,
  promptId,
  own: responseIds[n % 2],
  n,
}));
await db.insert(evaluationTask).values(
  sides.map(({ taskId, own, n }) => ({
    ...{
      evaluationId: match.id,
      taskId,
      modelResponseId: own,
      opponentResponseId: two[n].responseIds[1 - (n % 2)],
    },
    exposure: (["held_out", "trained", "new", null] as const)[n],
  })),
);
const [judged] = await reviewer.caller.evaluation.list({ projectId, modelId: mine.id });

const board = await reviewer.caller.review.dashboard({ projectId });
const list = (await reviewer.caller.review.preferences({ projectId })).items;
const { total } = await reviewer.caller.review.preferenceCount({ projectId });

/** A run's curves, in the order in which no engine writes them. */
const [trained, stopped] = await db
  .insert(run)
  .values([
    { projectId, kind: "reward", title: "Trained", status: "succeeded", spec: {} },
    { projectId, kind: "reward", title: "Stopped", status: "cancelled", spec: {} },
  ])
  .returning();
const points = [10, 30, 20].flatMap((step) => [
  { runId: trained.id, name: "loss", step, value: 1 / step },
  { runId: trained.id, name: "eval_accuracy", step, value: step / 40 },
  { runId: trained.id, name: "eval_loss", step, value: { 10: 0.7, 20: 0.6, 30: 0.61 }[step] ?? 0 },
]);
await db.insert(metric).values([...points, { runId: stopped.id, name: "loss", step: 40, value: 9 }]);
const curves = await reviewer.caller.training.curves({ projectId, runId: trained.id });

/** A reward model that likes every response the less, the more votes prefer it. */
const held = {
  ...{ scored: 17, dropped: 4, right: 12, compared: 17 },
  loss: { first: { step: 10, loss: 0.7 }, lowest: { step: 20, loss: 0.6 }, kept: { step: 30, loss: 0.61 } },
};
const [rewards] = await db
  .insert(model)
  .values({
    ...{ projectId, name: "rewards", method: "reward", format: "full", source: { kind: "run" } },
    ...{ metrics: { eval_loss: 0.61, "eval_rewards/margins": 0.2 }, heldOut: held },
  })
  .returning();
const replies = await db
  .select()
  .from(response)
  .where(eq(response.projectId, projectId))
  .orderBy(response.id);
const preferring = (id: string) =>
  count(
    votes,
    (vote) => (vote.outcome === "a" ? vote.responseA : vote.outcome === "b" ? vote.responseB : "") === id,
  );
const rewardOf = new Map(replies.map(({ id }) => [id, -preferring(id) / 2]));
await db.insert(score).values(
  replies.slice(1).map(({ id }) => ({
    ...{ projectId, modelId: rewards.id, responseId: id },
    reward: rewardOf.get(id) ?? 0,
  })),
);
const ofModel = { projectId, modelId: rewards.id };
const shownModel = await reviewer.caller.model.get(ofModel);
const none: HeldOut = { scored: 0, dropped: 0 };
const counts = ({ loss: _, ...counted }: HeldOut) => counted;
const lossesOf = ({ loss }: HeldOut): Row => ({
  ...{ first: loss?.first.loss ?? null, lowest: loss?.lowest.loss ?? null, kept: loss?.kept.loss ?? null },
});
const gaps = await reviewer.caller.evaluation.disagreements(ofModel);

await db.insert(worker).values(
  [0, 20, 600].map((seconds) => ({
    ...{
      name: `heard of ${seconds} s ago`,
      capabilities: { engines: [], devices: [], memoryBytes: 0, options: {} },
    },
    heartbeatAt: new Date(Date.now() - seconds * 1000),
  })),
);
const metrics = await metricsOf(db).getMetricsAsJSON();
const valuesOf = (name: string) =>
  metrics.find((one) => one.name === name)?.values.map(({ labels, value }) => ({ ...labels, value })) ?? [];
const all = {
  runs: await db.select().from(run),
  seats: await db.select().from(assignment),
  given: await db.select().from(annotation),
  people: await db.select().from(person),
  workers: await db.select().from(worker),
};
/** How many items have each of what they are counted by. */
const tally = <T>(items: readonly T[], by: (item: T) => Record<string, string>) =>
  [...groupBy(items, (item) => JSON.stringify(by(item))).values()].map((same) => ({
    ...by(same[0]),
    value: same.length,
  }));

const onPair = groupBy(votes, keyOf);
const byQuestion = groupBy(votes, ({ questionId }) => questionId);
const seatsOf = (status: string, raterId?: string) =>
  count(seats, (seat) => seat.status === status && (!raterId || seat.raterId === raterId));
/** Labels that came with a file are no work of the day on which it came. */
const isHere = ({ origin }: (typeof given)[number]) => origin !== "import" && origin !== "model";
const since = (hours: number) =>
  count(given, (row) => isHere(row) && Date.now() - Number(row.submittedAt) < hours * 3.6e6);

const ofQuestion = (row: (some: readonly Stated[]) => Row) =>
  [...byQuestion].map(([question_id, some]) => ({ question_id, ...row(some) }));
const median = (values: number[]) => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return sorted.length > 0 ? middle.reduce((sum, value) => sum + value, 0) / middle.length : null;
};

/** What came of each comparison of the evaluation, from the model's side. */
const matches = [
  ...sides.flatMap(({ taskId, promptId, own }) =>
    votes
      .filter((vote) => vote.taskId === taskId && vote.questionId === "help")
      .map(({ outcome, responseA }) => ({
        promptId,
        outcome:
          outcome === "tie" || outcome === "both_bad" ? outcome : (outcome === "a") === (responseA === own),
      })),
  ),
  ...match.settled.map(({ promptId, outcome }) => ({
    promptId,
    outcome: outcome === "tied" ? ("tie" as const) : false,
  })),
];

function winRateOf(): Row {
  const means = [...groupBy(matches, ({ promptId }) => promptId).values()].map(
    (own) =>
      own.reduce((sum, { outcome }) => sum + (outcome === true ? 1 : outcome === false ? 0 : 0.5), 0) /
      own.length,
  );
  const G = means.length;
  const p = means.reduce((sum, mean) => sum + mean, 0) / G;
  const variance = means.reduce((sum, mean) => sum + (mean - p) ** 2, 0) / G ** 2;
  const half = (T[G - 1] * Math.sqrt((variance * G) / (G - 1))) / (p * (1 - p));
  const at = (shift: number) => 1 / (1 + Math.exp(-Math.log(p / (1 - p)) - shift));
  return { estimate: p, low: at(-half), high: at(half), n: matches.length, prompts: G };
}

/** Of a two-sided test of one mean: the normal quantiles for 5 % and 80 %. */
function toSettleOf(): number {
  const prompts = [...groupBy(matches, ({ promptId }) => promptId).values()];
  const drawn = (own: typeof matches) =>
    count(own, ({ outcome }) => typeof outcome === "string") / own.length;
  const ties = prompts.reduce((sum, own) => sum + drawn(own), 0) / prompts.length;
  const apart = Math.abs(Number(winRateOf().estimate) - 0.5);
  const before = (1 - ties) / 4;
  const root = 1.959963984540054 * Math.sqrt(before) + 0.8416212335729143 * Math.sqrt(before - apart ** 2);
  return Math.ceil((root / apart) ** 2);
}

/** What is shown, and the same from the tables. A figure without its line does not compile. */
const figures = { ...reviewFigures, ...modelFigures, ...siteFigures };
const checks: Checks<Exclude<keyof typeof figures, "raterShare">> = {
  judgements: {
    shown: [{ submitted: board.seats.submitted, wanted: board.seats.wanted }],
    counted: [
      {
        submitted: seatsOf("submitted"),
        wanted: count(seats, ({ status }) => status !== "skipped" && status !== "closed"),
      },
    ],
  },
  tasks: {
    shown: [board.tasks],
    counted: [
      tasks.reduce(
        (sum, { id, overlap }) => {
          const judged = count(seats, (seat) => seat.taskId === id && seat.status === "submitted");
          sum[judged >= overlap ? "done" : judged > 0 ? "started" : "waiting"]++;
          return sum;
        },
        { total: tasks.length, done: 0, started: 0, waiting: 0 },
      ),
    ],
  },
  pace: {
    shown: [{ lastDay: board.pace.lastDay, lastHour: board.pace.lastHour }],
    counted: [{ lastDay: since(24), lastHour: since(1) }],
  },
  forecast: {
    shown: [{ remaining: board.forecast.remaining }],
    counted: [{ remaining: seatsOf("open") + seatsOf("leased") + seatsOf("returned") }],
  },
  seats: {
    shown: [{ leased: board.seats.leased, returned: board.seats.returned, skipped: board.seats.skipped }],
    counted: [{ leased: seatsOf("leased"), returned: seatsOf("returned"), skipped: seatsOf("skipped") }],
  },
  flags: {
    shown: [{ count: board.flags.count }],
    counted: [{ count: count(given, ({ flagReason }) => flagReason !== null) }],
  },
  raterWork: {
    shown: board.raters
      .filter(({ submitted }) => submitted > 0)
      .map(({ id, submitted, today, flagged, skipped, returned, held }) => ({
        ...{ id, submitted, today, flagged, skipped, returned, held },
      })),
    counted: [...groupBy(given, ({ raterId }) => raterId)].map(([id, mine]) => ({
      id,
      submitted: mine.length,
      today: count(
        mine,
        (row) =>
          isHere(row) && row.submittedAt.toISOString().slice(0, 10) === new Date().toISOString().slice(0, 10),
      ),
      flagged: count(mine, ({ flagReason }) => flagReason !== null),
      skipped: seatsOf("skipped", id),
      returned: seatsOf("returned", id),
      held: seatsOf("leased", id),
    })),
  },
  raterTime: {
    shown: board.raters.map(({ id, medianSeconds }) => ({ id, seconds: medianSeconds })),
    counted: raters.map(({ id }) => ({
      id,
      seconds: median(
        given.flatMap((row) => (row.raterId === id && row.visibleMs !== null ? row.visibleMs / 1000 : [])),
      ),
    })),
  },
  outcomes: {
    shown: board.questions.map(({ questionId, outcomes }) => ({ question_id: questionId, ...outcomes })),
    counted: ofQuestion((some) =>
      Object.fromEntries(said.map((outcome) => [outcome, count(some, (vote) => vote.outcome === outcome)])),
    ),
  },
  agreement: {
    shown: board.questions.map(({ questionId, agreement: { reason: _, leftOut, ...agreement } }) => ({
      question_id: questionId,
      ...agreement,
      ...leftOut,
    })),
    counted: ofQuestion(agreementOf),
  },
  firstShown: {
    shown: board.questions.map(({ questionId, firstShown: { leftOut, ...firstShown } }) => ({
      question_id: questionId,
      ...firstShown,
      ...leftOut,
    })),
    counted: ofQuestion((some) => {
      const known = some.filter((vote) => isDecided(vote) && vote.aShownFirst !== null);
      return {
        won: count(known, ({ outcome, aShownFirst }) => (outcome === "a") === aShownFirst),
        decided: known.length,
        undecided: count(some, (vote) => !isDecided(vote)),
        orderUnknown: count(some, (vote) => isDecided(vote) && vote.aShownFirst === null),
      };
    }),
  },
  raterAgreement: {
    shown: board.questions.flatMap(({ questionId, raters: each }) =>
      each
        .filter(({ comparisons }) => comparisons > 0)
        .map(({ leftOut, ...row }) => ({ question_id: questionId, ...row, ...leftOut })),
    ),
    counted: [...groupBy(votes, ({ questionId, raterId }) => `${questionId},${raterId}`)].flatMap(
      ([key, mine]) => {
        const [question_id, id] = key.split(",");
        const others = mine.flatMap((vote) =>
          (onPair.get(keyOf(vote)) ?? []).flatMap((other) =>
            other === vote ? [] : other.outcome === vote.outcome,
          ),
        );
        const alone = count(mine, (vote) => onPair.get(keyOf(vote))?.length === 1);
        const agreement = count(others, (same) => same) / others.length;
        return others.length > 0
          ? [{ question_id, id, agreement, comparisons: others.length, votes: mine.length, alone }]
          : [];
      },
    ),
  },
  strength: {
    shown: list.map(({ id, strength }) => ({ id, strength })),
    counted: stated.map(({ id, questionId, outcome, annotationId, responseA, responseB }) => {
      const judgement = given.find((row) => row.id === annotationId);
      const answer = judgement?.answers[questionId];
      if (!answer) throw new Error("A preference has no answer.");
      const place = (response: string) =>
        tasks.find((each) => each.id === judgement?.taskId)?.responseIds.indexOf(response) ?? -1;
      const ranks = "ranks" in answer && Array.isArray(answer.ranks) ? answer.ranks : null;
      const distance = ranks ? Math.abs(ranks[place(responseA)] - ranks[place(responseB)]) / 2 : level / 3;
      return { id, strength: outcome === "a" || outcome === "b" ? distance : 0 };
    }),
  },
  pairVotes: {
    shown: list.map(({ id, votes: on }) => ({ id, votes: on })),
    counted: stated.map((row) => ({ id: row.id, votes: onPair.get(keyOf(row))?.length ?? 0 })),
  },
  pairAgreement: {
    shown: list.map(({ id, agreement }) => ({ id, agreement })),
    counted: stated.map((row) => {
      const on = onPair.get(keyOf(row)) ?? [];
      const most = Math.max(...said.map((outcome) => count(on, (vote) => vote.outcome === outcome)));
      return { id: row.id, agreement: on.length > 0 ? most / on.length : null };
    }),
  },
  visibleTime: {
    shown: list.map(({ id, visibleMs }) => ({ id, visibleMs })),
    counted: stated.map(({ id, annotationId }) => ({
      id,
      visibleMs: given.find((row) => row.id === annotationId)?.visibleMs ?? null,
    })),
  },
  inView: {
    shown: list.map(({ id, inViewA, inViewB }) => ({ id, inViewA, inViewB })),
    counted: stated.map(({ id, annotationId, responseA, responseB }) => {
      const row = given.find((one) => one.id === annotationId);
      const responseIds = tasks.find((one) => one.id === row?.taskId)?.responseIds ?? [];
      const share = (response: string) =>
        row?.inView?.responses[responseIds.indexOf(response)]?.share ?? null;
      return { id, inViewA: share(responseA), inViewB: share(responseB) };
    }),
  },
  selectionProbability: {
    shown: list.map(({ id, selectionProbability }) => ({ id, selectionProbability })),
    counted: stated.map(({ id, annotationId }) => ({
      id,
      selectionProbability: given.find((row) => row.id === annotationId)?.selectionProbability ?? null,
    })),
  },
  preferences: { shown: [{ total }], counted: [{ total: stated.length }] },
  winRate: {
    shown: (({ method: _, reason: __, ...rate }) => [rate])(judged.winRate),
    counted: [winRateOf()],
  },
  toSettle: { shown: [{ toSettle: judged.toSettle }], counted: [{ toSettle: toSettleOf() }] },
  evaluation: {
    shown: [
      (({ won, lost, tied, bothBad, tasks: all, waiting, unanswered, withoutPeople, prompts }) => ({
        ...{ won, lost, tied, bothBad, all, waiting, unanswered, ...prompts },
        settled: withoutPeople.won + withoutPeople.lost + withoutPeople.tied,
      }))(judged),
    ],
    counted: [
      {
        won: count(matches, ({ outcome }) => outcome === true),
        lost: count(matches, ({ outcome }) => outcome === false),
        tied: count(matches, ({ outcome }) => outcome === "tie"),
        bothBad: count(matches, ({ outcome }) => outcome === "both_bad"),
        all: 4,
        waiting: count(
          seats,
          ({ taskId, status }) =>
            two.some(({ id }) => id === taskId) && ["open", "leased", "returned"].includes(status),
        ),
        unanswered: 2,
        ...{ heldOut: 2, new: 2, trained: 1, unknown: 1, settled: 2 },
      },
    ],
  },
  accuracy: {
    shown: [{ ...counts(shownModel.heldOut ?? none), ...accuracyOf(shownModel), independent: null }],
    counted: [{ ...counts(held), independent: null }],
  },
  lossCourse: {
    shown: [lossesOf(shownModel.heldOut ?? none)],
    counted: [{ first: 0.7, lowest: 0.6, kept: 0.61 }],
  },
  heldOutMeasures: {
    shown: Object.entries(shownModel.metrics).map(([name, value]) => ({ name, value })),
    counted: [
      { name: "eval_loss", value: 0.61 },
      { name: "eval_rewards/margins", value: 0.2 },
    ],
  },
  trainingCurves: {
    shown: curves.map(({ name, points: drawn }) => {
      const [step, value] = drawn[drawn.length - 1];
      return { name, step, value };
    }),
    counted: [
      { name: "loss", step: 30, value: 1 / 30 },
      { name: "eval_accuracy", step: 30, value: 0.75 },
      { name: "eval_loss", step: 30, value: 0.61 },
    ],
  },
  rewardGap: {
    shown: gaps.map(({ taskId, votes: on, gap, preferred, other }) => ({
      ...{ taskId, on, gap, preferred: preferred.reward, other: other.reward },
    })),
    counted: [...onPair.values()].flatMap((same) => {
      const [{ questionId, taskId, responseA, responseB }] = same;
      const most = [...byQuestion].toSorted(
        ([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1),
      );
      const lead =
        count(same, ({ outcome }) => outcome === "a") - count(same, ({ outcome }) => outcome === "b");
      const [liked, rest] = lead > 0 ? [responseA, responseB] : [responseB, responseA];
      const [preferred = 0, other = 0] = [liked, rest].map((id) => rewardOf.get(id));
      const isScored = ![liked, rest].includes(replies[0].id);
      return questionId === most[0][0] && lead !== 0 && isScored && other > preferred
        ? [{ taskId, on: same.length, gap: other - preferred, preferred, other }]
        : [];
    }),
  },
  siteRuns: {
    shown: valuesOf("concord_runs"),
    counted: tally(all.runs, ({ kind, status }) => ({ kind, status })),
  },
  siteSeats: {
    shown: valuesOf("concord_assignments"),
    counted: tally(
      all.seats.filter(({ apart }) => !apart),
      ({ status }) => ({ status }),
    ),
  },
  siteJudgements: {
    shown: valuesOf("concord_annotations"),
    counted: [{ value: count(all.given, ({ current, apart }) => current && !apart) }],
  },
  sitePeople: {
    shown: valuesOf("concord_people"),
    counted: [{ value: count(all.people, ({ disabledAt }) => disabledAt === null) }],
  },
  siteWorkers: { shown: valuesOf("concord_workers"), counted: [{ value: 2 }] },
};

test("the project has what makes figures wrong", () => {
  const twoSaid = [...onPair.values()].filter((same) => new Set(same.map(({ outcome }) => outcome)).size > 1);
  expect(twoSaid.length).toBeGreaterThan(2);
  expect(byQuestion.size).toBe(3);
  expect(stated.length - votes.length).toBeGreaterThan(8);
  expect(board.questions.map(({ questionId }) => questionId)).toEqual(["help", "safe", "rank"]);
});

testFigures(db, figures, checks, () => ({ project: projectId, run: trained.id }));

test("the list of projects says what the dashboard does", async () => {
  const { items } = await reviewer.caller.project.list();
  expect(items.find(({ id }) => id === projectId)?.seats).toEqual({
    wanted: board.seats.wanted,
    submitted: board.seats.submitted,
  });
});

test("the file says of each row what the table says", async () => {
  const [, ...lines] = (await fileOf(database, projectId, reviewer)).split(/(?<=\r\n)/);
  expect(lines.join("")).toBe(linesOf(list));
});
