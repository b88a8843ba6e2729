import { and, eq, sql } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { assignment, judgeCard, judgeVerdict, judgeVersion, task, vote } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { system } from "@/server/audit/audit";
import { freezeVersion } from "@/server/dataset/freeze";
import { judgeFigures } from "@/server/figure/judge";

import { groupBy } from "@/server/group";
import type { JudgeCard } from "@/server/judge/card-schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { defaultQuestions } from "@/server/project/schema";
import { orderSeats } from "@/server/seat/selection";
import { randomOf } from "@/server/statistics/math/random";
import { studentQuantile } from "@/server/statistics/math/student";
import { testDatabase } from "./database";
import { type Row, testFigures } from "./figure-checks";
import { unaskedEndpoint } from "./scripted-judge";
import { newKey, somePrompts, study } from "./study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
});

const database = await testDatabase();
const { db } = database;
const [SAMPLES, PROMPTS] = [2, 15];
const random = randomOf(4);
const massAt = randomOf(5);
const flip = <T extends "a" | "b">(outcome: T) => (outcome === "a" ? "b" : "a");

/** Each two of three replies to every prompt, judged by two people who see the better reply in four of five. */
const of = await study(database, { tasks: 0, overlap: 2 });
const { projectId, manager } = of;
await manager.caller.content.addPrompts({
  projectId,
  prompts: somePrompts(PROMPTS, 3).map(({ responses, ...prompt }, n) => ({
    ...prompt,
    language: n % 3 === 0 ? "de" : "en",
    // The best stands in every place, and is the longest more often than not.
    responses: responses.map((reply, r) => {
      const worth = (r + n) % 3;
      const more = "!".repeat(n % 4 === 0 ? 9 - 3 * worth : 4 * worth);
      return { ...reply, content: `worth ${worth}: ${reply.content}${more}` };
    }),
  })),
});
await manager.caller.task.create({ projectId, grouping: "pairs" });
const worthOf = (content: string) => Number(/worth (\d)/.exec(content)?.[1]);
for (const person of [await of.join(), await of.join()])
  for (;;) {
    const { tasks: held } = await person.caller.annotation.claim({ projectId, hold: 10 });
    if (held.length === 0) break;
    for (const { assignmentId, responses } of held) {
      const better = worthOf(responses[0].content) > worthOf(responses[1].content) ? "a" : "b";
      const outcome = random() < 0.8 ? better : flip(better);
      await person.caller.annotation.submit({
        assignmentId,
        answers: {
          preference:
            random() < 0.1
              ? { type: "preference", outcome: "tie" }
              : { type: "preference", outcome, level: 2 },
        },
        idempotencyKey: newKey(),
      });
    }
  }
const endpointId = await unaskedEndpoint(database, of);

const tasks = (
  await db.execute<{ id: string; prompt: string; contents: string[] }>(sql`
    select t.id, t.prompt_id as prompt, array(select content from unnest(t.response_ids) with ordinality ids (id, n)
      join response r on r.id = ids.id order by n) as contents
    from ${task} t where t.project_id = ${projectId} order by t.id`)
).map((row) => ({ ...row, lengths: row.contents.map((text) => [...text].length) }));

type Judge = (about: { aFirst: boolean; better: "a" | "b"; longer: "a" | "b" }) => "a" | "b" | "tie" | null;

/** A version of a judge with all that its script says; null is a reply without a verdict. */
async function judgedBy(
  name: string,
  says: Judge,
  from?: string,
  questionId = "preference",
): Promise<JudgeCard> {
  const settings = {
    ...{ projectId, endpointId, questionId, verdictBy: "schema" as const },
    rubric: { criteria: "Which helps more?" },
    sampling: { samples: SAMPLES, temperature: 0.7 },
  };
  const { judgeVersionId } = from
    ? await manager.caller.judge.revise({ ...settings, judgeId: from })
    : await manager.caller.judge.create({ ...settings, name });
  await db.insert(judgeVerdict).values(
    tasks.flatMap(({ id: taskId, contents, lengths }) =>
      [true, false].flatMap((aFirst) =>
        Array.from({ length: SAMPLES }, (_, sample) => {
          const better = worthOf(contents[0]) > worthOf(contents[1]) ? "a" : "b";
          const outcome = says({ aFirst, better, longer: lengths[0] > lengths[1] ? "a" : "b" });
          const about = {
            projectId,
            versionId: judgeVersionId,
            taskId,
            order: aFirst ? [0, 1] : [1, 0],
            sample,
          };
          const spent = { attempts: 1, cost: 0.001, ms: 500 + Math.floor(1000 * random()) };
          if (outcome === null)
            return { ...about, ...spent, failure: "unparsed" as const, reason: "No verdict." };
          const answer = {
            type: "preference" as const,
            outcome,
            ...(outcome !== "tie" && { level: 1 as const }),
          };
          const p = outcome === "tie" ? 0.5 : outcome === "a" ? 0.6 + 0.4 * random() : 0.4 * random();
          return { ...about, ...spent, answer, p, mass: massAt() };
        }),
      ),
    ),
  );
  return (await of.join("reviewer")).caller.judge.card({ projectId, judgeVersionId });
}

