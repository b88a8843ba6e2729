import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Reply, TokenLogprob } from "@/db/shape/endpoint";
import { judgeSamplingSchema, rubricSchema, type VerdictForm } from "@/db/shape/judge";
import { type Question, questionSchema } from "@/server/form/schema";
import { familyOf } from "@/server/judge/family";
import { decidedBy } from "@/server/judge/members";
import { requestOf, requestsOf, WORDING } from "@/server/judge/request";
import { settledBy, verdictOf } from "@/server/judge/verdict";
import { NOWHERE } from "@/workers/engine/infer/automaton";
import { automatonOf } from "@/workers/engine/infer/json-schema";

const questionOf = (more: object): Question => questionSchema.parse({ id: "q", label: "Which?", ...more });
const pair = questionOf({ type: "preference", points: 7 });
const firm = questionOf({ type: "preference", points: 2, tie: false, bothBad: false });

function versionOf(verdictBy: VerdictForm, question = pair, rubric: object = {}) {
  return {
    ...{ question, verdictBy, sampling: judgeSamplingSchema.parse({}) },
    rubric: rubricSchema.parse({ criteria: "Which helps more?", ...rubric }),
  };
}

const replyOf = (more: Partial<Reply>): Reply => ({
  ...{ text: "", reasoning: "", finishReason: "stop", model: null, fingerprint: null },
  ...{ usage: { input: null, cached: null, output: null }, ...more },
});

const said = (
  verdictBy: VerdictForm,
  reply: Partial<Reply>,
  rest: { order?: number[]; question?: Question; rubric?: object } = {},
) => verdictOf(versionOf(verdictBy, rest.question, rest.rubric), rest.order ?? [0, 1], replyOf(reply));

const a = { type: "preference", outcome: "a", level: 1 };
const b = { type: "preference", outcome: "b", level: 1 };
const tie = { type: "preference", outcome: "tie" };

describe("a verdict by log-probabilities", () => {
  const token = (top: Record<string, number>): TokenLogprob[] => {
    const all = Object.entries(top).map(([token, p]) => ({ token, logprob: Math.log(p) }));
    return [{ ...all[0], top: all }];
  };

  test("is the share of a label's forms among all labels' forms, not among all tokens", () => {
    const reply = { logprobs: token({ A: 0.2, " A": 0.04, B: 0.05, "\u2581b": 0.01, The: 0.6 }), text: "A" };
    const found = said("logprobs", reply);
    expect(found).toMatchObject({ answer: a, mass: expect.closeTo(0.3, 9), p: expect.closeTo(0.8, 9) });
    // Shown turned round, A is the canonical second.
    expect(said("logprobs", reply, { order: [1, 0] })).toMatchObject({
      answer: b,
      p: expect.closeTo(0.2, 9),
    });
  });

  test("counts a tie as half, and takes a token that is not among its own alternatives", () => {
    const logprobs = [{ token: "C", logprob: Math.log(0.5), top: token({ A: 0.3, B: 0.2 })[0].top }];
    expect(said("logprobs", { logprobs })).toMatchObject({ answer: tie, p: expect.closeTo(0.55, 9) });
  });

  test("begins after blank tokens, and is none where no label is near, or nothing was told", () => {
    const logprobs = [...token({ "\n": 0.9 }), ...token({ B: 0.7, A: 0.3 })];
    expect(said("logprobs", { logprobs })).toMatchObject({ answer: b });
    expect(said("logprobs", { logprobs: token({ Both: 0.9, The: 0.1 }) })).toMatchObject({
      failure: "unparsed",
    });
    expect(said("logprobs", { text: "A" })).toMatchObject({ failure: "unparsed" });
  });

  test("takes no probability above 1, whatever an endpoint tells: a p that is no number would order no queue", () => {
    const [{ top: likely }] = token({ B: 0.5 });
    const top = [{ token: "A", logprob: 800 }, ...likely];
    expect(said("logprobs", { logprobs: [{ ...top[0], top }] })).toMatchObject({
      ...{ answer: a, mass: 1, p: expect.closeTo(2 / 3, 9) },
    });
  });

  test("is one of a scale's digits, and never cut: a label is all that is asked for", () => {
    const scale = questionOf({ type: "rating", per: "task", attributes: [{ id: "help", label: "Help" }] });
    const reply: Partial<Reply> = { logprobs: token({ "4": 0.6, "5": 0.3 }), finishReason: "length" };
    const found = verdictOf(versionOf("logprobs", scale), [0, 1], replyOf(reply));
    expect(found).toMatchObject({ answer: { type: "rating", values: { help: [4] } }, p: null });
  });
});

