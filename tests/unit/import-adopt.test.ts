import { describe, expect, it } from "vitest";
import { formSchema } from "@/server/form/schema";
import { adoptQuestion } from "@/server/import/adopt";
import {
  betterQuestion,
  choiceQuestion,
  rankingQuestion,
  ratingQuestion,
  rationaleQuestion,
} from "@/server/import/questions";

const form = formSchema.parse([
  { id: "preference", type: "preference", label: "Better?", points: 7 },
  { id: "order", type: "ranking", label: "Order" },
  { id: "why", type: "text", label: "Why?", purpose: "rationale" },
  {
    id: "quality",
    type: "rating",
    label: "Quality",
    attributes: [{ id: "overall", label: "Overall" }],
    min: 1,
    max: 5,
  },
]);

describe("imported questions", () => {
  it("take the place of a question that means the same", () => {
    expect(adoptQuestion(form, rankingQuestion)).toMatchObject({ question: { id: "order" }, isNew: false });
    expect(adoptQuestion(form, rationaleQuestion)).toMatchObject({ question: { id: "why" }, isNew: false });
  });

  it("on another scale are added, and nobody must answer them", () => {
    expect(adoptQuestion(form, betterQuestion)).toMatchObject({
      question: { id: "better", points: 2, required: false },
      isNew: true,
    });
    const rating = ratingQuestion("quality", "Quality", [{ id: "overall", label: "Overall" }], 100);
    expect(adoptQuestion(form, rating)).toMatchObject({
      question: { id: "quality_2", max: 100 },
      isNew: true,
    });
  });

  it("are found again by the next import", () => {
    const { question } = adoptQuestion(form, betterQuestion);
    expect(adoptQuestion([...form, question], betterQuestion)).toEqual({ question, isNew: false });
  });

  it("that ask something of their own do not meet under one question", () => {
    const [helpful, safer] = ["helpful", "safer"].map((id) => ({
      ...betterQuestion,
      id,
      label: `Which is ${id}?`,
    }));
    const { question } = adoptQuestion(form, helpful);
    expect(adoptQuestion([...form, question], safer)).toMatchObject({
      question: { id: "safer" },
      isNew: true,
    });
  });

  it("do not share a question that refuses some of their answers", () => {
    const strict = formSchema.parse([
      { id: "better", type: "preference", label: "Better?", points: 2, tie: false },
    ]);
    expect(adoptQuestion(strict, betterQuestion)).toMatchObject({
      question: { id: "better_2" },
      isNew: true,
    });
    const choices = [choiceQuestion("tone", "Tone?", ["kind", "rude"], "task")];
    expect(
      adoptQuestion(choices, choiceQuestion("tone", "Tone?", ["kind", "rude", "dull"], "task")),
    ).toMatchObject({ isNew: true });
  });
});