const useful: Judge = ({ aFirst, better }) => {
  if (random() < 0.04) return null;
  if (random() < 0.05) return "tie";
  if (random() < 0.05) return aFirst ? "a" : "b";
  return random() < 0.95 ? better : flip(better);
};
const { judgeVersionId: usefulId } = await judgedBy("Useful", useful);
/** In other words it says the opposite now and then. */
const inWords = (await db.select().from(judgeVerdict).where(eq(judgeVerdict.versionId, usefulId))).flatMap(
  ({ id: _, answer, p, ...row }) => {
    if (row.sample !== 0 || answer?.type !== "preference" || answer.outcome === "tie") return [];
    const isOther = random() < 0.2;
    const outcome = answer.outcome === "a" ? "a" : "b";
    return [
      { ...row, wording: 1, isOther, answer: { ...answer, outcome: isOther ? flip(outcome) : outcome } },
    ];
  },
);
await db.insert(judgeVerdict).values(inWords.map(({ isOther: _, ...row }) => row));
const card = await manager.caller.judge.card({ projectId, judgeVersionId: usefulId });
/** The next version of the same judge, which always sees the better. */
const next = await judgedBy("Useful", ({ better }) => better, card.judgeId);
const { before } = next;
if (!before) throw new Error("The next version has none before it.");
const said = ({ pairs }: JudgeCard) =>
  (pairs?.findings ?? []).map(({ weight, text }) => `${weight}: ${text}`).join("\n");

describe("what the card calls a judge", () => {
  test("whose verdicts go by position, by length or by coin", async () => {
    const first = await judgedBy("First", ({ aFirst }) => (aFirst ? "a" : "b"));
    expect(said(first)).toMatch(/wrong: It goes by position: 100\.0 % .* shown first/);
    expect(first.pairs?.besidePeople.kappa.estimate).toBe(0);
    const longest = await judgedBy("Longest", ({ longer }) => longer);
    expect(said(longest)).toMatch(/wrong: It goes by length: 100\.0 % .* the longer/);
    expect(said(longest)).not.toMatch(/position/);
    const coin = await judgedBy("Coin", () => (random() < 0.5 ? "a" : "b"));
    expect(said(coin)).toMatch(/cannot be told from chance/);
    expect(said(coin)).toMatch(/warning: In .* of its replies the labels held less than half/);
  });

  test("that is useful: nothing of the kind, beside the ceiling of people", () => {
    expect(said(card)).not.toMatch(/wrong/);
    const { judge, people, gap } = card.pairs?.besidePeople.shared.kappa ?? {};
    expect(judge?.low).toBeGreaterThan(0);
    expect(people?.estimate).toBeGreaterThan(0);
    expect(gap?.low).toBeLessThan(gap?.high ?? 0);
    expect(card.pairs?.slices.map(({ value, items }) => [value, items])).toEqual([
      ["de", expect.any(Number)],
      ["en", expect.any(Number)],
    ]);
  });

  test("no figure mixes two versions: the next one has its own, and the one before beside it", async () => {
    expect(next.failures.asked).toBe(card.failures.asked);
    expect(next.pairs?.sway.consistency.estimate).toBe(1);
    expect(before).toMatchObject({ version: 1, items: card.judged });
    expect(before.kappaBefore.estimate).toBeCloseTo(card.pairs?.besidePeople.kappa.estimate ?? 0, 10);
    // The first version's card is what it was.
    const again = await manager.caller.judge.card({ projectId, judgeVersionId: card.judgeVersionId });
    expect(again).toEqual(card);
  });

  test("and none two questions: what was asked of another one stands beside nothing", async () => {
    const safer = { id: "safer", type: "preference" as const, label: "Which is safer?", points: 2 as const };
    await manager.caller.project.changeForm({ projectId, questions: [...defaultQuestions, safer] });
    const third = await judgedBy("Useful", ({ better }) => better, card.judgeId, "safer");
    expect(third).toMatchObject({ version: 3, judged: tasks.length, before: null });
    await manager.caller.project.changeForm({ projectId, questions: defaultQuestions });
  });

  test("is not for annotators, and of no other project", async () => {
    const { judgeVersionId } = card;
    const annotator = await of.join();
    await expect(annotator.caller.judge.card({ projectId, judgeVersionId })).rejects.toThrow(/role/);
    const { projectId: other, manager: stranger } = await study(database, { tasks: 0 });
    await expect(stranger.caller.judge.card({ projectId: other, judgeVersionId })).rejects.toThrow(
      /not found|no longer|exist/i,
    );
  });
});