describe("a verdict in double brackets", () => {
  test.each([
    ["the last one counts", "At first [[B]] seems right, but no: [[A]]", a],
    ["citations and other brackets are none", "As [[1]] shows, [[ a ]] it is [[see above]]", a],
    ["full-width letters are letters", "[[Ｂ]]", b],
    ["what was thought before is no answer", "<think>[[A]] or [[B]]? [[B]]</think>[[C]]", tie],
  ])("%s", (_, text, answer) => expect(said("marker", { text })).toMatchObject({ answer }));

  test.each([
    ["nothing in brackets", { text: "A is better." }, "unparsed"],
    ["only a thought", { text: "<think>[[A]]</think> I am done." }, "unparsed"],
    ["cut, though a verdict was weighed", { text: "[[A]] would be", finishReason: "length" }, "truncated"],
    ["declined", { text: "I cannot.", finishReason: "refused" }, "refused"],
    ["withheld", { finishReason: "filtered" }, "filtered"],
  ] as const)("%s: no verdict, and no tie either", (_, reply, failure) =>
    expect(said("marker", reply)).toMatchObject({ failure }),
  );

  test("with degrees, as Arena-Hard: different ones contradict each other, equal ones do not", () => {
    const rubric = { degrees: true };
    expect(said("marker", { text: "[[A>>>B]]" }, { rubric })).toMatchObject({
      answer: { ...a, level: 3 },
      p: 1,
    });
    expect(said("marker", { text: "[[B\u226bA]]" }, { rubric })).toMatchObject({
      answer: { ...b, level: 2 },
    });
    expect(said("marker", { text: "[[A>B]] … [[A>B]]" }, { rubric })).toMatchObject({ answer: a });
    expect(said("marker", { text: "[[A>B]] … [[A=B]]" }, { rubric })).toMatchObject({
      failure: "contradictory",
    });
  });
});

describe("a verdict as JSON", () => {
  test("by schema or tool; a fence is no part of it", () => {
    expect(said("schema", { text: '```json\n{"reasons": "…", "verdict": "B"}\n```' })).toMatchObject({
      answer: b,
    });
    const toolCalls = [{ name: "verdict", arguments: '{"verdict":"A"}' }];
    expect(said("tool", { toolCalls, finishReason: "tool" })).toMatchObject({ answer: a });
  });

  test.each([
    ["cut", "schema", { text: '{"verdict": "A', finishReason: "length" }, "truncated"],
    ["cut to a fence", "schema", { text: "```js" }, "unparsed"],
    ["another verdict", "schema", { text: '{"verdict": "both"}' }, "unparsed"],
    ["text where a tool was wanted", "tool", { text: "[[A]]" }, "unparsed"],
  ] as const)("%s: none", (_, form, reply, failure) => expect(said(form, reply)).toMatchObject({ failure }));

  test("rates each response, ranks and chooses, in canonical order", () => {
    const rates = questionOf({
      type: "rating",
      attributes: ["help", "truth"].map((id) => ({ id, label: id })),
    });
    const verdict = { A: { help: 1, truth: 2 }, B: { help: 4, truth: 5 } };
    const json = (verdict: object) => ({ text: JSON.stringify({ verdict }) });
    expect(said("schema", json(verdict), { order: [1, 0], question: rates })).toMatchObject({
      answer: { values: { help: [4, 1], truth: [5, 2] } },
    });
    expect(
      said("schema", json({ A: { help: 9, truth: 1 }, B: verdict.B }), { question: rates }),
    ).toMatchObject({
      failure: "unparsed",
    });
    const ranks = questionOf({ type: "ranking" });
    const text = 'They differ. [[{"A": 1, "B": 3, "C": 2}]]';
    expect(said("marker", { text }, { order: [2, 1, 0], question: ranks })).toMatchObject({
      answer: { ranks: [2, 3, 1] },
    });
    const options = ["yes", "no"].map((value) => ({ value, label: value }));
    const choice = questionOf({ type: "choice", per: "response", options });
    expect(
      said("schema", json({ A: ["yes"], B: ["no"] }), { order: [1, 0], question: choice }),
    ).toMatchObject({
      answer: { values: [["no"], ["yes"]] },
    });
    expect(said("schema", json({ A: ["yes"], B: [] }), { question: choice })).toMatchObject({
      failure: "unparsed",
    });
  });
});

