import { describe, expect, it } from "vitest";
import { clusteredJoint, type Predicted } from "@/server/statistics/joint/clustered";
import { ppiMean } from "@/server/statistics/joint/ppi";
import { randomOf } from "@/server/statistics/math/random";
import { halfWidthAt, judgedFor, peopleAlone } from "@/server/statistics/width";

type Judge = (truth: number, random: () => number) => number;
const judges: Record<string, Judge> = {
  useful: (truth, random) => (random() < 0.9 ? truth : 1 - truth),
  biased: (truth, random) => (truth === 1 || random() < 0.5 ? 0.95 : 0.2),
  useless: (_, random) => random(),
  flipped: (truth) => 1 - truth,
};

/** 600 pairs, 3 a prompt that are alike, of which people judge each with the same chance. */
function study(judge: Judge, random: () => number, { chance = 0.15, pairs = 3 } = {}): Predicted[] {
  return Array.from({ length: 600 / pairs }, (_, prompt) => {
    const taste = random() < 0.6 ? 0.85 : 0.15;
    return Array.from({ length: pairs }, () => {
      const truth = random() < taste ? 1 : 0;
      return { cluster: `p${prompt}`, f: judge(truth, random), y: random() < chance ? truth : null };
    });
  }).flat();
}
const MEAN = 0.6 * 0.85 + 0.4 * 0.15;

describe("people and a judge together, several pairs a prompt", () => {
  it("is PPI++ to the last digit where each prompt has one pair", () => {
    for (const judge of Object.values(judges)) {
      const rows = study(judge, randomOf(3), { pairs: 1 });
      const labelled = rows.filter(({ y }) => y !== null);
      const wanted = ppiMean(
        Float64Array.from(labelled, ({ y }) => y ?? 0),
        Float64Array.from(labelled, ({ f }) => f),
        Float64Array.from(
          rows.filter(({ y }) => y === null),
          ({ f }) => f,
        ),
      );
      const { joint, lambda, effectiveN } = clusteredJoint(rows);
      for (const field of ["estimate", "se", "low", "high"] as const)
        expect(joint[field]).toBeCloseTo(wanted[field] ?? Number.NaN, 12);
      expect(lambda).toBeCloseTo(wanted.lambda, 12);
      expect(effectiveN).toBeCloseTo(wanted.effectiveN ?? Number.NaN, 9);
    }
  });

  it.each(Object.entries(judges))(
    "covers the truth with a %s judge, as wide as it deserves",
    (name, judge) => {
      const random = randomOf(7);
      const runs = 400;
      let [held, people, both] = [0, 0, 0];
      for (let run = 0; run < runs; run++) {
        const found = clusteredJoint(study(judge, random));
        if (found.joint.low === null || found.joint.high === null || found.people.se === null)
          throw new Error("no interval");
        if (found.joint.low <= MEAN && MEAN <= found.joint.high) held++;
        people += found.people.se / runs;
        both += (found.joint.se ?? 0) / runs;
      }
      // Of 400 studies at 95 %, three standard errors are 3.3 points.
      expect(held / runs).toBeGreaterThan(0.917);
      expect(held / runs).toBeLessThan(0.983);
      if (name === "useful") expect(both / people).toBeLessThan(0.8);
      else if (name === "biased") expect(both / people).toBeLessThan(0.95);
      else expect(both / people).toBeLessThan(1.01);
      if (name === "flipped") expect(both).toBe(people);
    },
  );

  it("counts pairs of one prompt as one thing: written twice, they say no more", () => {
    const rows = study(judges.useful, randomOf(5), { pairs: 1 });
    const [once, twice] = [clusteredJoint(rows), clusteredJoint([...rows, ...rows])];
    expect(twice.people.se).toBeCloseTo(once.people.se ?? 0, 12);
    expect(twice.joint.estimate).toBeCloseTo(once.joint.estimate ?? 0, 2);
    expect((twice.joint.se ?? 0) / (once.joint.se ?? 1)).toBeCloseTo(1, 2);
  });

  it("sees that people judged other pairs than the rest", () => {
    const rows = study(judges.useful, randomOf(9), { pairs: 1 });
    expect(clusteredJoint(rows).drift.low).toBeLessThan(0);
    const chosen = rows.map((row, at) => ({ ...row, y: row.f > 0.5 || at % 9 === 0 ? row.f : null }));
    expect(clusteredJoint(chosen).drift.low).toBeGreaterThan(0);
  });

  it("takes no judge with fewer than 20 prompts, and gives no interval where nothing varies", () => {
    const few = study(judges.useful, randomOf(1)).map((row, at) => ({ ...row, y: at < 57 ? row.f : null }));
    expect(clusteredJoint(few)).toMatchObject({ lambda: 0, pilot: null });
    const same = clusteredJoint(few.map((row) => ({ ...row, y: row.y === null ? null : 1 })));
    expect(same.joint).toMatchObject({ estimate: 1, low: null, high: null });
    expect(clusteredJoint([]).joint.estimate).toBeNull();
  });

  it("plans what a study then has", () => {
    const random = randomOf(13);
    const { pilot } = clusteredJoint(study(judges.useful, random));
    if (!pilot) throw new Error("no pilot");
    const judged = judgedFor(pilot, 0.05) ?? 0;
    expect(halfWidthAt(pilot, judged)).toBeLessThanOrEqual(0.05);
    expect(halfWidthAt(pilot, judged - 1)).toBeGreaterThan(0.05);
    expect(judged).toBeLessThan(judgedFor(peopleAlone(pilot), 0.05) ?? 0);
    // The widths of studies with twice the judgements are those that were planned, but for chance.
    let planned = 0;
    let found = 0;
    for (let run = 0; run < 100; run++) {
      const own = clusteredJoint(study(judges.useful, random)).pilot;
      const { joint } = clusteredJoint(study(judges.useful, random, { chance: 0.3 }));
      if (own) planned += halfWidthAt(own, joint.n);
      found += ((joint.high ?? 0) - (joint.low ?? 0)) / 2;
    }
    expect(planned / found).toBeGreaterThan(0.93);
    expect(planned / found).toBeLessThan(1.07);
  });
});
