import { describe, expect, it } from "vitest";
import { recipeSchema, storedRecipeSchema } from "@/db/shape/dataset";
import type { DatasetKind } from "@/db/shape/dataset-kinds";
import { aggregate, type Vote } from "@/server/dataset/aggregate";
import type { Report } from "@/server/dataset/comparisons";
import type { Material } from "@/server/dataset/material";
import { makeRows } from "@/server/dataset/rows";
import { randomFor } from "@/server/demo/random";

let serial = 0;
const vote = (outcome: Vote["outcome"], strength = 1, more: Partial<Vote> = {}): Vote => ({
  annotationId: `annotation-${++serial}`,
  raterId: `rater-${serial}`,
  outcome,
  strength: outcome === "first" || outcome === "second" ? strength : 0,
  adjudication: false,
  at: serial,
  ...more,
});
const outcomeOf = (votes: Vote[], recipe: object = {}, leave: Report["drop"] = () => {}) => {
  const result = aggregate(votes, recipeSchema.parse(recipe), leave);
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

  it("counts no tie and no both bad where votes must be strong, not even of an adjudicator", () => {
    const left: string[] = [];
    const votes = [vote("first", 1), vote("tie"), vote("both_bad")];
    const demanding = { minStrength: 0.5, margin: "vote_share" };
    expect(outcomeOf(votes, demanding, (what) => left.push(what))).toEqual([["first", 1]]);
    expect(left).toEqual(["weak_vote", "weak_vote"]);
    expect(outcomeOf(votes.slice(1), demanding)).toBe("weak");
    expect(outcomeOf(votes, { ...demanding, minVotes: 2 })).toBe("too_few_votes");
    expect(outcomeOf([vote("first"), vote("tie", 1, { adjudication: true })], demanding)).toBe("weak");
  });

  it("does not take a rater of weight 0 for a vote", () => {
    const weighted = { aggregation: "weighted", raterWeights: { idle: 0 } };
    const votes = [vote("first"), vote("second", 1, { raterId: "idle" })];
    expect(outcomeOf(votes, { ...weighted, minVotes: 2 })).toBe("too_few_votes");
    expect(outcomeOf(votes, weighted)).toEqual([["first", 1]]);
    // An adjudicator decides by office.
    const ruling = vote("second", 1, { raterId: "idle", adjudication: true });
    expect(outcomeOf([...votes, ruling], weighted)).toEqual([["second", 1]]);
  });

  it("counts a rater's last vote on a pair, and no rater twice", () => {
    const ada = { raterId: "Ada" };
    const votes = [vote("first", 1, ada), vote("second", 1 / 3, ada)];
    expect(outcomeOf(votes)).toEqual([["second", 0.333333]]);
    expect(outcomeOf(votes, { minVotes: 2 })).toBe("too_few_votes");
    expect(outcomeOf(votes, { minVotes: 2, aggregation: "all" })).toBe("too_few_votes");
    expect(outcomeOf(votes, { aggregation: "all" })).toHaveLength(2);
  });
});

