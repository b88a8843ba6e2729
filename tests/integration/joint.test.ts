import { eq } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { assignment, judgeVerdict, task, vote } from "@/db/schema";
import { jointWords } from "@/server/conclusion/words";
import { jointFigures } from "@/server/figure/joint";
import { certify } from "@/server/statistics/joint/certificate";
import { ppiMean } from "@/server/statistics/joint/ppi";
import { randomOf } from "@/server/statistics/math/random";
import { studentQuantile } from "@/server/statistics/math/student";
import { testDatabase } from "./database";
import { type Row, testFigures } from "./figure-checks";
import { comparedIn, scriptedJudges } from "./scripted-judge";
import { newKey, prefer, somePrompts, study } from "./study";

vi.hoisted(() => {
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  process.env.CONCORD_ENDPOINT_HOSTS = "127.0.0.1";
});

const database = await testDatabase();
const { db } = database;
const [PROMPTS, JUDGED] = [90, 40];
const random = randomOf(6);

/** One pair a prompt, drawn in random order; two people judge the first of them. */
const of = await study(database, { tasks: 0, overlap: 2, selection: "random" });
const { projectId, manager } = of;
await manager.caller.content.addPrompts({ projectId, prompts: somePrompts(PROMPTS, 2) });
await manager.caller.task.create({ projectId });
const reviewer = await of.join("reviewer");

const tasks = await comparedIn(database, projectId);
/** What is true of each question, by its number: whether model-0 is the better one. */
const truth = Array.from({ length: PROMPTS }, () => random() < 0.65);
const truthOf = (content: string) => truth[Number(/question (\d+)/.exec(content)?.[1])];

async function judgeSome(limit: number): Promise<void> {
  for (const person of [await of.join(), await of.join()])
    for (let left = limit; left > 0; ) {
      const { tasks: held } = await person.caller.annotation.claim({ projectId, hold: Math.min(10, left) });
      if (held.length === 0) break;
      left -= held.length;
      for (const { assignmentId, responses } of held) {
        const isRight = random() < 0.9;
        const better = responses.findIndex(
          ({ content }) => content.startsWith("Reply 0") === (truthOf(content) === isRight),
        );
        await person.caller.annotation.submit({
          assignmentId,
          answers: prefer(better === 0 ? "a" : "b"),
          idempotencyKey: newKey(),
        });
      }
    }
}
await judgeSome(JUDGED);

const judges = await scriptedJudges(database, of);
const judgeOf = (name: string, says: (isBetter: boolean, at: number) => number | null) =>
  judges(name, tasks, ({ content }, at) => says(truthOf(content), at));
const look = { projectId, source: "model-0", opponent: "model-1" };
const joint = (judgeVersionId: string, more = {}) =>
  reviewer.caller.conclusion.joint({ ...look, judgeVersionId, ...more });

const noisy = (isBetter: boolean) => (random() < 0.93 === isBetter ? 0.7 + 0.3 * random() : 0.3 * random());
const useful = await judgeOf("Useful", (isBetter, at) => (at % 25 === 0 ? null : noisy(isBetter)));
const biased = await judgeOf("Biased", (isBetter) => 0.8 + 0.2 * noisy(isBetter));
const useless = await judgeOf("Useless", () => random());
const flipped = await judgeOf("Flipped", (isBetter) => 1 - noisy(isBetter));
const shown = await joint(useful);

/** Pairs as the tables have them: what people say of model-0, and the judge's probability. */
async function counted(versionId: string) {
  const votes = await db.select().from(vote).where(eq(vote.projectId, projectId));
  const said = await db.select().from(judgeVerdict).where(eq(judgeVerdict.versionId, versionId));
  return tasks.map(({ id, first }) => {
    const turned = (value: number) => (first === "model-0" ? value : 1 - value);
    const own = votes.filter(({ taskId }) => taskId === id);
    const replies = said.filter(({ taskId }) => taskId === id);
    const failed = replies.some(({ failure }) => failure !== null);
    const sum = own.reduce((total, { outcome }) => total + turned(outcome === "a" ? 1 : 0), 0);
    return {
      votes: own,
      y: own.length === 0 ? null : sum / own.length,
      failed,
      f: failed ? 0.5 : turned(replies.reduce((total, { p }) => total + (p ?? 0), 0) / replies.length),
    };
  });
}
type Pairs = Awaited<ReturnType<typeof counted>>;
const byPpi = (pairs: Pairs) =>
  ppiMean(
    Float64Array.from(pairs.flatMap(({ y }) => y ?? [])),
    Float64Array.from(pairs.flatMap(({ y, f }) => (y === null ? [] : [f]))),
    Float64Array.from(pairs.flatMap(({ y, f }) => (y === null ? [f] : []))),
  );

