import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { strengthsOf } from "@/server/statistics/ranking/bradley-terry";
import { standingsOf } from "@/server/statistics/ranking/standings";

/** Written by golden/make_bradley_terry.py with choix, which fits by other methods. */
const golden = z
  .array(
    z.object({
      wins: z.array(z.array(z.number())),
      strengths: z.array(z.number()).nullable(),
      ranks: z.array(z.number()).nullable(),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL("golden/bradley-terry.json", import.meta.url), "utf8")));

describe("Bradley–Terry", () => {
  it("has the strengths that choix finds, and none where no finite maximum exists", () => {
    expect(golden.filter(({ strengths }) => strengths).length).toBeGreaterThan(20);
    for (const { wins, strengths } of golden) {
      const fitted = strengthsOf(Float64Array.from(wins.flat()), wins.length);
      if (strengths === null) expect(fitted).toBeNull();
      else for (const [i, strength] of strengths.entries()) expect(fitted?.[i]).toBeCloseTo(strength, 6);
    }
  });

  it("orders what a vanishing ridge orders, and nothing that comparisons leave open", () => {
    expect(golden.filter(({ strengths, ranks }) => ranks && !strengths).length).toBeGreaterThan(10);
    for (const { wins, ranks } of golden) expect(standingsOf(wins).ranks).toEqual(ranks);
  });

  it("puts nobody first for being compared often", () => {
    // A beat B and C, and lost to D.
    const wins = [
      [0, 1, 1, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
    ];
    expect(standingsOf(wins)).toEqual({ ranks: null, first: [3] });
  });

  it("leaves the first place open between two that never met, and shares it between equals", () => {
    const apart = [
      [0, 1, 0],
      [0, 0, 0],
      [0, 1, 0],
    ];
    expect(standingsOf(apart)).toEqual({ ranks: null, first: [] });
    const even = [
      [0, 0.5, 1],
      [0.5, 0, 1],
      [0, 0, 0],
    ];
    expect(standingsOf(even)).toEqual({ ranks: [1, 1, 3], first: [0, 1] });
  });

  it("says the same of the same comparisons in another order, and of each twice", () => {
    for (const { wins } of golden) {
      const turn = wins.map((_, i) => wins.length - 1 - i);
      const turned = turn.map((i) => turn.map((j) => 2 * wins[i][j]));
      const { ranks, first } = standingsOf(wins);
      expect(standingsOf(turned).ranks).toEqual(ranks?.toReversed() ?? null);
      expect(standingsOf(turned).first).toEqual(first.map((i) => turn[i]).toReversed());
    }
  });
});
