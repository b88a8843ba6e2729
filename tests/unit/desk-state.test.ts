import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";
import { finish } from "@/app/components/desk/answering";
import {
  capOf,
  chipKeys,
  commandOf,
  decidingKeys,
  isLive,
  keymap,
  keymapWith,
} from "@/app/components/desk/keymap";
import type { Action, DeskState } from "@/app/components/desk/model";
import type { KeyPress } from "@/app/components/desk/press";
import { initialState, reduce } from "@/app/components/desk/state";
import { scaleOf } from "@/app/components/question/preference";
import { denseRanks, rankSentence } from "@/app/components/question/ranking";
import { words } from "@/app/messages/en";
import { answerProblems } from "@/server/form/answers";
import { formSchema, type Question } from "@/server/form/schema";

const say = createTranslator({ locale: "en", messages: words, namespace: "question" });
const form = (...questions: unknown[]): Question[] => formSchema.parse(questions);
const preference = { id: "better", type: "preference", label: "Which is better?" };
const ranking = { id: "order", type: "ranking", label: "Rank" };
const rating = {
  id: "scores",
  type: "rating",
  label: "Rate",
  attributes: [
    { id: "correct", label: "Correct" },
    { id: "clear", label: "Clear" },
  ],
};
const rationale = {
  id: "why",
  type: "text",
  label: "Why?",
  required: false,
  chips: [
    { value: "correct", label: "Correct" },
    { value: "safe", label: "Safe" },
  ],
};
const edit = { id: "fix", type: "edit", label: "Rewrite", required: false };

const pressOf = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: "",
  shift: false,
  control: false,
  alt: false,
  typing: false,
  ...held,
});

/** Presses keys as the desk does, outside of any text. */
function press(state: DeskState, ...keys: string[]): DeskState {
  return keys.reduce((before, key) => {
    const command = commandOf(pressOf(key), before);
    return command &&
      command.type !== "undo" &&
      command.type !== "confirm" &&
      command.type !== "scroll" &&
      command.type !== "act" &&
      command.type !== "remember"
      ? reduce(before, command, 1000)
      : before;
  }, state);
}

const act = (state: DeskState, ...actions: Action[]) =>
  actions.reduce((before, action) => reduce(before, action, 1000), state);

describe("one gesture answers", () => {
  const seven = form(preference);

  it("puts the seven points under 1 to 7, mirrored around the tie", () => {
    const outcomes = ["1", "2", "3", "4", "5", "6", "7"].map(
      (key) => press(initialState(seven, 2), key).answers.better,
    );
    expect(outcomes).toEqual([
      { type: "preference", outcome: "a", level: 3 },
      { type: "preference", outcome: "a", level: 2 },
      { type: "preference", outcome: "a", level: 1 },
      { type: "preference", outcome: "tie" },
      { type: "preference", outcome: "b", level: 1 },
      { type: "preference", outcome: "b", level: 2 },
      { type: "preference", outcome: "b", level: 3 },
    ]);
  });

  it("gives every offered point an answer that the server accepts", () => {
    for (const points of [2, 4, 7])
      for (const tie of [true, false]) {
        const [question] = form({ ...preference, points, tie });
        if (question?.type !== "preference") throw new Error("not a preference");
        const scale = scaleOf(question);
        expect(scale).toHaveLength(points === 7 && !tie ? 6 : points);
        for (const { answer } of scale)
          expect(answerProblems([question], 2, { [question.id]: answer })).toEqual([]);
      }
  });

  it("takes 0 and x as two different answers, and only where they are offered", () => {
    expect(press(initialState(seven, 2), "0").answers.better).toEqual({ type: "preference", outcome: "tie" });
    expect(press(initialState(seven, 2), "x").answers.better).toEqual({
      type: "preference",
      outcome: "both_bad",
    });
    const strict = form({ ...preference, points: 4, tie: false, bothBad: false });
    expect(press(initialState(strict, 2), "0", "x").answers).toEqual({});
  });

  it("walks the scale with the arrows, beginning mildly", () => {
    const state = initialState(seven, 2);
    expect(press(state, "ArrowLeft").answers.better).toMatchObject({ outcome: "a", level: 1 });
    expect(press(state, "ArrowRight", "ArrowRight").answers.better).toMatchObject({ outcome: "b", level: 2 });
    expect(press(state, "ArrowRight", "ArrowLeft").answers.better).toEqual({
      type: "preference",
      outcome: "tie",
    });
  });

  it("lets another digit correct the answer when nothing required is open", () => {
    const state = press(initialState(form(preference, rationale), 2), "2", "6");
    expect(state.answers).toEqual({ better: { type: "preference", outcome: "b", level: 2 } });
  });
});

