import { sql } from "drizzle-orm";
import pino from "pino";
import { expect, test } from "vitest";
import type { Measure } from "@/db/shape/quality";
import { groupBy } from "@/server/group";
import { keepReport } from "@/server/look/look";
import { measureAgreement, measureRaters, withAgreement, withRaters } from "@/server/quality/measure";
import type { ShownPart } from "@/server/quality/schema";
import { agreement } from "@/server/statistics/agreement/interval";
import { krippendorff } from "@/server/statistics/agreement/krippendorff";
import { overPrompts, rankAgreement } from "@/server/statistics/agreement/rankings";
import { unitsOf } from "@/server/statistics/agreement/ratings";
import { coefficientText } from "@/server/statistics/estimate";
import { measureQuality } from "@/workers/quality/measurer";
import { testDatabase } from "./database";
import { eventually } from "./eventually";
import { count, keyOf } from "./figure-checks";
import { oddProject, type Stated } from "./odd-project";
import { newKey, prefer, study } from "./study";

const database = await testDatabase();
const { db } = database;
const { projectId, reviewer, votes, stated, given, people } = await oddProject(database);

/** What a worker makes of the votes now, as the page shows it. */
async function measured(filter = {}) {
  await reviewer.caller.quality.show({ projectId, ...filter });
  const [view] = await db.execute<{ id: string; filter: object }>(sql`
    select id, filter from quality_view where project_id = ${projectId} and filter = ${JSON.stringify(filter)}::jsonb`);
  const look = { projectId, filter };
  const agreed = await measureAgreement(db, look, null);
  await keepReport(db, view, (known) => withAgreement(known, agreed));
  const rated = await measureRaters(db, look, null);
  if (rated) await keepReport(db, view, (known) => withRaters(known, rated));
  return reviewer.caller.quality.show({ projectId, ...filter });
}
const shown = await measured();
const partOf = (questionId: string): ShownPart => {
  const found = shown.parts.find((part) => part.questionId === questionId);
  if (!found) throw new Error(`Nothing is measured of ${questionId}.`);
  return found;
};

const codes = { a: 1, b: -1, tie: 0, both_bad: 2 };
/** The votes as a table of items and raters, from the rows of `preference` alone. */
function tableOf(some: readonly Stated[]) {
  const shared = [...groupBy(some, keyOf).values()].filter((same) => same.length > 1);
  const raters = [...new Set(some.map(({ raterId }) => raterId))];
  const prompts = [...new Set(shared.map(([{ promptId }]) => promptId))];
  const rows = shared.flatMap((same, item) => same.map((vote) => ({ vote, item })));
  return {
    items: shared.length,
    raters: raters.length,
    item: Int32Array.from(rows, ({ item }) => item),
    rater: Int32Array.from(rows, ({ vote }) => raters.indexOf(vote.raterId)),
    value: Float64Array.from(rows, ({ vote }) => codes[vote.outcome]),
    group: Int32Array.from(shared, ([{ promptId }]) => prompts.indexOf(promptId)),
  };
}
const bare = ({ estimate, low, high, n }: Pick<Measure, "estimate" | "low" | "high" | "n">) => ({
  estimate,
  low,
  high,
  n,
});
const close = (one: number | null | undefined, other: number | null) =>
  one == null || other === null ? expect(one).toBe(other) : expect(one).toBeCloseTo(other, 10);

test.each(["help", "safe", "rank"])("%s: α is the pure function's of the rows that count", (questionId) => {
  const units = unitsOf(tableOf(votes.filter((vote) => vote.questionId === questionId)));
  const { alpha, alphaPlain } = partOf(questionId).measures;
  const plain = bare(agreement(krippendorff(units, "nominal"), units));
  const stored = alphaPlain ?? alpha;
  for (const field of ["estimate", "low", "high", "n"] as const) close(stored?.[field], plain[field]);
});

test("the report states the measured α, for the part that was asked for once it is measured", async () => {
  const stated = async (look: object) => {
    const { sections } = await reviewer.caller.conclusion.report({ projectId, questionId: "help", ...look });
    return sections.find(({ title }) => title === "Agreement")?.blocks;
  };
  const { alpha } = partOf("help").measures;
  if (!alpha) throw new Error("No α of a question with pairs.");
  expect(await stated({})).toContainEqual(
    expect.objectContaining({
      figure: "alpha",
      caption: alpha.method,
      rows: [[coefficientText(alpha), String(alpha.n), expect.stringMatching(/^20.* UTC$/)]],
    }),
  );
  expect(await stated({ language: "de" })).toContainEqual({
    kind: "text",
    text: expect.stringContaining("being measured"),
  });
});

test("raw agreement, votes and items are the dashboard's", async () => {
  const { questions } = await reviewer.caller.review.dashboard({ projectId });
  for (const { questionId, agreement: board, outcomes } of questions) {
    const { measures, votes: all, shared, items } = partOf(questionId);
    close(measures.rawAgreement?.estimate, board.estimate);
    close(measures.rawAgreement?.low, board.low);
    close(measures.rawAgreement?.high, board.high);
    expect({ all, shared, items }).toEqual({
      all: outcomes.a + outcomes.b + outcomes.tie + outcomes.both_bad,
      shared: board.pairs,
      items: board.pairs + board.leftOut.single,
    });
  }
});