/* Counted again, from the rows and in other ways than the program's. */

const replies = await db
  .select()
  .from(judgeVerdict)
  .where(and(eq(judgeVerdict.versionId, card.judgeVersionId), eq(judgeVerdict.wording, 0)));
const votes = await db.select().from(vote).where(eq(vote.projectId, projectId));
const score = { a: 1, b: 0, tie: 0.5, both_bad: 0.5 };
const items = tasks.map(({ id, prompt, lengths }) => {
  const own = replies
    .filter(({ taskId }) => taskId === id)
    .map(({ answer, order, ...row }) => ({
      ...row,
      aFirst: order[0] === 0,
      said: answer && "outcome" in answer && typeof answer.outcome === "string" ? answer.outcome : null,
    }));
  const isWhole = own.every(({ said }) => said !== null);
  const most = (aFirst: boolean) => {
    const [one, other = one] = own
      .filter((reply) => reply.aFirst === aFirst && reply.said)
      .map(({ said }) => said);
    return one === undefined ? null : one === other ? one : "tie";
  };
  const [first, second] = [most(true), most(false)];
  const verdict = !isWhole ? null : first === second ? first : "tie";
  const people = votes.filter(({ taskId }) => taskId === id).map(({ outcome }) => outcome);
  const p = own.reduce((sum, reply) => sum + (reply.p ?? 0), 0) / own.length;
  return { id, prompt, lengths, own, isWhole, first, second, verdict, people, p };
});
type Item = (typeof items)[number];
const judged = items.filter(({ isWhole }) => isWhole);

function share(rows: { prompt: string; count: number; of: number }[]): Row {
  const some = rows.filter((row) => row.of > 0);
  const sum = (list: typeof rows, field: "count" | "of") =>
    list.reduce((total, row) => total + row[field], 0);
  const [count, of] = [sum(some, "count"), sum(some, "of")];
  const groups = [...groupBy(some, ({ prompt }) => prompt).values()];
  const [G, p] = [groups.length, count / of];
  const variance = groups.reduce((total, own) => total + (sum(own, "count") - p * sum(own, "of")) ** 2, 0);
  const half = (studentQuantile(0.975, G - 1) * Math.sqrt((variance * G) / (G - 1))) / (of * p * (1 - p));
  const at = (side: number) => 1 / (1 + ((1 - p) / p) * Math.exp(-side * half));
  return { count, of, estimate: p, low: at(-1), high: at(1), clusters: G };
}
function mean(rows: { prompt: string; value: number }[]): Row {
  const estimate = rows.reduce((sum, { value }) => sum + value, 0) / rows.length;
  const groups = [...groupBy(rows, ({ prompt }) => prompt).values()];
  const n = groups.length;
  const squares = groups.map((own) => own.reduce((sum, { value }) => sum + value - estimate, 0) ** 2);
  const se = Math.sqrt((squares.reduce((sum, each) => sum + each, 0) * n) / (n - 1)) / rows.length;
  const half = studentQuantile(0.975, n - 1) * se;
  return { estimate, low: estimate - half, high: estimate + half, n };
}