describe("several questions", () => {
  it("moves on through required cells and ticks reasons from wherever the marker stands", () => {
    const questions = form(preference, rating, rationale);
    const state = press(initialState(questions, 2), "7", "5", "4", "c", "3", "2");
    expect(finish(questions, 2, state.answers)).toEqual({
      problems: [],
      answers: {
        better: { type: "preference", outcome: "b", level: 3 },
        scores: { type: "rating", values: { correct: [5, 4], clear: [3, 2] } },
        why: { type: "text", text: "", chips: ["safe"] },
      },
    });
  });

  it("keeps digits for the verdict, also while the marker is on the reasons", () => {
    const whole = press(initialState(form(preference, rationale, edit), 2), "2");
    const again = initialState(whole.questions, 2, { answers: whole.answers });
    expect(again.targets[again.marker]).toMatchObject({ question: { id: "better" } });
    expect(press(again, "1").answers).toEqual({ better: { type: "preference", outcome: "a", level: 3 } });
    const atReasons = press(again, "ArrowDown", "5");
    expect(atReasons.answers).toEqual({ better: { type: "preference", outcome: "b", level: 1 } });
    expect(press(again, "ArrowDown", "a", "c", "a").answers.why).toEqual({
      type: "text",
      text: "",
      chips: ["safe"],
    });
  });

  it("goes on with begun work at the first required answer that is missing", () => {
    const begun = press(initialState(form(preference, rationale, rating), 2), "7", "5");
    const again = initialState(begun.questions, 2, { answers: begun.answers });
    expect(again.targets[again.marker]).toMatchObject({ item: "correct", slot: 1 });
  });

  it("does not submit what is incomplete, and goes to where it is", () => {
    const state = press(initialState(form(preference, rating), 2), "1", "5", "Enter");
    expect(state.mode.name).toBe("deciding");
    expect(state.problems).toHaveLength(1);
    expect(state.targets[state.marker]).toMatchObject({
      question: { id: "scores" },
      item: "correct",
      slot: 1,
    });
    expect(press(state, "4", "3", "2", "Enter").mode.name).toBe("submitting");
  });

  it("keeps the time of the first decision", () => {
    const first = reduce(initialState(form(preference), 2), { type: "digit", value: 1 }, 500);
    expect(reduce(first, { type: "digit", value: 2 }, 900).firstDecisionAt).toBe(500);
  });
});

describe("ranking", () => {
  it("gives digits to one response after the other; equal digits tie", () => {
    const questions = form(ranking);
    const state = press(initialState(questions, 4), "3", "1", "3", "4");
    expect(state.answers.order).toEqual({ type: "ranking", ranks: [3, 1, 3, 4] });
    expect(finish(questions, 4, state.answers).answers.order).toEqual({
      type: "ranking",
      ranks: [2, 1, 2, 3],
    });
    expect(rankSentence([3, 1, 3, 4], say)).toBe("B is best, then A and C tie, then D.");
  });

  it("takes ten responses, the tenth rank by 0", () => {
    const state = press(initialState(form(ranking), 10), ..."2345678901");
    expect(state.answers.order).toEqual({ type: "ranking", ranks: [2, 3, 4, 5, 6, 7, 8, 9, 10, 1] });
    expect(press(initialState(form(ranking), 9), "0").answers).toEqual({});
  });

  it("names the responses that have no rank yet", () => {
    const questions = form(ranking);
    const state = press(initialState(questions, 3), "2", "Enter");
    expect(state.mode.name).toBe("deciding");
    expect(state.problems).toEqual([{ question: "order", message: "Rank: rank B, C too." }]);
  });

  it("has words for every shape of order", () => {
    expect(rankSentence([1, 1, 1], say)).toBe("All are equally good.");
    expect(rankSentence([2, 1, 1], say)).toBe("B and C tie for best, then A.");
    expect(rankSentence([1, 0], say)).toBeNull();
    expect(denseRanks([7, 2, 7])).toEqual([2, 1, 2]);
  });
});