describe("people and a judge together", () => {
  test("is what PPI++ gives, whatever the judge is worth", async () => {
    for (const version of [useful, biased, useless, flipped]) {
      const found = await joint(version);
      const wanted = byPpi(await counted(version));
      expect(found.joint.estimate).toBeCloseTo(wanted.estimate ?? Number.NaN, 10);
      expect(found.joint.low).toBeCloseTo(wanted.low ?? Number.NaN, 10);
      expect(found.lambda).toBeCloseTo(wanted.lambda, 10);
    }
  });

  test("narrows with a useful judge, stays people's with one that goes against them, and says so", async () => {
    expect(shown.lambda).toBeGreaterThan(0.3);
    expect(jointWords(shown)).toMatch(/With the judge it is ± [\d.]+ points instead of ± [\d.]+/);
    const against = await joint(flipped);
    expect(against).toMatchObject({ lambda: 0, joint: against.people });
    expect(jointWords(against)).toMatch(/not used: .* or the opposite/);
    const leaning = await joint(biased);
    expect(leaning.judgeAlone.estimate).toBeGreaterThan(leaning.joint.high ?? 1);
    expect(jointWords(leaning)).toMatch(/more often than the joint interval allows: it leans/);
  });

  test("seen from the other source it is the rest of 1", async () => {
    const other = await joint(useful, { source: "model-1", opponent: "model-0" });
    expect(other.joint.estimate).toBeCloseTo(1 - (shown.joint.estimate ?? 0), 10);
    expect(other.joint.low).toBeCloseTo(1 - (shown.joint.high ?? 0), 10);
  });

  test("names a failing judge; that the order was drawn needs no caution", () => {
    expect(shown.cautions.join("\n")).toMatch(/no verdict on 4 of 90 pairs/);
    expect(shown.cautions.join("\n")).not.toMatch(/which nobody drew|chosen|priorities|imported/);
  });

  test("pairs of several priorities are no sample of equal chances, and certify nothing", async () => {
    expect(shown.certificate).not.toBeNull();
    const one = eq(task.id, tasks[0].id);
    await db.update(task).set({ priority: 5 }).where(one);
    const found = await joint(useful);
    expect(found).toMatchObject({ certificate: null, joint: shown.joint });
    expect(found.cautions.join("\n")).toMatch(/different priorities/);
    await db.update(task).set({ priority: 0 }).where(one);
  });

  test("needs two sources, and a judge of this project", async () => {
    await expect(joint(useful, { opponent: "model-0" })).rejects.toThrow(/name two/);
    const { projectId: other, manager: stranger } = await study(database, { tasks: 0 });
    await expect(
      stranger.caller.conclusion.joint({ ...look, projectId: other, judgeVersionId: useful }),
    ).rejects.toThrow(/not found|no longer|exist/i);
    const none = await joint(useful, { source: "nobody" });
    expect(none.pairs.all).toBe(0);
    expect(jointWords(none)).toMatch(/no pair of these two/);
  });
});

/* Counted again, by the formulas for one pair a prompt. */

const pairs = await counted(useful);
const all = byPpi(pairs);
const average = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
const variance = (values: readonly number[]) =>
  values.reduce((sum, each) => sum + (each - average(values)) ** 2, 0) / (values.length - 1);
function plain(values: readonly number[]): Row {
  const [estimate, n] = [average(values), values.length];
  const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance(values) / n);
  return { estimate, low: estimate - half, high: estimate + half, n, prompts: n };
}
const seen = pairs.flatMap(({ y, f }) => (y === null ? [] : [{ y, f }]));
const rest = pairs.flatMap(({ y, f }) => (y === null ? [f] : []));
const apart = average(seen.map(({ f }) => f)) - average(rest);
const wide =
  studentQuantile(0.975, Math.min(seen.length, rest.length) - 1) *
  Math.sqrt(variance(seen.map(({ f }) => f)) / seen.length + variance(rest) / rest.length);
const judgements = pairs.reduce((sum, { votes }) => sum + votes.length, 0);
const meanOf = ({ estimate, low, high, n, prompts }: typeof shown.people): Row => ({
  estimate,
  low,
  high,
  n,
  prompts,
});

const spreadOfPeople = variance(seen.map(({ y }) => y));
const [yMean, fMean] = [average(seen.map(({ y }) => y)), average(seen.map(({ f }) => f))];
const covariance = average(seen.map(({ y, f }) => (y - yMean) * (f - fMean)));
const ofPeople = average(seen.map(({ y }) => (y - yMean) ** 2));
const explained = covariance ** 2 / (ofPeople * variance(pairs.map(({ f }) => f)));
const halfAt = (n: number, share: number) =>
  studentQuantile(0.975, n - 1) *
  Math.sqrt((spreadOfPeople / n) * (1 - share * Math.max(0, 1 - n / PROMPTS)));
function more(halfWidth: number, share: number): number {
  let n = 2;
  while (halfAt(n, share) > halfWidth) n++;
  return Math.max(0, Math.ceil(((n - seen.length) * judgements) / seen.length));
}

const growth = all.n * ((-2 * Math.log(0.05) + Math.log(1 - 2 * Math.log(0.05))) / 200);
const anyLook =
  (((all.se ?? 0) * studentQuantile(0.975, all.n - 1)) / 1.959964) *
  Math.sqrt(((2 * (growth + 1)) / growth) * Math.log(Math.sqrt(growth + 1) / 0.05));
