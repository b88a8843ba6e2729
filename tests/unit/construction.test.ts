import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bestOfCurve } from "@/server/construction/best-of-n";
import { diverse } from "@/server/construction/diverse";
import { evolutionFault } from "@/server/construction/evolved";
import { exactDuplicates } from "@/server/construction/exact";
import { quotedAt } from "@/server/construction/grounded";
import { followingDifficulty, mostInstructive } from "@/server/construction/ifd";
import { kCenter } from "@/server/construction/k-center";
import { bandsFor, chanceToFind, nearDuplicates } from "@/server/construction/near";
import { benchmarkOverlap } from "@/server/construction/overlap";
import { bestAnswers, pairsByScore, pairsBySource } from "@/server/construction/pairs";
import { RougePool, type Tokenizer } from "@/server/construction/rouge";
import { selfInstruct, usableInstances } from "@/server/construction/self-instruct";
import { semanticDuplicates } from "@/server/construction/semantic";
import { byTags } from "@/server/construction/tags";
import { unitVectors } from "@/server/construction/vectors";

const numbers = z.array(z.number());
const verdicts = z.object({ drops: z.array(z.string().nullable()), nearest: z.array(z.number().nullable()) });
/** What rouge_score, numpy and plain Python choose: make_construction_goldens.py. */
const golden = z
  .object({
    instructions: z.object({
      seeds: z.array(z.string()),
      candidates: z.array(z.string()),
      rouge_score: verdicts,
      unicode: verdicts,
    }),
    near: z.object({
      texts: z.array(z.string()),
      of: z.array(z.number().nullable()),
      similarity: z.array(z.number().nullable()),
    }),
    vectors: z.object({
      embeddings: z.array(numbers),
      scores: numbers,
      diverse: numbers,
      start: z.number(),
      centres: numbers,
      semantic: numbers,
    }),
    best_of: z.object({
      prompts: z.array(z.array(z.object({ proxy: z.number(), gold: z.number() }))),
      points: z.array(z.object({ n: z.number(), proxy: z.number(), gold: z.number() })),
    }),
    tags: z.object({ tags: z.array(z.array(z.string())), taken: numbers }),
    ifd: z.object({ conditioned: numbers, alone: numbers, value: numbers, taken: numbers }),
  })
  .parse(JSON.parse(readFileSync(resolve("tests/parity/golden/construction.json"), "utf8")));

function rougeL(one: string, other: string, tokenizer: Tokenizer): number {
  const pool = new RougePool(tokenizer);
  pool.add(one);
  return pool.nearest(other, 1)[0]?.f ?? 0;
}

describe("Self-Instruct's filters", () => {
  const { seeds, candidates } = golden.instructions;

  it.each(["rouge_score", "unicode"] as const)(
    "accepts what the reference accepts, by the words of %s",
    (tokenizer) => {
      const found = selfInstruct(seeds, candidates, { tokenizer });
      const { drops, nearest } = golden.instructions[tokenizer];
      expect(found.map(({ drop }) => drop)).toEqual(drops);
      // To the last bit: a threshold must split alike.
      expect(found.map((one) => one.nearest[0]?.f ?? (one.drop === null ? 0 : null))).toEqual(nearest);
      expect(new Set(drops).size).toBeGreaterThan(5);
    },
  );

  it("sees copies in scripts to which the published filter is blind", () => {
    const [one, other] = ["解释急性肾损伤的主要原因", "解释急性肾损伤的主要原因吗"];
    expect(rougeL(one, one, "rouge_score")).toBe(0);
    expect(rougeL(one, one, "unicode")).toBe(1);
    const accepted = (tokenizer: Tokenizer) =>
      selfInstruct([], [one, other], { tokenizer }).filter(({ drop }) => drop === null).length;
    expect(accepted("unicode")).toBe(1);
    expect(rougeL("What's 2+2?", "What s 2 2", "rouge_score")).toBe(1);
    expect(rougeL("", "", "unicode")).toBe(0);
  });

  it("names the ten most alike, the best first", () => {
    const pool = Array.from({ length: 30 }, (_, i) => `name ${i} rivers and ${i % 7} lakes of the north`);
    const [{ nearest }] = selfInstruct(pool, ["Name 29 rivers and 1 lakes of the south"], {
      tokenizer: "unicode",
      threshold: 1,
    });
    const all = pool.map((text, of) => ({
      of,
      f: rougeL("name 29 rivers and 1 lakes of the south", text, "unicode"),
    }));
    const best = all.sort((a, b) => b.f - a.f || a.of - b.of).slice(0, 10);
    expect(nearest).toEqual(best);
  });

  it("drops unusable examples, and all where one input has two outputs", () => {
    const one = { input: "4", output: "even" };
    expect(usableInstances([one, one, { input: "a", output: "a" }, { input: "b", output: "" }])).toEqual([
      one,
    ]);
    expect(usableInstances([one, { input: "5", output: "Answer:" }])).toEqual([one]);
    expect(usableInstances([one, { input: "4", output: "odd" }])).toEqual([]);
    const stories = [1, 2, 3, 4, 5, 6].map((n) => ({ input: "", output: `story ${n}` }));
    expect(usableInstances(stories)).toEqual(stories.slice(0, 5));
  });
});