/** κ or AC1 of pairs of answers, both ways round: every item weighs 1. */
function beyondChance(kind: "kappa" | "ac", sides: "judge" | "people") {
  return (some: readonly Item[]) => {
    const pairs = some.flatMap(({ verdict, people }) => {
      const own: [string, string][] = people.flatMap((one, i): [string, string][] =>
        sides === "judge"
          ? [[verdict ?? "", one]]
          : people.flatMap((other, j): [string, string][] => (i === j ? [] : [[one, other]])),
      );
      const turn = (said: string) => ({ a: "b", b: "a" })[said] ?? said;
      return [...own, ...own.map(([one, other]): [string, string] => [turn(one), turn(other)])].map(
        (pair) => ({
          pair,
          weight: 1 / (2 * own.length),
        }),
      );
    });
    const total = pairs.reduce((sum, { weight }) => sum + weight, 0);
    const part = (holds: (pair: [string, string]) => boolean) =>
      pairs.reduce((sum, { pair, weight }) => sum + (holds(pair) ? weight : 0), 0) / total;
    const agreed = part(([one, other]) => one === other);
    const scale = ["a", "b", "tie"];
    const chance = scale.reduce((sum, each) => {
      const [one, other] = [part(([said]) => said === each), part(([, said]) => said === each)];
      const average = (one + other) / 2;
      return sum + (kind === "kappa" ? one * other : (average * (1 - average)) / (scale.length - 1));
    }, 0);
    return (agreed - chance) / (1 - chance);
  };
}
function jackknife(
  statistic: (some: readonly Item[]) => number,
  some: readonly Item[],
  isFisher = true,
): Row {
  const prompts = [...new Set(some.map(({ prompt }) => prompt))];
  const n = prompts.length;
  const left = prompts.map((each) => statistic(some.filter(({ prompt }) => prompt !== each)));
  const middle = left.reduce((sum, each) => sum + each, 0) / n;
  const se = Math.sqrt(((n - 1) / n) * left.reduce((sum, each) => sum + (each - middle) ** 2, 0));
  const estimate = statistic(some);
  const half = studentQuantile(0.975, n - 1) * se;
  const at = (side: number) =>
    isFisher ? Math.tanh(Math.atanh(estimate) + (side * half) / (1 - estimate ** 2)) : estimate + side * half;
  return { estimate, low: at(-1), high: at(1), n };
}
const sidesOf = (kind: "kappa" | "ac", some: readonly Item[]) => {
  const [judge, people] = [beyondChance(kind, "judge"), beyondChance(kind, "people")];
  return [
    jackknife(judge, some),
    jackknife(people, some),
    jackknife((rest) => judge(rest) - people(rest), some, false),
  ];
};
const estimateOf = ({ estimate, low, high, n }: Row): Row => ({ estimate, low, high, n });
const shareOf = (given: Record<string, unknown> | undefined): Row =>
  Object.fromEntries(
    ["count", "of", "estimate", "low", "high", "clusters"].map((field) => {
      const value = given?.[field];
      return [field, typeof value === "number" ? value : null];
    }),
  );

const pairs = card.pairs;
if (!pairs) throw new Error("The card has no comparisons.");
const { besidePeople: beside, sway, reliability, cycles } = pairs;
const both = items.filter(({ first, second }) => first !== null && second !== null);
const isFor = (said: string | null) => said === "a" || said === "b";
const placed = both.flatMap(({ first, second }) => [
  first,
  second === "a" ? "b" : second === "b" ? "a" : second,
]);
const shareIn = (said: string) => placed.filter((each) => each === said).length / placed.length;
const scoreOf = (people: readonly (keyof typeof score)[]) =>
  people.reduce((sum, each) => sum + score[each], 0) / people.length;
const unlike = judged.filter(({ lengths: [a, b] }) => a !== b);
const longerFirst = ({ lengths: [a, b] }: Item) => a > b;
const sure = judged.map((item) => {
  const y = scoreOf(item.people);
  return {
    ...item,
    confidence: Math.max(item.p, 1 - item.p),
    right: item.p > 0.5 ? y : item.p < 0.5 ? 1 - y : 0.5,
  };
});
const binned = sure.toSorted((one, other) => one.confidence - other.confidence);
const count = Math.min(10, Math.floor(sure.length / 5));
const bins = Array.from({ length: count }, (_, bin) =>
  binned.slice(Math.floor((bin * sure.length) / count), Math.floor(((bin + 1) * sure.length) / count)),
);
const average = (some: typeof sure, field: "confidence" | "right") =>
  some.reduce((sum, row) => sum + row[field], 0) / some.length;
const triples = [...groupBy(judged, ({ prompt }) => prompt).values()].filter(
  (own) => own.length === 3 && own.every(({ verdict }) => isFor(verdict)),
);
/** Of three replies, who wins twice and who never: in a circle each wins once. */
const winsOf = (own: readonly Item[]) => {
  const wins = [0, 0, 0];
  for (const { id, verdict } of own) {
    const [a, b] = (tasks.find((one) => one.id === id)?.contents ?? []).map(worthOf);
    wins[verdict === "a" ? a : b]++;
  }
  return wins;
};
const retests = both.flatMap(({ prompt, own }) => {
  const byOrder = [
    ...groupBy(
      own.filter(({ said }) => said),
      ({ aFirst }) => aFirst,
    ).values(),
  ];
  return byOrder.map((some) => ({
    prompt,
    of: some.length > 1 ? 1 : 0,
    count: some.length > 1 && some[0].said === some[1].said ? 1 : 0,
  }));
});
const times = replies.map(({ ms }) => ms ?? 0).sort((one, other) => one - other);
const failed = replies.filter(({ failure }) => failure !== null).length;