describe("the orders of a task", () => {
  /** What canonical answers come to, one of each order. */
  const settled = (settles: "strict" | "soft", labels: string[], question = pair) =>
    settledBy(
      { question, settles },
      labels.map((verdict, index) => {
        const found = said("schema", { text: JSON.stringify({ verdict }) }, { question });
        if ("failure" in found) throw new Error(found.reason);
        return { order: index === 0 ? [0, 1] : [1, 0], ...found };
      }),
    );

  test("a win needs both (MT-Bench); else it is a tie, or nothing where none is offered", () => {
    expect(settled("strict", ["A", "A"])).toMatchObject(a);
    expect(settled("strict", ["A", "B"])).toEqual(tie);
    expect(settled("strict", ["A", "C"])).toEqual(tie);
    expect(settled("strict", ["C", "C"])).toEqual(tie);
    expect(settled("strict", ["A", "B"], firm)).toBeNull();
    expect(settled("soft", ["A", "C"])).toMatchObject(a);
    expect(settled("soft", ["A", "B"])).toEqual(tie);
  });

  test("let a member of a cascade settle by the cascade's own rule alone", () => {
    const differing = [
      { order: [0, 1], answer: said("schema", { text: '{"verdict":"A"}' }), p: 0.99 },
      { order: [1, 0], answer: said("schema", { text: '{"verdict":"A"}' }, { order: [1, 0] }), p: 0.45 },
    ].map(({ answer, ...reply }) => ({ ...reply, answer: "failure" in answer ? null : answer.answer }));
    const decided = (settles: "strict" | "soft") => decidedBy({ question: pair, settles }, differing, 1);
    // By the mean of p it is sure of the first; strictly its orders are a tie, of which it is sure of nothing.
    expect(decided("soft")).toEqual({ isFirst: true, sure: expect.closeTo(0.44, 8) });
    expect(decided("strict")).toBeNull();
  });

  test("are as stored and turned round, or one that a hash draws; rewards know none", () => {
    const ids = Array.from({ length: 200 }, (_, index) => `task ${index}`);
    const sampling = judgeSamplingSchema.parse({});
    const of = (orders: "both" | "one", verdictBy: VerdictForm, k: number) =>
      ids.map((taskId) =>
        requestsOf({ orders, verdictBy, sampling, rubric: null }, { k, taskId }).map(({ order }) => order),
      );
    expect(of("both", "marker", 3)[0]).toEqual([
      [0, 1, 2],
      [2, 1, 0],
    ]);
    expect(of("both", "marker", 1)[0]).toEqual([[0]]);
    expect(of("both", "reward", 2)[0]).toEqual([[0, 1]]);
    const turned = of("one", "marker", 2).filter(([[first]]) => first === 1).length;
    expect(turned).toBeGreaterThan(70);
    expect(turned).toBeLessThan(130);
    expect(of("one", "marker", 2)).toEqual(of("one", "marker", 2));
  });
});

