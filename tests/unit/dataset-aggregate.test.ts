import { describe, expect, it } from "vitest";
import { recipeSchema } from "@/db/shape/dataset";
import { aggregate, type Vote } from "@/server/dataset/aggregate";
import { type Material, makeRows } from "@/server/dataset/rows";

let serial = 0;
const vote = (outcome: Vote["outcome"], strength = 1, more: Partial<Vote> = {}): Vote => ({
  annotationId: `annotation-${++serial}`,
  raterId: `rater-${serial}`,
  outcome,
  strength: outcome === "first" || outcome === "second" ? strength : 0,
  adjudication: false,
  ...more,
});
const outcomeOf = (votes: Vote[], recipe: object = {}) => {
  const result = aggregate(votes, recipeSchema.parse(recipe));
  return "decisions" in result
    ? result.decisions.map(({ outcome, margin }) => [outcome, margin])
    : result.dropped;
};

describe("aggregation of the votes on one pair", () => {
  it("lets the majority win, with the mean signed strength as margin", () => {
    expect(outcomeOf([vote("first", 1), vote("first", 1 / 3), vote("second", 2 / 3)])).toEqual([
      ["first", 0.222222],
    ]);
  });

  it("calls an equal lead, or most votes for a tie, a tie", () => {
    expect(outcomeOf([vote("first"), vote("second")])).toEqual([["tie", 0]]);
    expect(outcomeOf([vote("tie"), vote("tie"), vote("second")])).toEqual([["tie", 0]]);
    expect(outcomeOf([vote("both_bad"), vote("both_bad"), vote("second")])).toEqual([["both_bad", 0]]);
  });

  it("weighs raters where the recipe says so", () => {
    const votes = [vote("first", 1, { raterId: "expert" }), vote("second"), vote("second")];
    expect(
      outcomeOf(votes, { aggregation: "weighted", raterWeights: { expert: 3 }, margin: "vote_share" }),
    ).toEqual([["first", 0.2]]);
  });

  it("lets an adjudication overrule the votes, but not when all votes are wanted", () => {
    const votes = [vote("first"), vote("first"), vote("second", 1, { adjudication: true })];
    expect(outcomeOf(votes)).toEqual([["second", 1]]);
    expect(outcomeOf(votes, { aggregation: "all" })).toHaveLength(2);
    expect(outcomeOf(votes.slice(0, 2), { aggregation: "adjudicated" })).toBe("not_adjudicated");
  });

  it("leaves out pairs with too few, too weak or too divided votes", () => {
    expect(outcomeOf([vote("first")], { minVotes: 2 })).toBe("too_few_votes");
    expect(outcomeOf([vote("first", 1 / 3)], { minStrength: 0.5 })).toBe("weak");
    expect(outcomeOf([vote("first"), vote("first"), vote("second")], { minAgreement: 0.7 })).toBe(
      "too_little_agreement",
    );
  });
});

describe("rows of one prompt", () => {
  const response = (key: string, content = `text ${key}`) => ({
    id: key,
    key,
    content,
    turns: null,
    source: "model",
  });
  const material = (comparisons: Material["comparisons"]): Material => ({
    promptKey: "p",
    messages: [{ role: "user", content: "Why?" }],
    tools: null,
    comparisons,
    written: [],
  });
  const pair = (first: string, second: string, ...votes: Vote[]) => ({
    first: response(first),
    second: response(second),
    votes,
  });
  const none = () => {};

  it("ranks k responses by Borda count and shares a rank among equals", () => {
    const [made] = makeRows(
      "ranked",
      material([pair("a", "b", vote("second")), pair("a", "c", vote("tie")), pair("b", "c", vote("first"))]),
      recipeSchema.parse({}),
      none,
    );
    expect(made.row).toMatchObject({
      completions: [[{ content: "text b" }], [{ content: "text a" }], [{ content: "text c" }]],
      ranks: [1, 2, 2],
    });
    expect(made.annotationIds).toHaveLength(3);
  });

  it("labels winner, loser and two bad replies for unpaired training", () => {
    const rows = makeRows(
      "unpaired",
      material([pair("a", "b", vote("first")), pair("c", "d", vote("both_bad"))]),
      recipeSchema.parse({}),
      none,
    );
    expect(rows.map(({ row }) => "label" in row && row.label)).toEqual([true, false, false, false]);
  });

  it("writes a tie in both directions when asked, and never compares a text with itself", () => {
    const dropped: string[] = [];
    const rows = makeRows(
      "preference",
      material([
        pair("a", "b", vote("tie")),
        { first: response("c", "same"), second: response("d", "same"), votes: [vote("first")] },
      ]),
      recipeSchema.parse({ ties: "both" }),
      (reason) => dropped.push(reason),
    );
    expect(rows.map(({ row }) => "chosen" in row && [row.chosen[0].content, row.margin])).toEqual([
      ["text a", 0],
      ["text b", 0],
    ]);
    expect(new Set(rows.map(({ row }) => row.id)).size).toBe(2);
    expect(dropped).toEqual(["identical_texts"]);
  });
});