describe("modes", () => {
  const questions = form(preference, rationale, edit);

  it("lets no key act while typing, except Esc and Ctrl+Enter", () => {
    const writing = press(initialState(questions, 2), "r");
    expect(writing.mode).toEqual({ name: "writing", questionId: "why" });
    const reacting = [..."1234567890xresfumdlg?", "Enter", "ArrowLeft", " "].filter((key) =>
      commandOf(pressOf(key, { typing: true }), writing),
    );
    expect(reacting).toEqual([]);
    expect(commandOf(pressOf("Escape", { typing: true }), writing)).toEqual({
      type: "close",
    });
    expect(commandOf(pressOf("Enter", { typing: true, control: true }), writing)).toEqual({
      type: "submit",
    });
  });

  it("leaves the browser its own shortcuts", () => {
    const state = initialState(questions, 2);
    for (const key of ["r", "s", "f", "l", "1"])
      expect(commandOf(pressOf(key, { control: true }), state)).toBeNull();
  });

  it("rewrites the preferred response first and returns to the judgement", () => {
    const editing = press(initialState(questions, 2), "6", "e");
    expect(editing.mode).toEqual({ name: "editing", questionId: "fix", slot: 1 });
    expect(act(editing, { type: "close" }).mode).toEqual({ name: "deciding" });
  });

  it("chooses a reason to skip by digit, without touching the answers", () => {
    const state = press(initialState(questions, 2), "6", "s", "2");
    expect(state.mode).toEqual({ name: "skipping", reason: 1 });
    expect(state.answers.better).toMatchObject({ outcome: "b", level: 2 });
  });

  it("takes up a draft where it was left", () => {
    const state = initialState(questions, 2, {
      answers: { better: { type: "preference", outcome: "tie" } },
      flagReason: "odd",
      firstDecisionAt: 7,
    });
    expect(state).toMatchObject({ mode: { name: "deciding" }, flagReason: "odd", firstDecisionAt: 7 });
  });

  it("takes another's judgement over, again with the next one, and leaves one's own words", () => {
    const words = { type: "text" as const, text: "So I think.", chips: ["safe"] };
    const vote = (outcome: "a" | "b", texts: (string | null)[]) => ({
      better: { type: "preference" as const, outcome, level: 1 },
      fix: { type: "edit" as const, texts },
      why: { type: "text" as const, text: "Theirs.", chips: [] },
    });
    const own = act(press(initialState(questions, 2), "4"), {
      type: "answer",
      questionId: "why",
      answer: words,
    });
    const one = act(own, { type: "adopt", answers: vote("a", ["Mended.", null]) });
    expect(one.answers).toEqual({ ...vote("a", ["Mended.", null]), why: words });
    const { fix: _, ...plain } = vote("b", []);
    expect(act(one, { type: "adopt", answers: plain }).answers).toEqual({ better: plain.better, why: words });
    expect(act(initialState(questions, 2), { type: "adopt", answers: plain })).toMatchObject({
      answers: { better: plain.better },
      mode: { name: "deciding" },
      firstDecisionAt: 1000,
    });
  });

  it("gives whoever decides two keys from the first moment, which no action and no reason has", () => {
    for (const rebound of [{}, { flag: "v", undo: "a" }, { flag: "v", wrap: "o", help: "q" }]) {
      const bindings = keymapWith(rebound, capOf, { more: decidingKeys });
      const [votes, adopt] = bindings;
      const others = [
        ...bindings.slice(2).flatMap(({ keys }) => keys),
        ...chipKeys(initialState(questions, 2), bindings).map(({ key }) => key),
      ];
      for (const [key] of [votes.keys, adopt.keys]) expect(others).not.toContain(key);
    }
    const bindings = keymapWith({ flag: "v" }, capOf, { more: decidingKeys });
    const state = initialState(questions, 2);
    expect(commandOf(pressOf("v"), state, bindings)).toEqual({ type: "open", mode: "flagging" });
    expect(commandOf(pressOf("o"), state, bindings)).toEqual({ type: "act", what: "votes" });
    expect(commandOf(pressOf("a"), state, bindings)).toEqual({ type: "act", what: "adopt" });
  });

  it("has no two keys for different things at the same time", () => {
    for (const k of [0, 2, 4]) {
      const state = initialState(form(preference, ranking, rating, rationale, edit), k);
      const live = keymap.filter((binding) => isLive(binding, state) && !binding.withControl);
      const keys = [
        ...live.flatMap((binding) => binding.keys),
        ...chipKeys(state, keymap).map(({ key }) => key),
      ];
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});