test("what is asked begins with what all tasks share, and hides where a response came from", () => {
  const version = versionOf("marker", pair, { explains: true, reference: "answer" });
  const item = {
    messages: [{ role: "user" as const, content: "2 + 2?" }],
    metadata: { answer: "4" },
    contents: ["It is 4.", "It is 5."],
  };
  const [one, other] = [
    [0, 1],
    [1, 0],
  ].map((order) => requestOf(version, item, { order, sample: 0, wording: 0, alternatives: 5 }));
  expect(one.messages[0]).toEqual(other.messages[0]);
  expect(one.messages[0].content).toContain("Which helps more?");
  expect(one.messages[1].content).toMatch(/<\/response_B>\n\nExplain your reasons first\. .*\[\[A\]\]$/);
  expect(one.messages[1].content).toContain("<reference>\n4\n</reference>");
  expect(one.messages[1].content).toContain("<response_A>\nIt is 4.\n</response_A>");
  expect(other.messages[1].content).toContain("<response_A>\nIt is 5.\n</response_A>");
  expect(
    requestOf(versionOf("logprobs"), item, { order: [0, 1], sample: 0, wording: 0, alternatives: 5 }),
  ).toMatchObject({
    ...{ logprobs: 5, maxTokens: 2 },
  });
});

test("a family is guessed from a model's name", () => {
  const names = [
    "gpt-4o-mini",
    "openai/o3-mini",
    "meta/Meta-Llama-3-8B",
    "claude-sonnet-5",
    "SmolLM2-135M",
    "7b",
  ];
  expect(names.map(familyOf)).toEqual(["gpt", "gpt", "llama", "claude", "smollm", null]);
});

test("a judge that is asked in other words is another version: whoever changes them raises WORDING, and both here", () => {
  const item = {
    messages: [
      { role: "system" as const, content: "Be brief." },
      { role: "user" as const, content: "Why is the sky blue?" },
    ],
    metadata: { reference: "Rayleigh scattering." },
    contents: ["Scattering.", "It reflects the sea."],
  };
  const questions = [
    pair,
    firm,
    questionOf({ type: "ranking" }),
    questionOf({ type: "rating", attributes: [{ id: "tone", label: "Tone" }], min: 1, max: 5 }),
    questionOf({ type: "choice", options: ["yes", "no"].map((value) => ({ value, label: value })) }),
  ];
  const forms: VerdictForm[] = ["logprobs", "schema", "tool", "marker"];
  const rubrics = [{}, { explains: true }, { degrees: true }, { reference: "reference" }];
  const asked = questions.flatMap((question) =>
    forms.flatMap((form) =>
      rubrics.map((rubric) =>
        requestOf(versionOf(form, question, rubric), item, {
          order: [1, 0],
          sample: 0,
          wording: 0,
          alternatives: 5,
        }),
      ),
    ),
  );
  const words = createHash("sha256").update(JSON.stringify(asked)).digest("hex").slice(0, 16);
  expect([WORDING, words]).toEqual([1, "cd4c4e9e69686143"]);
});

test.each([
  pair,
  questionOf({ type: "ranking" }),
  questionOf({ type: "rating", min: 1, max: 5, attributes: [{ id: "clear", label: "Clarity" }] }),
  questionOf({ type: "rating", min: 0, max: 10, per: "response", attributes: [{ id: "x", label: "X" }] }),
  questionOf({
    type: "choice",
    multiple: true,
    options: ["a", "b"].map((value) => ({ value, label: value })),
  }),
])("a model of ours can be held to the schema of a verdict: $type", (question) => {
  const request = requestOf(
    versionOf("schema", question, { explains: true }),
    { messages: [{ role: "user", content: "Hello" }], metadata: {}, contents: ["Hi", "Ho"] },
    { order: [0, 1], sample: 0, wording: 0, alternatives: 20 },
  );
  const automaton = automatonOf(JSON.stringify(request.schema));
  let state = automaton.start;
  for (const byte of Buffer.from('{"reasons": "It is short.", "verdict": '))
    state = automaton.after(state, byte);
  expect(state).not.toBe(NOWHERE);
});