describe("duplicates", () => {
  it("finds the near ones that comparing all pairs finds, of words and of Chinese characters", () => {
    const { texts, of, similarity } = golden.near;
    const found = nearDuplicates(texts);
    expect(found.map((near) => near?.of ?? null)).toEqual(of);
    expect(found.map((near) => near?.similarity ?? null)).toEqual(similarity);
    expect(of.filter((one) => one !== null).length).toBeGreaterThan(40);
  });

  it("keeps by priority, and leaves what is fixed", () => {
    const text = "one two three four five six seven eight nine ten";
    const texts = [text, `${text} eleven`, text];
    expect(nearDuplicates(texts, { order: [1, 0, 2] }).map((near) => near?.of ?? null)).toEqual([1, null, 1]);
    // A benchmark's two like texts stay both; the third goes for the more alike.
    expect(nearDuplicates(texts, { order: [0, 1, 2], fixed: 2 }).map((near) => near?.of ?? null)).toEqual([
      null,
      null,
      0,
    ]);
    expect(nearDuplicates(["", "", "!", "!"])).toEqual([null, null, null, null]);
  });

  it("chooses bands for recall at the threshold, where datasketch's find 0.44", () => {
    expect(bandsFor(0.7, 0.99)).toEqual({ bands: 32, rows: 4 });
    expect(bandsFor(0.7, 0.98)).toEqual({ bands: 25, rows: 5 });
    expect(chanceToFind(0.7, { bands: 32, rows: 4 })).toBeCloseTo(0.9998, 4);
    expect(chanceToFind(0.7, { bands: 14, rows: 9 })).toBeCloseTo(0.44, 2);
    for (const threshold of [0.3, 0.5, 0.8, 0.9, 1])
      expect(chanceToFind(threshold, bandsFor(threshold, 0.99))).toBeGreaterThanOrEqual(0.99);
  });

  it("finds exact ones through case, width and white space, and not through letters", () => {
    const texts = ["Straße  in\tWien", "STRASSE in Wien", "Ｓtrasse in Wien ", "Strase in Wien", "", " "];
    expect(exactDuplicates(texts)).toEqual([null, 0, 0, null, null, 4]);
    expect(exactDuplicates(texts, [2, 1, 0, 3, 4, 5]).slice(0, 3)).toEqual([2, 2, null]);
  });

  it("finds benchmarks in candidates: 13 words, or the whole of a shorter text", () => {
    const words = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => `w${from + i}`).join(" ");
    const found = benchmarkOverlap(
      ["Paris", words(0, 20), "Who wrote the play Hamlet?"],
      [
        `x ${words(5, 13)}`,
        `x ${words(5, 12)} y`,
        "Tell me: who wrote the play HAMLET",
        "Paris is a city of light",
      ],
    );
    expect(found.map((one) => one?.document ?? null)).toEqual([1, null, 2, null]);
  });
});

