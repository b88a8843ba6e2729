import { expect, test } from "vitest";
import { answerProblems, deriveMarks, derivePreferences, toCanonical, toShown } from "@/server/form/answers";
import { formChanges } from "@/server/form/changes";
import { type Answers, formSchema } from "@/server/form/schema";
import { defaultQuestions } from "@/server/project/schema";
import { drawOrder } from "@/server/seat/order";

const questions = formSchema.parse([
  { id: "best", type: "preference", label: "Which?", points: 4, bothBad: false },
  { id: "ranks", type: "ranking", label: "Rank", ties: false },
  { id: "marks", type: "rating", label: "Rate", attributes: [{ id: "help", label: "Help" }], max: 7 },
  {
    id: "topic",
    type: "choice",
    label: "Topic",
    options: [
      { value: "x", label: "X" },
      { value: "y", label: "Y" },
    ],
  },
  { id: "why", type: "text", label: "Why?", required: false, minLength: 3 },
  { id: "fix", type: "edit", label: "Fix", required: false },
]);

const three: Answers = {
  ranks: { type: "ranking", ranks: [2, 3, 1] },
  marks: { type: "rating", values: { help: [4, 1, 7] } },
  topic: { type: "choice", values: [["x"]] },
  fix: { type: "edit", texts: [null, "better", null] },
};
const two: Answers = {
  best: { type: "preference", outcome: "a", level: 2 },
  marks: { type: "rating", values: { help: [4, 1] } },
  topic: { type: "choice", values: [["y"]] },
};

const messages = (k: number, answers: Answers) =>
  answerProblems(questions, k, answers).map((problem) => problem.question);

test("complete answers are accepted, and each wrong one is named by its question", () => {
  expect(messages(3, three)).toEqual([]);
  expect(messages(2, two)).toEqual([]);
  expect(messages(2, three)).toEqual(["ranks", "best", "marks", "fix"]);
  const wrong = (k: number, answers: Answers, part: Answers) => messages(k, { ...answers, ...part });
  expect(wrong(2, two, { best: { type: "preference", outcome: "a", level: 3 } })).toEqual(["best"]);
  expect(wrong(2, two, { best: { type: "preference", outcome: "both_bad" } })).toEqual(["best"]);
  expect(wrong(2, two, { best: { type: "ranking", ranks: [1, 2] } })).toEqual(["best"]);
  expect(wrong(3, three, { ranks: { type: "ranking", ranks: [1, 1, 2] } })).toEqual(["ranks"]);
  expect(wrong(3, three, { marks: { type: "rating", values: { help: [4, 1, 8] } } })).toEqual(["marks"]);
  expect(wrong(3, three, { marks: { type: "rating", values: { other: [1, 1, 1] } } })).toEqual(["marks"]);
  expect(wrong(3, three, { topic: { type: "choice", values: [["x", "y"]] } })).toEqual(["topic"]);
  expect(wrong(3, three, { why: { type: "text", text: "ok", chips: [] } })).toEqual(["why"]);
  expect(wrong(3, three, { fix: { type: "edit", texts: [null, " ", null] } })).toEqual(["fix"]);
  expect(wrong(3, three, { unknown: { type: "text", text: "", chips: [] } })).toEqual(["unknown"]);
});

test("what is stored does not depend on the order shown", () => {
  expect(toCanonical(questions, two, [1, 0])).toEqual({
    ...two,
    best: { type: "preference", outcome: "b", level: 2 },
    marks: { type: "rating", values: { help: [1, 4] } },
  });
  expect(toCanonical(questions, three, [2, 0, 1])).toMatchObject({
    ranks: { ranks: [3, 1, 2] },
    marks: { values: { help: [1, 7, 4] } },
    fix: { texts: ["better", null, null] },
  });
  for (let round = 0; round < 50; round += 1) {
    const order = drawOrder({ k: 3, taskFirsts: [], dayFirsts: [] }, Math.random);
    expect(toShown(questions, toCanonical(questions, three, order), order)).toEqual(three);
  }
});

test("preferences: strength runs to 1 at the end of the scale, a ranking gives every pair", () => {
  expect(
    derivePreferences(questions, { best: { type: "preference", outcome: "b", level: 1 } }, [1, 0]),
  ).toEqual([{ questionId: "best", a: 0, b: 1, outcome: "b", strength: 0.5, aShownFirst: false }]);
  const ranked = derivePreferences(questions, { ranks: { type: "ranking", ranks: [2, 2, 1] } }, null);
  expect(
    ranked.map(({ a, b, outcome, strength, aShownFirst }) => [a, b, outcome, strength, aShownFirst]),
  ).toEqual([
    [0, 1, "tie", 0, null],
    [0, 2, "b", 0.5, null],
    [1, 2, "b", 0.5, null],
  ]);
});

test("marks: one for each rated attribute of each response and for each chosen option, none for what was left open", () => {
  const rows = (answers: Answers) =>
    deriveMarks(questions, answers).map(({ questionId, response, item, value }) => [
      questionId,
      response,
      item,
      value,
    ]);
  expect(rows(three)).toEqual([
    ["marks", 0, "help", 4],
    ["marks", 1, "help", 1],
    ["marks", 2, "help", 7],
    ["topic", null, "x", 1],
  ]);
  expect(
    rows({
      marks: { type: "rating", values: { help: [null, 0] } },
      why: { type: "text", text: "", chips: ["short", "safe"] },
    }),
  ).toEqual([
    ["marks", 1, "help", 0],
    ["why", null, "short", 1],
    ["why", null, "safe", 1],
  ]);
  const perResponse = formSchema.parse([
    { ...questions[3], per: "response", multiple: true },
    { ...questions[2], per: "task" },
  ]);
  expect(
    deriveMarks(perResponse, {
      topic: { type: "choice", values: [["y", "x"], []] },
      marks: { type: "rating", values: { help: [2] } },
    }).map(({ response, item, value }) => [response, item, value]),
  ).toEqual([
    [0, "y", 1],
    [0, "x", 1],
    [null, "help", 2],
  ]);
});

test("a form may grow and be reworded, and says what it would do to answers it has", () => {
  const reworded = questions.map((question) => ({
    ...question,
    label: `New: ${question.label}`,
    required: false,
  }));
  expect(formChanges(questions, [...reworded.toReversed(), ...defaultQuestions])).toEqual([]);
  const [best, ranks, marks, topic, why, fix] = questions;
  const changed = formChanges(questions, [
    { ...best, points: 7 } as typeof best,
    { ...why, id: "ranks" },
    { ...marks, max: 5 } as typeof marks,
    { ...topic, options: [{ value: "x", label: "X" }] } as typeof topic,
    fix,
  ]);
  expect(ranks.id).toBe("ranks");
  expect(changed.map(({ message }) => message)).toEqual([
    '"best" has 4 points and cannot get 7.',
    '"ranks" is a ranking and cannot become a text.',
    '"marks" runs from 1 to 7 and cannot run from 1 to 5.',
    '"topic" lost the option "y".',
    '"why" is missing.',
  ]);
});
