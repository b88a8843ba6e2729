import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { judgePolicyFrom } from "@/db/shape/judge";
import { clusteredMean } from "@/server/statistics/clustered-mean";
import { besidePeople } from "@/server/statistics/judge/beside-people";
import { cardOf, offLabels, withRate } from "@/server/statistics/judge/card";
import { type Compared, inOrder, type Outcome, probabilityOf } from "@/server/statistics/judge/compared";
import { cyclesOf } from "@/server/statistics/judge/cycles";
import { findingsOf } from "@/server/statistics/judge/findings";
import { reliability } from "@/server/statistics/judge/reliability";
import { roleOf, type Worth } from "@/server/statistics/judge/role";
import { swayOf } from "@/server/statistics/judge/sway";
import { randomOf } from "@/server/statistics/math/random";
import { answerCases } from "@/workers/statistics/answer-cases";

const numbers = z.array(z.number());
const bounded = z.object({ estimate: z.number(), interval: numbers });
const golden = z
  .object({
    agreement: z.array(
      z.object({
        name: z.string(),
        categories: numbers,
        weighting: z.enum(["identity", "quadratic"]),
        items: z.array(z.object({ prompt: z.string(), judge: z.number(), people: numbers })),
        expected: z.object({
          all: z.number(),
          judge: bounded,
          people: bounded,
          gap: bounded,
          ac: z.object({ judge: z.number(), people: z.number() }).optional(),
        }),
      }),
    ),
    mean: z.object({
      rows: z.array(z.object({ cluster: z.string(), value: z.number() })),
      expected: bounded,
    }),
    reliability: z.object({
      rows: z.array(z.object({ confidence: z.number(), right: z.number() })),
      expected: z.object({ right: numbers, confidence: numbers, error: z.number() }),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL("golden/judge-card.json", import.meta.url), "utf8")));

describe("judge and people, as the reference libraries have it", () => {
  for (const { name, categories, weighting, items, expected } of golden.agreement)
    it(name, () => {
      const found = besidePeople(items, { categories, weighting });
      expect(found.kappa.estimate).toBeCloseTo(expected.all, 10);
      const { judge, people, gap } = found.shared.kappa;
      for (const [ours, theirs] of [
        [judge, expected.judge],
        [people, expected.people],
        [gap, expected.gap],
      ] as const) {
        expect(ours.estimate).toBeCloseTo(theirs.estimate, 10);
        expect(ours.low).toBeCloseTo(theirs.interval[0], 8);
        expect(ours.high).toBeCloseTo(theirs.interval[1], 8);
      }
      if (!expected.ac) return;
      expect(found.shared.ac.judge.estimate).toBeCloseTo(expected.ac.judge, 10);
      expect(found.shared.ac.people.estimate).toBeCloseTo(expected.ac.people, 10);
    });

  it("a mean by prompt", () => {
    const { rows, expected } = golden.mean;
    const found = clusteredMean(rows);
    expect(found.estimate).toBeCloseTo(expected.estimate, 10);
    expect(found.low).toBeCloseTo(expected.interval[0], 8);
    expect(found.high).toBeCloseTo(expected.interval[1], 8);
  });

  it("bins of a reliability plot", () => {
    const { rows, expected } = golden.reliability;
    const found = reliability(
      rows.map(({ confidence, right }, n) => ({
        ...pair(n),
        verdict: "a",
        people: [right === 1 ? "a" : "b"],
        verdicts: [{ aFirst: true, sample: 0, outcome: "a", p: confidence }],
      })),
    );
    expect(found.error).toBeCloseTo(expected.error, 10);
    for (const [bin, { confidence, right }] of found.bins.entries()) {
      expect(confidence).toBeCloseTo(expected.confidence[bin], 10);
      expect(right.estimate).toBeCloseTo(expected.right[bin], 10);
    }
  });
});

/** A comparison of two responses of a prompt of its own that nobody looked at. */
function pair(n: number): Compared {
  return {
    ...{ prompt: `p${n}`, a: "a", b: "b", verdicts: [], verdict: null, people: [] },
    ...{ lengthA: 100, lengthB: 200 },
  };
}

type Judge = (of: { aFirst: boolean; longer: "a" | "b"; better: "a" | "b"; random: () => number }) => Outcome;

/** Three comparisons of each of 60 prompts, three people who see the better in four of five; it is the longer in seven of ten. */
function world(judge: Judge): Compared[] {
  const random = randomOf(3);
  const other = { a: "b", b: "a" } as const;
  return Array.from({ length: 180 }, (_, n): Compared => {
    const better = random() < 0.5 ? "a" : "b";
    const longer = random() < 0.7 ? better : other[better];
    const [a, b] = [
      ["x", "y"],
      ["y", "z"],
      ["z", "x"],
    ][n % 3];
    const [first, second] = [true, false].map((aFirst) => judge({ aFirst, longer, better, random }));
    return {
      ...{ prompt: `p${Math.floor(n / 3)}`, a, b },
      ...{ lengthA: longer === "a" ? 900 : 400, lengthB: longer === "a" ? 400 : 900 },
      people: [0, 1, 2].map(() => (random() < 0.8 ? better : other[better])),
      verdicts: [
        { aFirst: true, sample: 0, p: null, outcome: first },
        { aFirst: false, sample: 0, p: null, outcome: second },
      ],
      verdict: first === second ? first : "tie",
    };
  });
}

const cardFor = (compared: readonly Compared[]) =>
  cardOf(compared, {
    ...{ failures: withRate({ asked: 360, failed: 0, by: {} }), offLabels: offLabels([]) },
    drawn: true,
  });
const wrongsOf = (judge: Judge) =>
  findingsOf(cardFor(world(judge))).flatMap(({ weight, text }) => (weight === "wrong" ? [text] : []));

describe("what a card calls its judge", () => {
  const useful: Judge = ({ better, random }) => (random() < 0.85 ? better : better === "a" ? "b" : "a");

  it("first: goes by position", () => {
    const said = wrongsOf(({ aFirst }) => (aFirst ? "a" : "b"));
    expect(said.join("\n")).toMatch(/goes by position: 100\.0 % \[\d\d\.\d, 100\.0\].*shown first/);
  });
  it("second: goes by position", () => {
    expect(wrongsOf(({ aFirst }) => (aFirst ? "b" : "a")).join("\n")).toMatch(
      /goes by position.*shown second/,
    );
  });
  it("longest wins: goes by length, though it agrees with people beyond chance", () => {
    const compared = world(({ longer }) => longer);
    expect(cardFor(compared).besidePeople.kappa.low).toBeGreaterThan(0);
    expect(wrongsOf(({ longer }) => longer).join("\n")).toMatch(/goes by length: 100\.0 %.*the longer/);
  });
  it("a coin: chance, and contradicts itself", () => {
    const said = wrongsOf(({ random }) => (random() < 0.5 ? "a" : "b")).join("\n");
    expect(said).toMatch(/cannot be told from chance/);
    expect(said).toMatch(/contradicts itself.*\(50 %\)/);
    expect(said).not.toMatch(/position|length/);
  });
  it("rewards: nothing of position, for there was none", () => {
    const compared = world(useful).map((one): Compared => {
      const [{ outcome }] = one.verdicts;
      return { ...one, verdict: outcome, verdicts: [{ aFirst: null, sample: 0, outcome, p: 0.75 }] };
    });
    const { sway, reliability } = cardFor(compared);
    expect(sway.consistency).toMatchObject({ of: 0, estimate: null });
    expect(sway.first).toMatchObject({ of: 0, estimate: null });
    expect(reliability.bins.map(({ confidence }) => confidence)).toEqual([0.75]);
  });
  it("one answer throughout: chance", () => {
    expect(wrongsOf(() => "tie").join("\n")).toMatch(/cannot be told from chance/);
  });
  it("one comparison: that there are too few, and no verdict on the judge", () => {
    const [one] = world(useful);
    const found = findingsOf(cardFor([{ ...one, verdict: "a", people: ["b"] }]));
    expect(found.map(({ weight }) => weight)).not.toContain("wrong");
    expect(found.map(({ text }) => text).join("\n")).toMatch(/on one comparison; with 100 to 200/);
  });
  it("the command says the same of verdicts in a file", () => {
    const items = world(({ aFirst }) => (aFirst ? "a" : "b")).map(({ verdict: _, ...rest }) => rest);
    const [answer] = answerCases(JSON.stringify([{ id: "one", fn: "judge.card", input: { items } }]));
    expect(JSON.stringify(answer)).toMatch(/goes by position/);
  });
  it("a useful judge: nothing of the kind", () => {
    expect(wrongsOf(useful)).toEqual([]);
    const { kappa } = cardFor(world(useful)).besidePeople.shared;
    expect(kappa.judge.estimate).toBeGreaterThan(0.3);
    expect(kappa.people.estimate).toBeGreaterThan(0.25);
  });

  it("one that learnt from the very prompts: its agreement is no sign of its worth", () => {
    const compared = world(useful).map((one, n) => ({ ...one, isTrainedOn: n % 3 === 0 }));
    const [first] = findingsOf(cardFor(compared));
    expect(first).toMatchObject({
      weight: "warning",
      text: expect.stringContaining(`trained on the prompts of 60 of the 180 comparisons`),
    });
    expect(JSON.stringify(findingsOf(cardFor(world(useful))))).not.toContain("trained");
  });

  it("nothing depends on which of two responses is called the first", () => {
    const compared = world(useful);
    const turn = { a: "b", b: "a", tie: "tie", both_bad: "both_bad" } as const;
    const turned = compared.map((one, n): Compared => {
      if (n % 3 === 0) return one;
      return {
        ...one,
        ...{ a: one.b, b: one.a, lengthA: one.lengthB, lengthB: one.lengthA },
        people: one.people.map((outcome) => turn[outcome]),
        verdict: one.verdict && turn[one.verdict],
        verdicts: one.verdicts.map((verdict) => ({
          ...verdict,
          aFirst: !verdict.aFirst,
          outcome: turn[verdict.outcome],
        })),
      };
    });
    const figures = (card: ReturnType<typeof cardFor>) =>
      JSON.stringify(card, (_, value) => (typeof value === "number" ? Number(value.toFixed(9)) : value));
    expect(figures(cardFor(turned))).toBe(figures(cardFor(compared)));
  });
});

describe("verdicts and what hangs on them", () => {
  const said = (first: Outcome, second: Outcome, p: [number, number] | null = null): Compared => ({
    ...pair(0),
    verdict: first === second ? first : "tie",
    verdicts: [
      { aFirst: true, sample: 0, outcome: first, p: p ? p[0] : null },
      { aFirst: false, sample: 0, outcome: second, p: p ? p[1] : null },
    ],
  });
  it("an order says what most of its samples say, and the probability is the mean of the orders'", () => {
    const ask = (outcome: Outcome, sample: number, p: number) => ({ aFirst: true, sample, outcome, p });
    const one = {
      ...said("a", "b", [0.9, 0.4]),
      verdicts: [ask("a", 0, 0.9), ask("b", 1, 0.3), ask("a", 2, 0.6)],
    };
    expect(inOrder(one, true)).toBe("a");
    expect(inOrder({ ...one, verdicts: one.verdicts.slice(0, 2) }, true)).toBe("tie");
    expect(inOrder(one, false)).toBeNull();
    expect(probabilityOf(one)).toBeCloseTo(0.6);
    expect(probabilityOf(said("a", "b", [0.9, 0.4]))).toBeCloseTo(0.65);
    expect(probabilityOf(said("a", "b"))).toBe(0.5);
    expect(probabilityOf(pair(0))).toBeNull();
  });
  it("retest counts answers to one request only", () => {
    const repeated = (outcomes: Outcome[], aFirst: boolean) =>
      outcomes.map((outcome, sample) => ({ aFirst, sample, outcome, p: null }));
    const one = { ...pair(0), verdicts: [...repeated(["a", "a", "b"], true), ...repeated(["b"], false)] };
    expect(swayOf([one]).retest).toMatchObject({ count: 1, of: 3 });
  });
  it("a circle of three is one of one triple, an order is none", () => {
    const wins = (a: string, b: string): Compared => ({
      ...said("a", "a"),
      ...{ a, b },
    });
    expect(cyclesOf([wins("x", "y"), wins("y", "z"), wins("z", "x")])).toMatchObject({ count: 1, of: 1 });
    expect(cyclesOf([wins("x", "y"), wins("y", "z"), wins("x", "z")])).toMatchObject({ count: 0, of: 1 });
    expect(cyclesOf([wins("x", "y"), wins("y", "z")])).toMatchObject({ count: 0, of: 0, estimate: null });
  });
  it("equal confidences stay in one bin", () => {
    const sure = Array.from({ length: 100 }, (_, n) => ({
      ...said("a", "a"),
      prompt: `p${n}`,
      people: [n % 4 === 0 ? ("b" as const) : ("a" as const)],
    }));
    const { bins, error, overconfidence } = reliability(sure);
    expect(bins).toHaveLength(1);
    expect(error).toBeCloseTo(0.25, 10);
    expect(overconfidence.low).toBeGreaterThan(0.1);
  });
});

describe("what a judge may", () => {
  const policy = judgePolicyFrom(null);
  const bounds = (low: number | null) => ({ estimate: 0.5, low, high: low === null ? null : 0.7 });
  const worth = (more: Partial<Worth> = {}): Worth => ({
    ...{ label: "", trainedOn: 0, besidePeople: { items: 200, kappa: bounds(0.45), ac: bounds(0.1) } },
    consistency: { count: 170, of: 200, low: 0.78, high: 0.9 },
    ...more,
  });
  const failures = withRate({ asked: 400, failed: 4, by: { unparsed: 4 } });
  const may = (worths: Worth[], more: object = {}) =>
    roleOf({ worths, failures, wrong: [], ...more }, { ...policy, ...more });

  it("goes by the lower ends, whatever the estimates are", () => {
    expect(may([worth()]).role).toBe("label");
    const unsure = { items: 200, kappa: bounds(0.39), ac: bounds(0.9) };
    expect(may([worth({ besidePeople: unsure })]).role).toBe("presort");
    expect(may([worth({ besidePeople: unsure })], { measure: "ac" }).role).toBe("label");
    expect(may([worth({ besidePeople: { ...unsure, kappa: bounds(null) } })]).role).toBe("advise");
    expect(may([worth({ consistency: { count: 170, of: 200, low: 0.59, high: 0.99 } })]).role).toBe("advise");
  });

  it("asks it of each scale, and needs items, verdicts and a card that finds nothing wrong", () => {
    const few = worth({ label: "Safe", besidePeople: { items: 99, kappa: bounds(0.6), ac: bounds(0.6) } });
    expect(may([worth(), few]).role).toBe("advise");
    expect(may([]).role).toBe("advise");
    expect(may([worth()], { failures: withRate({ asked: 400, failed: 9, by: { error: 9 } }) }).role).toBe(
      "advise",
    );
    expect(may([worth()], { wrong: ["It goes by length."] }).role).toBe("advise");
    expect(may([worth()], { presort: null, label: null }).role).toBe("advise");
    expect(may([worth({ consistency: null })]).role).toBe("label");
  });

  it("forgets what a judge was trained on: a card of that alone shows no worth", () => {
    const remembered = world(({ better }) => better).map((one) => ({ ...one, isTrainedOn: true }));
    const fresh = world(({ aFirst }) => (aFirst ? "a" : "b")).slice(0, 60);
    const about = { failures, offLabels: offLabels([]), drawn: false };
    const card = cardOf(
      [...remembered, ...fresh.map((one) => ({ ...one, prompt: `new ${one.prompt}` }))],
      about,
    );
    expect(card.unseen?.items).toBe(60);
    expect(card.besidePeople.kappa.estimate).toBeGreaterThan(0.2);
    expect(card.unseen?.kappa.estimate).toEqual(cardOf(fresh, about).besidePeople.kappa.estimate);
    expect(cardOf(remembered, about).unseen?.kappa.estimate).toBeNull();
    expect(cardOf(fresh, about).unseen).toBeNull();
  });
});