describe("rows of one prompt", () => {
  type Comparisons = Material["comparisons"];
  const response = (key: string, content = `text ${key}`) => ({
    id: key,
    key,
    content,
    turns: null,
    source: "model",
  });
  const pair = (first: string, second: string, ...votes: Vote[]) => ({
    first: response(first),
    second: response(second),
    votes,
  });
  const said = (row: object, field: string) => {
    const entry = Object.entries(row).find(([name]) => name === field)?.[1];
    return Array.isArray(entry) ? entry[0].content : entry;
  };

  /** The rows, and what was left out and was at odds. */
  function make(
    kind: DatasetKind,
    comparisons: Comparisons,
    recipe: object = {},
    more: Partial<Material> = {},
  ) {
    const left: string[] = [];
    const odds: string[] = [];
    const material: Material = {
      labels: [],
      promptKey: "p",
      messages: [{ role: "user", content: "Why?" }],
      tools: null,
      comparisons,
      written: [],
      ...more,
    };
    const made = makeRows(kind, material, recipeSchema.parse(recipe), {
      drop: (what) => left.push(what),
      judged: (what, opposite) => odds.push(`${what} ${opposite ? "opposite" : "agree"}`),
    });
    return { made, rows: made.map(({ row }) => row), left, odds };
  }

  it("ranks k responses by how they did against each other, and shares a rank among equals", () => {
    const { made } = make("ranked", [
      pair("a", "b", vote("second")),
      pair("a", "c", vote("tie")),
      pair("b", "c", vote("first")),
    ]);
    expect(made[0].row).toMatchObject({
      completions: [[{ content: "text b" }], [{ content: "text a" }], [{ content: "text c" }]],
      ranks: [1, 2, 2],
    });
    expect(made[0].annotationIds).toHaveLength(3);
  });

  it("does not rank a reply first for being compared often, nor what comparisons leave open", () => {
    // A beat B and C and lost to D; how B and C stand nobody knows.
    const open = [
      pair("a", "b", vote("first")),
      pair("a", "c", vote("first")),
      pair("a", "d", vote("second")),
    ];
    expect(make("ranked", open)).toMatchObject({ rows: [], left: ["open_order"] });
    expect(make("sft", open).rows.map((row) => said(row, "completion"))).toEqual(["text d"]);
    expect(make("sft", open, { order: "complete" })).toMatchObject({ rows: [], left: ["open_best"] });

    const closed = [...open, pair("b", "c", vote("second"))];
    expect(
      make("ranked", closed).rows.map((row) => "ranks" in row && row.completions.map(([m]) => m.content)),
    ).toEqual([["text d", "text a", "text c", "text b"]]);
    expect(make("ranked", closed, { order: "complete" }).left).toEqual(["open_order"]);
    // Two that won, and did not meet.
    const apart = [pair("a", "b", vote("first")), pair("c", "d", vote("first"))];
    expect(make("ranked", apart).rows).toHaveLength(2);
    expect(make("sft", apart)).toMatchObject({ rows: [], left: ["open_best"] });
  });

  it("teaches no reply that was found bad as the best", () => {
    const bad = [
      pair("a", "b", vote("both_bad")),
      pair("a", "c", vote("first")),
      pair("b", "c", vote("second")),
    ];
    expect(make("sft", bad)).toMatchObject({ rows: [], left: ["bad_best"] });
    expect(make("sft", [pair("a", "b", vote("tie"))]).left).toEqual(["tied_best"]);
  });

  it("gives a reply one label by the recipe's rule, and says where verdicts were opposite", () => {
    // A: won, lost and won; B and D: one verdict each; C: lost twice.
    const comparisons = [
      pair("a", "b", vote("first")),
      pair("a", "c", vote("first")),
      pair("a", "d", vote("second")),
      pair("c", "e", vote("both_bad")),
      pair("e", "f", vote("first")),
    ];
    const labels = ({ rows }: ReturnType<typeof make>) =>
      rows.map((row) => [said(row, "completion"), said(row, "label")]);
    const majority = make("unpaired", comparisons);
    expect(labels(majority)).toEqual([
      ["text a", true],
      ["text b", false],
      ["text c", false],
      ["text d", true],
      ["text f", false],
    ]);
    expect(majority.left).toEqual(["no_majority"]);
    expect(majority.odds.filter((odd) => odd === "replies opposite")).toHaveLength(2);
    expect(majority.odds).toHaveLength(6);
    const unanimous = make("unpaired", comparisons, { label: "unanimous" });
    expect(labels(unanimous).map(([text]) => text)).toEqual(["text b", "text c", "text d", "text f"]);
    expect(unanimous.left).toEqual(["not_unanimous", "not_unanimous"]);
  });

  it("labels one text of two sources once, also where every vote counts", () => {
    const comparisons = [
      {
        first: response("a", "same"),
        second: response("c", "other"),
        votes: [vote("first"), vote("second")],
      },
      { first: response("b", "same"), second: response("c", "other"), votes: [vote("first")] },
    ];
    const { rows } = make("unpaired", comparisons, { aggregation: "all" });
    expect(rows.map((row) => [said(row, "completion"), said(row, "label")])).toEqual([
      ["same", true],
      ["other", false],
    ]);
  });

  it("counts votes on the same texts together, whatever their sources", () => {
    const twice = (second: Vote[]): Comparisons => [
      { first: response("a", "same"), second: response("c", "other"), votes: [vote("first"), vote("first")] },
      // The other text has the smaller key here.
      { first: response("b", "other"), second: response("d", "same"), votes: second },
    ];
    const against = make("preference", twice([vote("first")]));
    expect(against.rows.map((row) => [said(row, "chosen"), "margin" in row && row.margin])).toEqual([
      ["same", 0.333333],
    ]);
    expect(against).toMatchObject({ left: ["duplicate"], odds: ["texts opposite"] });
    expect(make("preference", twice([vote("first"), vote("first")]))).toMatchObject({
      rows: [],
      left: ["duplicate", "tie"],
    });
    expect(make("preference", twice([vote("second")]))).toMatchObject({ odds: ["texts agree"] });
    expect(make("preference", twice([vote("first")]), { dedupe: "none" }).rows).toHaveLength(2);
    // Who said both in one judgement said neither.
    const [one, other] = ["first", "first"].map(() =>
      vote("first", 1, { annotationId: "x", raterId: "x", at: 1 }),
    );
    const torn = twice([other]).with(0, { ...twice([])[0], votes: [one] });
    expect(make("preference", torn).left).toEqual(["duplicate", "tie"]);
  });

  it("keeps one row a vote where all votes are wanted, though their texts are the same", () => {
    const { made } = make("preference", [pair("a", "b", vote("first"), vote("first"), vote("second"))], {
      aggregation: "all",
    });
    expect(made.map(({ row }) => said(row, "chosen"))).toEqual(["text a", "text a", "text b"]);
    expect(new Set(made.map(({ row }) => row.id)).size).toBe(3);
  });

  it("never says two things of the same texts, whatever was judged", () => {
    const { below, pick } = randomFor("at odds");
    for (let n = 0; n < 100; n++) {
      // Six replies of three texts, some of them compared, each by up to three of four raters.
      const replies = ["a", "b", "c", "d", "e", "f"].map((key) => response(key, `text ${below(3)}`));
      const comparisons = replies.flatMap((first, i) =>
        replies.slice(i + 1).flatMap((second) => {
          const votes = Array.from({ length: below(4) }, () =>
            vote(pick(["first", "second", "tie", "both_bad"]), (1 + below(3)) / 3, {
              raterId: `rater ${below(4)}`,
            }),
          );
          return votes.length > 0 && below(3) > 0 ? [{ first, second, votes }] : [];
        }),
      );
      const pairs = make("preference", comparisons).rows.map((row) => [
        said(row, "chosen"),
        said(row, "rejected"),
      ]);
      expect(new Set(pairs.map((texts) => texts.toSorted().join())).size).toBe(pairs.length);
      for (const rule of ["majority", "unanimous"]) {
        const labelled = make("unpaired", comparisons, { label: rule }).rows.map((row) =>
          said(row, "completion"),
        );
        expect(new Set(labelled).size).toBe(labelled.length);
      }
      for (const row of make("ranked", comparisons).rows) {
        const texts = "completions" in row ? row.completions.map(([{ content }]) => content) : [];
        expect(new Set(texts).size).toBe(texts.length);
      }
      expect(make("sft", comparisons).rows.length).toBeLessThan(2);
    }
  });

  it("writes a tie in both directions when asked, and never compares a text with itself", () => {
    const { rows, left } = make(
      "preference",
      [
        pair("a", "b", vote("tie")),
        { first: response("c", "same"), second: response("d", "same"), votes: [vote("first")] },
      ],
      { ties: "both" },
    );
    expect(rows.map((row) => "chosen" in row && [row.chosen[0].content, row.margin])).toEqual([
      ["text a", 0],
      ["text b", 0],
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
    expect(left).toEqual(["identical_texts"]);
  });

  it("tells replies apart by all of their turns", () => {
    const call = (name: string) => [{ role: "assistant" as const, content: "", tool_calls: [{ name }] }];
    const votes = [vote("first")];
    const [first, second] = ["find", "ask"].map((name) => ({ ...response(name, ""), turns: call(name) }));
    expect(make("preference", [{ first, second, votes }]).rows).toHaveLength(1);
  });

  it("gives what two raters wrote alike one row with both behind it, or two that can be told apart", () => {
    const written = ["Ada", "Bo"].map((raterId) => ({
      annotationId: `by ${raterId}`,
      raterId,
      origin: "demonstration" as const,
      text: "So.",
    }));
    const { made, left } = make("sft", [], {}, { written });
    expect(made).toMatchObject([
      { row: { annotators: 2 }, raterIds: ["Ada", "Bo"], annotationIds: ["by Ada", "by Bo"] },
    ]);
    expect(left).toEqual(["duplicate"]);
    const apart = make("sft", [], { dedupe: "none" }, { written });
    expect(new Set(apart.rows.map(({ id }) => id)).size).toBe(2);
  });
});

describe("a recipe", () => {
  const problem = (recipe: object) =>
    recipeSchema.safeParse(recipe).error?.issues.map(({ path, message }) => [path.join("."), message]);

  it("refuses a field that it does not know, by name, at every depth", () => {
    expect(problem({ minVote: 2 })).toEqual([
      [
        "",
        expect.stringMatching(
          /^A recipe has no field "minVote"\. Its fields: filters, aggregation, .*minVotes/,
        ),
      ],
    ]);
    expect(problem({ filters: { language: ["de"], judge: "all" } })).toEqual([
      [
        "filters",
        expect.stringMatching(/^filters has no field "language", "judge"\. Its fields: languages,/),
      ],
    ]);
    const split = { train: 1, validation: 0, test: 0, sed: 1 };
    expect(problem({ split })).toEqual([["split", expect.stringContaining('split has no field "sed"')]]);
  });

  it("refuses a rule that would not hold under its aggregation, and says under which it does", () => {
    expect(problem({ raterWeights: { expert: 3 } })).toEqual([
      [
        "raterWeights",
        expect.stringMatching(/^raterWeights holds with aggregation weighted, .* is majority\./),
      ],
    ]);
    expect(problem({ raterWeights: { expert: 3 }, aggregation: "weighted" })).toBeUndefined();
    expect(problem({ minVotes: 2, minAgreement: 0.7 })).toBeUndefined();
    expect(problem({ minVotes: 2, minAgreement: 0.7, aggregation: "all" })?.map(([field]) => field)).toEqual([
      "minAgreement",
    ]);
    const adjudicated = { minVotes: 2, minAgreement: 0.7, aggregation: "adjudicated" };
    expect(problem(adjudicated)?.map(([field]) => field)).toEqual(["minAgreement", "minVotes"]);
  });

  it("reads as it was stored, without rules that it did not have", () => {
    const { label: _, order: __, ...before } = recipeSchema.parse({ minVotes: 2 });
    const stored = storedRecipeSchema.parse(before);
    expect(stored).toEqual(before);
    expect(recipeSchema.parse(stored)).toMatchObject({ minVotes: 2, label: "majority", order: "determined" });
  });
});