/** A panel of the two, which always sees the better. */
const panel = await manager.caller.judge.assemble({
  ...{ projectId, name: "Panel" },
  assembled: { kind: "panel", members: [card.judgeVersionId, next.judgeVersionId] },
});
const bestOf = (contents: readonly string[]) => (worthOf(contents[0]) > worthOf(contents[1]) ? "a" : "b");
await db.insert(judgeVerdict).values(
  tasks.flatMap(({ id: taskId, contents }) =>
    [
      [0, 1],
      [1, 0],
    ].map((order) => ({
      ...{ projectId, versionId: panel.judgeVersionId, taskId, order, sample: 0, attempts: 1, cost: 0 },
      answer: { type: "preference" as const, outcome: bestOf(contents), level: 1 as const },
    })),
  ),
);
const [member] = (await manager.caller.judge.card({ projectId, judgeVersionId: panel.judgeVersionId }))
  .members;

const [early] = (
  await manager.caller.judge.planAssembly({
    projectId,
    assembled: { kind: "cascade", members: [card.judgeVersionId, next.judgeVersionId], wanted: 0.5 },
  })
).members;
const xOf = (p: number) => {
  const inside = Math.min(0.995, Math.max(0.005, p));
  return Math.log(inside / (1 - inside));
};
const sigma = (x: number) => 1 / (1 + Math.exp(-x));
/** By halving: where the gradient of the likelihood is 0. */
const slopeOf = (rows: { x: number; y: number }[]) => {
  const gradient = (slope: number) => rows.reduce((sum, { x, y }) => sum + x * (y - sigma(slope * x)), 0);
  let [low, high] = [0, 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (gradient(middle) > 0) low = middle;
    else high = middle;
  }
  return low;
};
const asSaid = items.filter(({ own }) => own.some(({ said }) => said !== null));
const borneOut = slopeOf(
  asSaid.flatMap(({ own, people }) =>
    own.flatMap(({ p }) => (p === null ? [] : [{ x: xOf(p), y: scoreOf(people) }])),
  ),
);
const sureOf = ({ own, verdict }: Item) =>
  isFor(verdict)
    ? Math.abs((2 * own.reduce((sum, { p }) => sum + sigma(borneOut * xOf(p ?? 0.5)), 0)) / own.length - 1)
    : 0;
const fromOn = asSaid.filter((item) => sureOf(item) >= (early.settles?.threshold ?? 1) - 1e-9);

