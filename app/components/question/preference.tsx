"use client";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { preferenceLevels } from "@/server/form/kind/preference";
import type { AnswerOf, QuestionOf } from "@/server/form/schema";
import { Toggle } from "../form-editor/controls";
import { Field, Select } from "../ui/field";
import type { ControlProps, QuestionComponent, Say, SettingsProps, ViewProps } from "./component";
import { Option } from "./option";

type Question = QuestionOf<"preference">;
type Answer = AnswerOf<"preference">;

/** A point of a preference scale: its key and what it means. */
interface ScalePoint {
  key: number;
  answer: Answer;
}

/** How much better, by the number of steps on each side. */
const degrees: Record<number, readonly string[]> = {
  1: ["only"],
  2: ["slightly", "much"],
  3: ["slightly", "clearly", "much"],
};
const degreeOf = (question: Question, level = 1): string =>
  degrees[preferenceLevels[question.points]]?.[level - 1] ?? "only";

/** "B clearly better" */
function labelOf(question: Question, { outcome, level }: Answer, say: Say): string {
  if (outcome === "tie") return say("same");
  return say("verdict", { letter: outcome.toUpperCase(), degree: degreeOf(question, level) });
}

/** From "A much better" to "B much better". The middle of seven is the tie, offered only where ties are. */
export function scaleOf(question: Question): ScalePoint[] {
  const levels = preferenceLevels[question.points];
  const side = (outcome: "a" | "b", level: number): Omit<ScalePoint, "key"> => ({
    answer: { type: "preference", outcome, level },
  });
  const outward = Array.from({ length: levels }, (_, index) => index + 1);
  const points = [
    ...outward.toReversed().map((level) => side("a", level)),
    ...(question.points === 7 ? [{ answer: { type: "preference", outcome: "tie" } } as const] : []),
    ...outward.map((level) => side("b", level)),
  ].map((point, index) => ({ ...point, key: index + 1 }));
  return question.tie ? points : points.filter((point) => point.answer.outcome !== "tie");
}

const isSame = (one: Answer | undefined, other: Answer): boolean =>
  one?.outcome === other.outcome && one.level === other.level;

/** One step along the scale; the first press picks the mildest point of that side. */
function step(question: Question, current: Answer | undefined, by: -1 | 1): Answer {
  const sides = scaleOf(question).map((point) => point.answer);
  const at = sides.findIndex((answer) => isSame(current, answer));
  const mildest = sides.find((answer) => answer.outcome === (by < 0 ? "a" : "b") && answer.level === 1);
  const stepped = at < 0 ? mildest : sides[at + by];
  return stepped ?? current ?? { type: "preference", outcome: by < 0 ? "a" : "b", level: 1 };
}

/** "B is slightly better." */
function sentence(question: Question, { outcome, level }: Answer, say: Say): string {
  if (outcome === "tie") return say("sentence.tie");
  if (outcome === "both_bad") return say("sentence.bothBad");
  return say("sentence.better", { letter: outcome.toUpperCase(), degree: degreeOf(question, level) });
}

function Scale({ question, answer, onAnswer, live, keyOf }: ControlProps<"preference">) {
  const name = useId();
  const say = useTranslations("question");
  const points = scaleOf(question);
  const hasMiddle = points.some((point) => point.answer.outcome === "tie");
  return (
    // By its own width, not the screen's: at 200 % zoom or beside the votes there is less of it.
    <div className="@container">
      <div className="flex flex-wrap gap-1.5">
        <div className="flex min-w-full flex-1 gap-1 @4xl:min-w-0">
          {points.map((point) => (
            <Option
              key={point.key}
              type="radio"
              name={name}
              label={labelOf(question, point.answer, say)}
              checked={isSame(answer, point.answer)}
              onSelect={() => onAnswer(point.answer)}
              hint={
                live ? (point.answer.outcome === "tie" ? `${point.key} 0` : String(point.key)) : undefined
              }
              className="min-h-9 flex-1 px-1 text-center leading-tight @max-2xl:flex-col @max-2xl:gap-0 @4xl:min-h-8"
            >
              <span className="@max-2xl:hidden">{labelOf(question, point.answer, say)}</span>
              <span dir="ltr" aria-hidden="true" className="@2xl:hidden">
                {shortLabel(point.answer)}
              </span>
            </Option>
          ))}
        </div>
        {question.tie && !hasMiddle && (
          <Option
            type="radio"
            name={name}
            label={say("same")}
            checked={answer?.outcome === "tie"}
            onSelect={() => onAnswer({ type: "preference", outcome: "tie" })}
            hint={live ? keyOf("tie") : undefined}
            className="min-h-8 flex-1 @4xl:ms-2 @4xl:flex-none @4xl:px-3"
          />
        )}
        {question.bothBad && (
          <Option
            type="radio"
            name={name}
            label={say("bothBad")}
            tone="bad"
            checked={answer?.outcome === "both_bad"}
            onSelect={() => onAnswer({ type: "preference", outcome: "both_bad" })}
            hint={live ? keyOf("bothBad") : undefined}
            className="min-h-8 flex-1 @4xl:ms-2 @4xl:flex-none @4xl:px-3"
          />
        )}
      </div>
    </div>
  );
}

/** "A+++", "=" or "B+" where seven buttons share the width of a phone. */
function shortLabel({ outcome, level }: Answer): string {
  if (outcome === "tie") return "=";
  return `${outcome.toUpperCase()}${"+".repeat(level ?? 1)}`;
}

function Settings({ question, onChange }: SettingsProps<"preference">) {
  return (
    <>
      <Field label="Scale">
        {(control) => (
          <Select
            {...control}
            value={question.points}
            onChange={({ target: { value } }) =>
              onChange({ ...question, points: value === "2" ? 2 : value === "4" ? 4 : 7 })
            }
          >
            <option value={2}>2 points: A or B</option>
            <option value={4}>4 points: much or slightly better</option>
            <option value={7}>7 points: much, clearly, slightly; the same in the middle</option>
          </Select>
        )}
      </Field>
      <Toggle
        label="Offer “about the same”"
        value={question.tie}
        onChange={(tie) => onChange({ ...question, tie })}
      />
      <Toggle
        label="Offer “both bad”"
        value={question.bothBad}
        onChange={(bothBad) => onChange({ ...question, bothBad })}
      />
    </>
  );
}

const View = ({ question, answer }: ViewProps<"preference">) => (
  <span className="font-medium">{sentence(question, answer, useTranslations("question"))}</span>
);

export const preference: QuestionComponent<"preference"> = {
  name: "Comparison of two",
  fresh: { label: "Which response is better?" },
  Settings,
  Control: Scale,
  broad: true,
  View,
  summary({ outcome, level }, say) {
    if (outcome === "tie") return say("summary.same");
    if (outcome === "both_bad") return say("summary.bothBad");
    return `${outcome.toUpperCase()} +${level ?? 1}`;
  },
  targets: (question) => [{ question, slot: null, item: null }],
  isAnswered: () => true,
  isEmpty: () => false,
  digit: (question, _, { value }) => scaleOf(question).find(({ key }) => key === value)?.answer ?? null,
  stays: () => false,
  aside: false,
  neither: (question, outcome) =>
    (outcome === "tie" ? question.tie : question.bothBad) ? { type: "preference", outcome } : null,
  step,
  favourite: ({ outcome }) => (outcome === "b" ? 1 : null),
  sentence,
  badge({ outcome }, slot) {
    if (outcome === "both_bad") return { is: "bad", tone: "bad" };
    return outcome === (slot === 0 ? "a" : "b") ? { is: "better", tone: "good" } : null;
  },
};