describe("selection by numbers", () => {
  const { embeddings, scores, start, ...chosen } = golden.vectors;
  const vectors = unitVectors(embeddings);

  it("takes the rows that numpy takes: DEITA, k-center, SemDeDup", () => {
    expect(diverse(scores, vectors, { most: 40 }).taken).toEqual(chosen.diverse);
    const seed = Array.from({ length: 1000 }, (_, i) => i).find(
      (one) => kCenter(vectors, { most: 1, seed: one })[0].row === start,
    );
    expect(kCenter(vectors, { most: 30, seed: seed ?? -1 }).map(({ row }) => row)).toEqual(chosen.centres);
    const gone = semanticDuplicates(vectors, { epsilon: 0.08, seed: 1, clusters: 1 });
    expect(gone.flatMap((near, row) => (near ? [row] : []))).toEqual(chosen.semantic);
    expect(chosen.semantic.length).toBeGreaterThan(10);
  });

  it("always takes the best row, and no row twice", () => {
    const same = unitVectors([
      [1, 0],
      [2, 0],
      [0, 3],
    ]);
    expect(diverse([1, 5, 3], same, { most: 3 }).taken).toEqual([1, 2]);
    expect(kCenter(same, { most: 3, seed: 1 }).length).toBe(2);
    expect(() =>
      unitVectors([
        [1, 0],
        [0, 0],
      ]),
    ).toThrow("embedding 2 is zero");
    expect(() => unitVectors([[1, 0], [1]])).toThrow("embedding 2 has 1 numbers, the first has 2");
  });

  it("counts IFD, tags and best-of-n as the reference", () => {
    const { conditioned, alone, value, taken } = golden.ifd;
    const difficulties = conditioned.map((loss, i) => followingDifficulty(loss, alone[i]));
    for (const [i, one] of difficulties.entries()) expect(one).toBeCloseTo(value[i], 12);
    expect(mostInstructive(difficulties, 0.2)).toEqual(taken);
    expect(byTags(golden.tags.tags, 25)).toEqual(golden.tags.taken);
    const { points } = bestOfCurve(golden.best_of.prompts);
    expect(points.map(({ n }) => n)).toEqual([1, 2, 4, 8]);
    for (const [i, { proxy, gold }] of points.entries()) {
      expect(proxy).toBeCloseTo(golden.best_of.points[i].proxy, 12);
      expect(gold).toBeCloseTo(golden.best_of.points[i].gold, 12);
    }
  });

  it("warns where the trusted score falls while the choosing one grows", () => {
    const answers = (gold: (proxy: number) => number) => [
      Array.from({ length: 16 }, (_, proxy) => ({ proxy, gold: gold(proxy) })),
    ];
    expect(bestOfCurve(answers((proxy) => proxy)).overOptimisedFrom).toBeNull();
    expect(bestOfCurve(answers((proxy) => -Math.abs(proxy - 9))).overOptimisedFrom).toBe(2);
    expect(bestOfCurve([])).toEqual({ points: [], overOptimisedFrom: null });
  });
});

describe("preferences without people", () => {
  const answer = (prompt: string, text: string, score: number) => ({ prompt, text, score });
  const candidates = [
    answer("a", "best of all", 9),
    answer("b", "one", 5),
    answer("a", "worst", 1),
    answer("a", "good", 6),
    answer("b", "two", 5),
    answer("a", "bad", 5),
    answer("c", "alone", 3),
  ];

  it("pairs the best with the worst, and never equal scores", () => {
    expect(pairsByScore(candidates)).toEqual([{ chosen: 0, rejected: 2, margin: 8, lengthRatio: 11 / 5 }]);
    expect(pairsByScore(candidates, { most: 2 }).map(({ chosen, rejected }) => [chosen, rejected])).toEqual([
      [0, 2],
      [3, 5],
    ]);
    expect(pairsByScore(candidates, { most: 2, margin: 1.5 }).length).toBe(1);
    expect(bestAnswers(candidates)).toEqual([0, 1, 6]);
    expect(bestAnswers(candidates, 4)).toEqual([0, 1]);
  });

  it("pairs by source in the declared order", () => {
    const sourced = [
      { prompt: "a", text: "x", source: "small" },
      { prompt: "a", text: "y", source: "large" },
      { prompt: "b", text: "same", source: "large" },
      { prompt: "b", text: "same ", source: "small" },
      { prompt: "c", text: "z", source: "large" },
    ];
    expect(pairsBySource(sourced, ["large", "small"])).toEqual([{ chosen: 1, rejected: 0 }]);
    expect(pairsBySource(sourced, ["small", "middle", "large"])).toEqual([{ chosen: 0, rejected: 1 }]);
  });

  it("eliminates evolutions that failed", () => {
    const one = { instruction: "Explain a fever to a child", reply: "The body gets warm.", isEqual: false };
    expect(evolutionFault(one)).toBeNull();
    expect(evolutionFault({ ...one, isEqual: true })).toBe("asks the same as its parent");
    expect(evolutionFault({ ...one, instruction: "#Rewritten Prompt#: Explain" })).toBe(
      "repeats the operator's words",
    );
    expect(evolutionFault({ ...one, reply: "Sorry, I cannot." })).toBe("the reply declines");
    expect(evolutionFault({ ...one, reply: `Sorry. ${"A long answer. ".repeat(40)}` })).toBeNull();
    expect(evolutionFault({ ...one, reply: "... and, of the!" })).toBe("the reply says nothing");
  });

  it("finds a quotation letter by letter, through white space and quotation marks", () => {
    const document = "He said: “The kidney\n filters blood.” Then he left.";
    expect(quotedAt('"The kidney filters blood."', document)).toBe(9);
    expect(quotedAt("The kidney filters the blood", document)).toBeNull();
    expect(quotedAt(" ", document)).toBeNull();
  });
});