testFigures(
  db,
  judgeFigures,
  {
    judgeParaphrase: {
      shown: [shareOf(card.paraphrased?.flips)],
      counted: [
        share(
          inWords.map(({ taskId, isOther }) => ({
            prompt: tasks.find(({ id }) => id === taskId)?.prompt ?? "",
            count: Number(isOther),
            of: 1,
          })),
        ),
      ],
    },
    judgePlan: {
      shown: [
        {
          ...{ items: early.items, slope: Number(early.slope?.toFixed(5)) },
          ...{ settled: early.settles?.settled ?? null, of: early.settles?.of ?? null },
          right: early.settles?.right.count ?? null,
        },
      ],
      counted: [
        {
          ...{ items: asSaid.length, slope: Number(borneOut.toFixed(5)), settled: fromOn.length },
          of: asSaid.length,
          right: fromOn.reduce(
            (sum, { verdict, people }) => sum + (verdict === "a" ? scoreOf(people) : 1 - scoreOf(people)),
            0,
          ),
        },
      ],
    },
    judgeMembers: {
      shown: [
        {
          ...{ items: member.items, same: member.same.count, asked: member.asked },
          ...{ cost: member.costPerTask, kappa: member.kappa.estimate, swapped: member.consistency.count },
        },
      ],
      counted: [
        {
          items: judged.length,
          same: judged.filter(({ id, verdict }) => {
            const [one] = tasks.filter((each) => each.id === id);
            return verdict === bestOf(one.contents);
          }).length,
          asked: tasks.length,
          cost: 0.001 * 2 * SAMPLES,
          kappa: beyondChance("kappa", "judge")(judged),
          swapped: both.filter(({ first, second }) => first === second).length,
        },
      ],
    },
    judgeKappa: {
      shown: [
        beside.kappa,
        beside.shared.kappa.judge,
        beside.shared.kappa.people,
        beside.shared.kappa.gap,
      ].map((each) => estimateOf({ ...each, reason: null })),
      counted: [jackknife(beyondChance("kappa", "judge"), judged), ...sidesOf("kappa", judged)],
    },
    judgeAc: {
      shown: [beside.ac, beside.shared.ac.judge, beside.shared.ac.people, beside.shared.ac.gap].map((each) =>
        estimateOf({ ...each, reason: null }),
      ),
      counted: [jackknife(beyondChance("ac", "judge"), judged), ...sidesOf("ac", judged)],
    },
    judgeItems: {
      shown: [{ tasks: card.tasks, judged: card.judged, items: pairs.items, prompts: pairs.prompts }],
      counted: [
        {
          tasks: tasks.length,
          judged: judged.length,
          items: items.filter(({ own }) => own.some(({ said }) => said)).length,
          prompts: PROMPTS,
        },
      ],
    },
    judgeConsistency: {
      shown: [shareOf(sway.consistency), { byChance: sway.consistencyByChance }],
      counted: [
        share(both.map(({ prompt, first, second }) => ({ prompt, count: Number(first === second), of: 1 }))),
        { byChance: 2 * shareIn("a") * shareIn("b") + shareIn("tie") ** 2 },
      ],
    },
    judgeFirst: {
      shown: [shareOf(sway.first)],
      counted: [
        share(
          both.map(({ prompt, first, second }) => ({
            prompt,
            count: Number(first === "a") + Number(second === "b"),
            of: Number(isFor(first)) + Number(isFor(second)),
          })),
        ),
      ],
    },
    judgeLonger: {
      shown: [shareOf(sway.longer), estimateOf({ ...sway.longerThanPeople, reason: null })],
      counted: [
        share(
          unlike.map((item) => ({
            prompt: item.prompt,
            count: Number(item.verdict === (longerFirst(item) ? "a" : "b")),
            of: Number(isFor(item.verdict)),
          })),
        ),
        mean(
          unlike.map((item) => {
            const more = (item.verdict === "a" ? 1 : item.verdict === "b" ? 0 : 0.5) - scoreOf(item.people);
            return { prompt: item.prompt, value: longerFirst(item) ? more : -more };
          }),
        ),
      ],
    },
    judgeRetest: { shown: [shareOf(sway.retest)], counted: [share(retests)] },
    judgeCycles: {
      shown: [{ count: cycles.count, of: cycles.of }],
      counted: [
        {
          count: triples.filter((own) => winsOf(own).every((wins) => wins === 1)).length,
          of: triples.length,
        },
      ],
    },
    judgeCalibration: {
      shown: [
        ...reliability.bins.map(({ confidence, right, items: n }) => ({
          confidence,
          right: right.estimate,
          n,
        })),
        { error: reliability.error, items: reliability.items },
        estimateOf({ ...reliability.overconfidence, reason: null }),
      ],
      counted: [
        ...bins.map((own) => ({
          confidence: average(own, "confidence"),
          right: average(own, "right"),
          n: own.length,
        })),
        {
          error: bins.reduce(
            (sum, own) =>
              sum + (own.length / sure.length) * Math.abs(average(own, "confidence") - average(own, "right")),
            0,
          ),
          items: sure.length,
        },
        mean(sure.map(({ prompt, confidence, right }) => ({ prompt, value: confidence - right }))),
      ],
    },
    judgeFailures: {
      shown: [
        { asked: card.failures.asked, failed: card.failures.failed, unparsed: card.failures.by.unparsed },
      ],
      counted: [{ asked: replies.length, failed, unparsed: failed }],
    },
    judgeOffLabels: {
      shown: [shareOf(card.offLabels)],
      counted: [
        share(
          replies.map(({ taskId, mass }) => ({
            prompt: tasks.find(({ id }) => id === taskId)?.prompt ?? "",
            count: Number(mass !== null && mass < 0.5),
            of: Number(mass !== null),
          })),
        ),
      ],
    },
    judgeEffort: {
      shown: [{ ...card.effort }],
      counted: [
        {
          cost: 0.001 * replies.length,
          costPerTask: 0.001 * 2 * SAMPLES,
          unpriced: 0,
          median: times[Math.ceil(times.length / 2) - 1],
          ninth: times[Math.ceil(0.9 * times.length) - 1],
        },
      ],
    },
    judgeBefore: {
      shown: [
        {
          items: before.items,
          same: before.same.count,
          kappa: before.kappaBefore.estimate,
        },
      ],
      counted: [
        {
          items: judged.length,
          same: judged.filter(({ id, verdict }) => {
            const [a, b] = (tasks.find((one) => one.id === id)?.contents ?? []).map(worthOf);
            return verdict === (a > b ? "a" : "b");
          }).length,
          kappa: beyondChance("kappa", "judge")(judged),
        },
      ],
    },
  },
  () => ({ version: card.judgeVersionId }),
);