// Those that people judged in the order of their first vote, then the others.
const firstVote = ({ votes }: Pairs[number]) => votes.map(({ id }) => id).sort()[0] ?? "z";
const spoken = pairs
  .filter(({ failed }) => !failed)
  .sort((one, other) => (firstVote(one) < firstVote(other) ? -1 : 1));
const sure = (f: number) => Math.max(f, 1 - f);
const certificate = certify({
  confidence: Float64Array.from(spoken, ({ f }) => sure(f)),
  order: Int32Array.from(spoken.keys()),
  // Both raters may say the contrary of each other: then neither side of the judge is right.
  isWrong: (i) => {
    const { y, f } = spoken[i];
    return y === null ? null : y === 0.5 ? f !== 0.5 : y > 0.5 !== f > 0.5;
  },
  ...{ allowed: 0.05, delta: 0.1 },
});
const { tried } = certificate;
const set = tried.findLast(({ certified }) => certified) ?? tried[tried.length - 1];

testFigures(
  db,
  jointFigures,
  {
    jointWinRate: {
      shown: [
        meanOf(shown.people),
        meanOf(shown.judgeAlone),
        meanOf(shown.joint),
        { lambda: shown.lambda, effectiveN: shown.effectiveN },
      ],
      counted: [
        plain(seen.map(({ y }) => y)),
        plain(pairs.flatMap(({ f, failed }) => (failed ? [] : [f]))),
        { estimate: all.estimate, low: all.low, high: all.high, n: all.n, prompts: all.n },
        { lambda: all.lambda, effectiveN: all.effectiveN },
      ],
    },
    jointSample: {
      shown: [
        {
          ...shown.pairs,
          ...shown.leftOut,
          weighted: shown.weighted?.pairs ?? null,
          judgements,
          raters: shown.raters,
          cost: shown.cost,
        },
      ],
      counted: [
        {
          ...{
            all: PROMPTS,
            judged: seen.length,
            withoutVerdict: pairs.filter(({ failed }) => failed).length,
          },
          ...{
            trained: 0,
            chosen: 0,
            weighted: null,
            judgements: shown.judgements,
            raters: 2,
            cost: PROMPTS * 0.004,
          },
        },
      ],
    },
    jointAnytime: {
      shown: [{ ...shown.anytime }],
      counted: [{ low: (all.estimate ?? 0) - anyLook, high: Math.min(1, (all.estimate ?? 0) + anyLook) }],
    },
    jointCertificate: {
      shown: [{ ...shown.certificate }],
      counted: [
        {
          ...{ of: spoken.length, accepted: certificate.accepted.length },
          ...{ surest: set.size, threshold: set.threshold, labels: set.labels, errors: set.errors },
        },
      ],
    },
    jointDrift: {
      shown: [meanOf(shown.drift)],
      counted: [
        {
          ...{ estimate: apart, low: apart - wide, high: apart + wide },
          n: Math.min(seen.length, rest.length),
          prompts: Math.min(seen.length, rest.length),
        },
      ],
    },
    jointPlan: {
      shown: [{ ...shown.pilot }, ...shown.ways.slice(0, 3)],
      counted: [
        {
          ...{
            variance: spreadOfPeople,
            explained,
            rows: PROMPTS,
            judged: seen.length,
            clusters: seen.length,
          },
          each: judgements / seen.length,
        },
        ...[0.1, 0.05, 0.03].map((halfWidth) => ({
          halfWidth,
          alone: more(halfWidth, 0),
          joint: more(halfWidth, explained),
        })),
      ],
    },
  },
  () => ({ project: projectId }),
);

/* Last, for it changes how tasks are given out. */

test("where tasks are chosen, each pair counts by how likely the draws were to come to it", async () => {
  await manager.caller.project.update({ projectId, selection: "disagreement" });
  await judgeSome(10);
  const later = await joint(useful);
  // Tasks without a vote are drawn alike, so that the pairs of the second draw are a sample as those of the first are;
  // of each draw the last pair says only how far it came.
  expect(later.pairs.judged).toBeGreaterThan(shown.pairs.judged);
  expect(later.weighted?.pairs).toBe(later.people.n);
  expect(later.weighted?.pairs).toBeGreaterThan(shown.pairs.judged);
  expect(later.weighted?.pairs).toBeLessThan(later.pairs.judged);
  // The second judgement of a task comes where the first says so: it is left out, and said.
  const seats = await db.select().from(assignment).where(eq(assignment.projectId, projectId));
  const moved = seats.filter(({ status, drawnAt }) => status === "submitted" && drawnAt === null);
  expect(later.leftOut.chosen).toBe(moved.length);
  expect(moved.length).toBeGreaterThan(0);
  expect(later.cautions.join("\n")).toMatch(/^\d+ judgements given since .* are not used/);
});

test("of a project that chose before draws were on record, later judgements are not used", async () => {
  await db.update(assignment).set({ drawnAt: null }).where(eq(assignment.projectId, projectId));
  const { people, leftOut } = await joint(useful);
  expect(people.n).toBe(shown.people.n);
  expect(leftOut.chosen).toBeGreaterThanOrEqual(20);
});
