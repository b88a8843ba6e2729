import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  annotation,
  assignment,
  evaluation,
  evaluationTask,
  formVersion,
  model,
  preference,
  rater,
  task,
} from "@/db/schema";
import { type Figure, type FigureId, figures } from "@/server/figure/schema";
import { type Answers, formSchema, storedQuestions } from "@/server/form/schema";
import { groupBy } from "@/server/group";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { setConsent } from "@/server/model/model";
import { accuracyOf } from "@/server/model/schema";
import { preferenceColumns } from "@/server/review/csv";
import { testDatabase } from "./database";
import { type Member, newKey, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

/** A project with every oddity: what each figure says of it is counted again from the tables, by a script. */
const questions = formSchema.parse([
  { id: "help", type: "preference", label: "Which helps more?" },
  { id: "safe", type: "preference", label: "Which is safer?", required: false },
  { id: "rank", type: "ranking", label: "Rank them." },
]);
const of = await study(database, { tasks: 3, overlap: 4, questions });
const { projectId } = of;
// Three responses, and two sources of one text.
const [ranked] = somePrompts(1, 3);
const [twins] = somePrompts(1, 2);
await of.manager.caller.content.addPrompts({
  projectId,
  prompts: [
    ranked,
    { ...twins, responses: twins.responses.map((reply) => ({ ...reply, content: "The same." })) },
  ],
});
await of.manager.caller.task.create({ projectId });
const reviewer = await of.join("reviewer");
const people = [await of.join(), await of.join(), await of.join(), await of.join()];

const level = 2;
const said = ["a", "b", "tie", "both_bad"] as const;
const verdict = (n: number) => {
  const outcome = said[n % 4];
  return { type: "preference" as const, outcome, ...(n % 4 < 2 && { level }) };
};
/** Some agree and some do not; the second question is not always answered. */
const answersOf = (who: number, n: number, k: number): Answers =>
  k > 2
    ? {
        rank: {
          type: "ranking",
          ranks: [
            [1, 2, 3],
            [1, 3, 2],
            [1, 1, 2],
            [3, 2, 1],
          ][who],
        },
      }
    : { help: verdict(who > 1 ? n : n + who), ...(who !== 2 && { safe: verdict(n) }) };

async function judgeAll({ caller }: Member, who: number) {
  const done: { assignmentId: string; annotationId: string; k: number }[] = [];
  for (let n = 0; ; n++) {
    const { tasks: held } = await caller.annotation.claim({ projectId });
    if (held.length === 0) return done;
    for (const { assignmentId, responses } of held) {
      const k = responses.length;
      const given = { assignmentId, answers: answersOf(who, n, k), visibleMs: 10_000 + 1000 * n };
      const flagReason = who === 1 && n === 0 ? "Odd" : undefined;
      const { annotationId } = await caller.annotation.submit({
        ...given,
        flagReason,
        idempotencyKey: newKey(),
      });
      done.push({ assignmentId, annotationId, k });
    }
  }
}

const done = [];
for (const [who, person] of people.entries()) done.push(await judgeAll(person, who));
const pairs = done.map((all) => all.filter(({ k }) => k === 2));
const [revised] = pairs[0];
await people[0].caller.annotation.revise({
  assignmentId: revised.assignmentId,
  answers: { help: verdict(1), safe: verdict(2) },
  idempotencyKey: newKey(),
});
const undone = done[1].at(-1);
if (undone) await people[1].caller.annotation.undo(undone);
const because = (annotationId: string) => ({ projectId, annotationIds: [annotationId], reason: "Because" });
await reviewer.caller.review.exclude(because(pairs[0][1].annotationId));
await reviewer.caller.review.sendBack(because(pairs[2][0].annotationId));
const tasks = await db.select().from(task).where(eq(task.projectId, projectId));
const two = tasks.filter(({ responseIds }) => responseIds.length === 2);
await reviewer.caller.review.adjudicate({
  projectId,
  taskId: two[0].id,
  answers: { help: verdict(0) },
  reason: "So it is",
});
const fourth = await db.select().from(rater).where(eq(rater.personId, people[3].viewer.personId));
await setConsent(db, of.manager.viewer, { projectId, raterId: fourth[0].id, withdrawn: true });

/** A model's vote, and one of an import that does not tell what stood first. */
const [form] = await db.select().from(formVersion).where(eq(formVersion.projectId, projectId));
for (const [kind, origin] of [
  ["model", "model"],
  ["imported", "import"],
] as const) {
  const [by] = await db.insert(rater).values({ projectId, kind, name: kind, externalId: kind }).returning();
  const { id: taskId, promptId, responseIds } = two[1];
  const answers: Answers = { help: verdict(0) };
  const order = kind === "model" ? [0, 1] : null;
  const facts = factsOf({ questions: storedQuestions(form.questions), answers, order, responseIds });
  const judgement = { taskId, promptId, raterId: by.id, assignmentId: null, origin, answers, facts };
  const submitted = {
    order: order ?? [],
    formVersionId: form.id,
    submittedAt: new Date(Date.now() - 7_200_000),
  };
  await storeJudgements(db, { projectId, judgements: [{ ...judgement, ...submitted }] });
}

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

type Row = Record<string, string | number | null>;

const board = await reviewer.caller.review.dashboard({ projectId });
const list = (await reviewer.caller.review.preferences({ projectId })).items;
const { total } = await reviewer.caller.review.preferenceCount({ projectId });

const raters = await db.select().from(rater).where(eq(rater.projectId, projectId));
const seats = await db.select().from(assignment).where(eq(assignment.projectId, projectId));
const given = (await db.select().from(annotation).where(eq(annotation.projectId, projectId))).filter(
  ({ current }) => current,
);
const stated = await db.select().from(preference).where(eq(preference.projectId, projectId));
/** What counts, said once more. */
const votes = stated.filter(({ annotationId, raterId }) => {
  const judgement = given.find(({ id }) => id === annotationId);
  const who = raters.find(({ id }) => id === raterId);
  return (
    judgement?.excludedAt === null &&
    judgement.origin !== "adjudication" &&
    who?.consentWithdrawnAt === null &&
    who.kind !== "model"
  );
});
const keyOf = (row: (typeof stated)[number]) => [row.questionId, row.responseA, row.responseB].join();
const onPair = groupBy(votes, keyOf);
const byQuestion = groupBy(votes, ({ questionId }) => questionId);
const count = <T>(items: readonly T[], holds: (item: T) => boolean) => items.filter(holds).length;
const seatsOf = (status: string, raterId?: string) =>
  count(seats, (seat) => seat.status === status && (!raterId || seat.raterId === raterId));
const since = (hours: number) =>
  count(given, ({ submittedAt }) => Date.now() - Number(submittedAt) < hours * 3.6e6);

/** Comparisons of two votes of one pair: how many are alike, of how many. */
function compare(some: readonly (typeof stated)[number][]) {
  const couples = [...groupBy(some, keyOf).values()].flatMap((same) =>
    same.flatMap((one, i) => same.slice(i + 1).map((other) => one.outcome === other.outcome)),
  );
  return { alike: count(couples, (same) => same), n: couples.length };
}

/** Student's t, 97.5 %, from the table. */
const T = [Number.NaN, 12.7062047, 4.3026527, 3.1824463, 2.7764451, 2.5705818];

function agreementOf(some: readonly (typeof stated)[number][]): Row {
  const { alike, n } = compare(some);
  const prompts = [...groupBy(some, ({ promptId }) => promptId).values()].filter((own) => compare(own).n > 0);
  const without = prompts.map((own) => {
    const rest = compare(some.filter((vote) => !own.includes(vote)));
    return rest.alike / rest.n;
  });
  const mean = without.reduce((sum, each) => sum + each, 0) / without.length;
  const G = prompts.length;
  const se = Math.sqrt(((G - 1) / G) * without.reduce((sum, each) => sum + (each - mean) ** 2, 0));
  const estimate = alike / n;
  const half = (T[G - 1] * se) / (1 - estimate ** 2);
  const known = G > 1 && se > 0;
  return {
    estimate,
    low: known ? Math.max(0, Math.tanh(Math.atanh(estimate) - half)) : null,
    high: known ? Math.tanh(Math.atanh(estimate) + half) : null,
    n,
    prompts: G,
    pairs: count([...groupBy(some, keyOf).values()], (same) => same.length > 1),
    single: count([...groupBy(some, keyOf).values()], (same) => same.length === 1),
  };
}

const ofQuestion = (row: (some: readonly (typeof stated)[number][]) => Row) =>
  [...byQuestion].map(([question_id, some]) => ({ question_id, ...row(some) }));
const isDecided = ({ outcome }: { outcome: string }) => outcome === "a" || outcome === "b";
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

/** What is shown, and the same from the tables. A figure without its line does not compile. */
const checks: Record<FigureId, { shown: Row[]; counted: Row[] }> = {
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
        ({ submittedAt }) => submittedAt.toISOString().slice(0, 10) === new Date().toISOString().slice(0, 10),
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
    shown: [accuracyOf({ heldOut: { scored: 17, dropped: 4, right: 12, compared: 17 } })].map((accuracy) => ({
      right: accuracy?.right ?? null,
      compared: accuracy?.compared ?? null,
    })),
    counted: [{ right: 12, compared: 17 }],
  },
};