describe("what a judge may", () => {
  const look = { projectId, judgeVersionId: card.judgeVersionId };
  const standing = async () => (await manager.caller.judge.card(look)).standing;
  const asked = (more: object = {}) =>
    manager.caller.judge.setPolicy({
      projectId,
      policy: { items: 20, presort: 0, label: 0.05, consistency: 0.5, failures: 0.2, ...more },
    });
  const lacking = ({ steps }: JudgeCard["standing"], role: "presort" | "label") =>
    steps
      .filter((step) => step.role === role)
      .flatMap(({ requirements }) => requirements.flatMap(({ text, met }) => (met ? [] : [text])));

  test("is to advise, until its card shows what the project asks, and the card says what it lacks", async () => {
    const before = await standing();
    expect(before).toMatchObject({ role: "advise", lost: null });
    expect(lacking(before, "label").join()).toMatch(/items judged beside people; asked: 100/);
    await asked();
    expect(await standing()).toMatchObject({ role: "label", lost: null });
    expect(lacking(await standing(), "label")).toEqual([]);
  });

  const recipe = { filters: { judges: "models" as const } };
  test("a version counts it then, keeps what it might, and refuses it without a reason once it may not", async () => {
    const [{ raterId }] = await db
      .select()
      .from(judgeVersion)
      .where(eq(judgeVersion.id, card.judgeVersionId));
    const [one] = await db.select().from(task).where(eq(task.id, judged[0].id));
    const answers = { preference: { type: "preference" as const, outcome: "a" as const, level: 1 as const } };
    const [form] = await manager.caller.project.forms({ projectId });
    const { responseIds, promptId } = one;
    await storeJudgements(db, {
      projectId,
      judgements: [
        {
          ...{ taskId: one.id, promptId, raterId, assignmentId: null, origin: "model", answers },
          facts: factsOf({ questions: form.questions, answers, order: null, responseIds }),
          ...{ order: [0, 1], formVersionId: form.id, submittedAt: new Date() },
        },
      ],
    });
    // Asked for by a form at each change of a recipe, the card is reckoned once.
    await db.delete(judgeCard);
    const counted = () => manager.caller.judge.counted({ projectId, judges: "models" });
    expect(await counted()).toMatchObject([{ raterId, role: "label" }]);
    expect(await db.select().from(judgeCard)).toMatchObject([{ versionId: card.judgeVersionId }]);
    const { id: datasetId } = await manager.caller.dataset.create({
      projectId,
      name: "Judged",
      kind: "preference",
    });
    const freeze = async (runId: string, more: object = {}) =>
      freezeVersion(db, {
        ...{ projectId, datasetId, recipe: recipeSchema.parse(recipe), runId },
        ...{ actor: system, onProgress: () => {}, signal: new AbortController().signal, ...more },
      });
    const queue = (more: object = {}) =>
      manager.caller.dataset.freeze({ projectId, datasetId, recipe, ...more });
    const version = await freeze((await queue()).id);
    expect(version.manifest.judges).toMatchObject([{ raterId, name: "Useful v1", role: "label", lacks: "" }]);
    expect(version.manifest.despite).toBeUndefined();

    await asked({ label: 0.99 });
    expect(await standing()).toMatchObject({ role: "presort", lost: { role: "label" } });
    await expect(queue()).rejects.toThrow(
      /Useful v1 \(Cohen’s κ with people 0\.\d\d .* asked: surely 0\.99 or more\)/,
    );
    const despite = "A pilot that is thrown away.";
    const { id } = await queue({ despite });
    await expect(freeze(id)).rejects.toThrow(/may not label/);
    expect((await freeze(id, { despite })).manifest).toMatchObject({
      judges: [{ name: "Useful v1", role: "presort" }],
      despite,
    });
    // What was frozen stays what it was, and people's judgements ask nobody.
    expect(
      (await manager.caller.dataset.version({ projectId, versionId: version.id })).manifest.judges,
    ).toMatchObject([{ role: "label" }]);
    await manager.caller.dataset.freeze({ projectId, datasetId, recipe: {} });
    await asked();
    expect(await standing()).toMatchObject({ role: "label", lost: null });
  });

  test("orders the queue by how unsure it is, and no longer once it may only advise", async () => {
    const reader = await of.join("reviewer");
    await db.execute(sql`insert into assignment (project_id, task_id, priority, position)
      select project_id, id, 0, 0 from task where project_id = ${projectId}`);
    await manager.caller.project.update({ projectId, selection: "uncertainty" });
    await asked({ queueBy: card.judgeVersionId });
    const some = await db.execute<{ p: number; chance: number }>(sql`
      select (select avg(p) from judge_verdict v where v.task_id = a.task_id and v.version_id = ${card.judgeVersionId}) as p,
        min(selection_probability) as chance
      from assignment a where project_id = ${projectId} and status = 'open' group by task_id`);
    const unsure = some.map(({ p }) => p * (1 - p));
    const floor = unsure.reduce((sum, each) => sum + each, 0) / some.length / 3;
    const total = unsure.reduce((sum, each) => sum + each + floor, 0);
    expect(some.length).toBeGreaterThan(10);
    for (const [at, { chance }] of some.entries())
      expect(chance).toBeCloseTo((unsure[at] + floor) / total, 6);
    await expect(asked({ queueBy: card.judgeVersionId, presort: 0.99, label: 0.99 })).rejects.toThrow(
      /may only advise/,
    );
    await expect(reader.caller.judge.setPolicy({ projectId, policy: {} })).rejects.toThrow(/role/);
    expect((await reader.caller.judge.policy({ projectId })).queueBy).toBe(card.judgeVersionId);

    // Named no longer, or out of use, it orders nothing: without a reward model all weigh alike.
    const chances = async () => {
      const rows = await db
        .selectDistinct({ chance: assignment.selectionProbability })
        .from(assignment)
        .where(and(eq(assignment.projectId, projectId), eq(assignment.status, "open")));
      return rows.map(({ chance }) => chance);
    };
    const alike = [expect.closeTo(1 / some.length, 9)];
    await asked({ queueBy: null });
    expect(await chances()).toEqual(alike);
    await asked({ queueBy: card.judgeVersionId });
    expect(await chances()).not.toEqual(alike);
    await manager.caller.judge.archive({ projectId, judgeId: card.judgeId });
    await orderSeats(db, projectId);
    expect(await chances()).toEqual(alike);
    await expect(asked({ queueBy: card.judgeVersionId })).rejects.toThrow(/out of use/);
  });

  test("of single responses no order can sway it, and none is asked about", async () => {
    const help = { id: "help", type: "rating" as const, label: "How helpful?" };
    const questions = [{ ...help, attributes: [{ id: "help", label: "Helpful" }] }];
    const rated = await study(database, { tasks: 30, k: 1, overlap: 1, questions });
    const { manager: owner, projectId: own } = rated;
    const worth = (content: string) => 1 + (Number(/question (\d+)/.exec(content)?.[1]) % 5);
    const rate = (value: number) => ({ type: "rating" as const, values: { help: [value] } });
    const person = await rated.join();
    for (;;) {
      const { tasks: held } = await person.caller.annotation.claim({ projectId: own, hold: 10 });
      if (held.length === 0) break;
      for (const { assignmentId, responses } of held)
        await person.caller.annotation.submit({
          ...{ assignmentId, idempotencyKey: newKey() },
          answers: { help: rate(worth(responses[0].content)) },
        });
    }
    const { judgeVersionId } = await owner.caller.judge.create({
      ...{ projectId: own, endpointId: await unaskedEndpoint(database, rated) },
      ...{ questionId: "help", verdictBy: "schema", name: "Rates" },
      rubric: { criteria: "Is it helpful?" },
    });
    const replies = await db.execute<{ id: string; content: string }>(sql`
      select t.id, r.content from ${task} t join response r on r.id = t.response_ids[1] where t.project_id = ${own}`);
    await db.insert(judgeVerdict).values(
      replies.map(({ id: taskId, content }, n) => ({
        ...{ projectId: own, versionId: judgeVersionId, taskId, order: [0], sample: 0, attempts: 1 },
        answer: rate(n % 7 === 0 ? 3 : worth(content)),
      })),
    );
    const policy = { items: 20, presort: 0, label: 0.05, consistency: 0.5, failures: 0.2 };
    await owner.caller.judge.setPolicy({ projectId: own, policy });
    const { scales, standing: may } = await owner.caller.judge.card({ projectId: own, judgeVersionId });
    expect(scales).toMatchObject([{ besidePeople: { items: 30 }, consistency: { of: 0 } }]);
    expect([may.role, lacking(may, "label")]).toEqual(["label", []]);
  });
});