test("W and τ-b are those of the ranks as they were given", () => {
  const rankings = [
    ...groupBy(
      votes.filter(({ questionId }) => questionId === "rank"),
      ({ taskId }) => taskId,
    ),
  ].map(([, own]) =>
    [...new Set(own.map(({ annotationId }) => annotationId))].map((id) => {
      const answer = given.find((each) => each.id === id)?.answers.rank;
      return answer && "ranks" in answer && Array.isArray(answer.ranks) ? answer.ranks.map(Number) : [];
    }),
  );
  const { kendallW, tauB } = partOf("rank").measures;
  const many = rankings.filter((ranks) => ranks.length > 1).map(rankAgreement);
  close(
    kendallW?.estimate,
    overPrompts(
      many.map((each) => each.kendallW),
      "",
    ).estimate,
  );
  close(
    tauB?.estimate,
    overPrompts(
      many.map((each) => each.meanTauB),
      "",
    ).estimate,
  );
});

test("a rater's figures are counted from the rows", () => {
  for (const part of shown.parts)
    for (const rater of part.raters) {
      const all = votes.filter(({ questionId }) => questionId === part.questionId);
      const mine = all.filter(({ raterId }) => raterId === rater.raterId);
      const others = mine.flatMap((vote) =>
        all
          .filter((other) => other !== vote && keyOf(other) === keyOf(vote))
          .map((other) => other.outcome === vote.outcome),
      );
      const decisions = stated.filter(
        ({ annotationId }) => given.find(({ id }) => id === annotationId)?.origin === "adjudication",
      );
      const decided = mine.flatMap((vote) =>
        decisions.filter((one) => keyOf(one) === keyOf(vote)).map((one) => one.outcome === vote.outcome),
      );
      const sided = mine.filter(
        ({ outcome, aShownFirst }) => (outcome === "a" || outcome === "b") && aShownFirst !== null,
      );
      expect(rater).toMatchObject({
        votes: mine.length,
        others: { alike: count(others, (same) => same), of: others.length },
        adjudicated: { alike: count(decided, (same) => same), of: decided.length },
        firstShown: {
          alike: count(sided, ({ outcome, aShownFirst }) => (outcome === "a") === aShownFirst),
          of: sided.length,
        },
      });
    }
  expect(shown.parts.flatMap(({ raters }) => raters).some(({ adjudicated }) => adjudicated.of > 0)).toBe(
    true,
  );
});

test("who withdrew, what was excluded, models and adjudications are no votes", () => {
  const counted = new Set(votes.map(({ raterId }) => raterId));
  const named = shown.parts.flatMap(({ raters }) => raters.map(({ raterId }) => raterId));
  expect(new Set(named)).toEqual(counted);
});

test("a filter counts what it admits", async () => {
  const [one] = votes;
  const mine = await measured({ raterId: one.raterId });
  const help = mine.parts.find(({ questionId }) => questionId === "help");
  const judged = new Set(votes.filter(({ raterId }) => raterId === one.raterId).map(keyOf));
  expect(help?.votes).toBe(count(votes, (vote) => vote.questionId === "help" && judged.has(keyOf(vote))));
  const later = await measured({ from: new Date(Date.now() + 60_000).toISOString() });
  expect(later.parts).toEqual([]);
});

test("an annotator and whoever is not in the project learn nothing", async () => {
  await expect(people[0].caller.quality.show({ projectId })).rejects.toThrow("reviewer");
  const other = await study(database, { tasks: 0 });
  await expect(other.manager.caller.quality.show({ projectId: newKey() })).rejects.toThrow("project");
});

test("a worker measures what changed, and only that", async () => {
  const of = await study(database, { tasks: 4, overlap: 2 });
  const [one, other] = [await of.join(), await of.join()];
  const stop = new AbortController();
  const working = measureQuality(
    { db, sql: database.sql, url: database.url, log: pino({ level: "silent" }) },
    stop.signal,
  );
  const look = () => of.manager.caller.quality.show({ projectId: of.projectId });
  const judge = async ({ caller }: typeof one, outcomes: readonly ("a" | "b")[]) => {
    const { tasks } = await caller.annotation.claim({ projectId: of.projectId, hold: outcomes.length });
    for (const [n, { assignmentId }] of tasks.entries())
      await caller.annotation.submit({
        assignmentId,
        answers: prefer(outcomes[n]),
        idempotencyKey: newKey(),
      });
  };
  try {
    await judge(one, ["a", "a", "b"]);
    await judge(other, ["a", "b", "b"]);
    const first = await eventually(async () => {
      const now = await look();
      expect(now).toMatchObject({ isWaiting: false, failed: null, parts: [{ votes: 6 }] });
      return now;
    });
    await judge(other, ["a"]);
    const second = await eventually(async () => {
      const now = await look();
      expect(now).toMatchObject({ isWaiting: false, parts: [{ votes: 7 }] });
      return now;
    });
    expect(second.parts[0].inputs).not.toBe(first.parts[0].inputs);
    expect(Number(second.measuredAt)).toBeGreaterThan(Number(first.measuredAt));
    // Agreement waits for nobody's figures, which take a minute of a large project.
    const lease = (until: string) =>
      db.execute(sql`update quality_view set raters_leased_until = now() + ${until}::interval
        where project_id = ${of.projectId}`);
    await lease("1 hour");
    await judge(one, ["b"]);
    await eventually(async () =>
      expect(await look()).toMatchObject({
        isWaiting: true,
        parts: [{ votes: 8, raters: second.parts[0].raters }],
      }),
    );
    await lease("-1 second");
    await eventually(async () =>
      expect(await look()).toMatchObject({ isWaiting: false, parts: [{ votes: 8 }] }),
    );
    expect((await look()).parts[0].raters).not.toEqual(second.parts[0].raters);
  } finally {
    stop.abort();
    await working;
  }
});