/** Six digits: as many as the table of t has. */
const rounded = (rows: readonly Row[]) =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .map(([key, value]) => [key, typeof value === "number" ? Number(value.toFixed(6)) : value])
          .sort(),
      ),
    )
    .sort();

test("the project has what makes figures wrong", () => {
  const twoSaid = [...onPair.values()].filter((same) => new Set(same.map(({ outcome }) => outcome)).size > 1);
  expect(twoSaid.length).toBeGreaterThan(2);
  expect(byQuestion.size).toBe(3);
  expect(stated.length - votes.length).toBeGreaterThan(8);
  expect(board.questions.map(({ questionId }) => questionId)).toEqual(["help", "safe", "rank"]);
});

const entries: [string, Figure][] = Object.entries(figures);

test.each(Object.entries(checks))("%s is what the tables say", (_, { shown, counted }) => {
  expect(counted.length).toBeGreaterThan(0);
  expect(rounded(shown)).toEqual(rounded(counted));
});

test.each(entries.flatMap(([id, { query }]) => (query ? [[id, query] as const] : [])))(
  "%s is what the query beside it answers",
  async (id, query) => {
    const rows = await db.execute<Record<string, string | number | null>>(
      sql.raw(query.replaceAll(":project", `'${projectId}'`)),
    );
    const answered = [...rows].map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          key.endsWith("id") || value === null ? value : Number(value),
        ]),
      ),
    );
    const check = Object.entries(checks).find(([name]) => name === id);
    const asked = Object.keys(answered[0] ?? {});
    const shown = check?.[1].shown.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([key]) => asked.includes(key))),
    );
    expect(rounded(answered)).toEqual(rounded(shown ?? []));
  },
);

test("the file says of each row what the table says", () => {
  const columns = ["strength", "votes", "agreement", "visible_seconds"];
  for (const row of list)
    expect(columns.map((column) => preferenceColumns[column](row))).toEqual([
      row.strength,
      row.votes,
      row.agreement,
      row.visibleMs && row.visibleMs / 1000,
    ]);
});
