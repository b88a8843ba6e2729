"use client";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { countOf } from "@/server/form/kind/kind";
import type { AnswerOf, QuestionOf } from "@/server/form/schema";
import { ItemList, keyed, PerField, Toggle, valued } from "../form-editor/controls";
import { cn } from "../ui/cn";
import type { ControlProps, QuestionComponent, SettingsProps, ViewProps } from "./component";
import { Option } from "./option";
import { lettered, letterOf, slotsOf, withAt } from "./target";

type Question = QuestionOf<"choice">;
type Answer = AnswerOf<"choice">;

const choicesOf = (answer: Answer | undefined, question: Question, k: number): string[][] =>
  answer?.values ?? Array.from({ length: countOf(question, k) }, () => []);

function choose(
  question: Question,
  answer: Answer | undefined,
  { slot, value, k }: { slot: number; value: string; k: number },
): Answer {
  const all = choicesOf(answer, question, k);
  const chosen = all[slot] ?? [];
  const without = chosen.filter((other) => other !== value);
  const next = without.length < chosen.length ? without : question.multiple ? [...chosen, value] : [value];
  return { type: "choice", values: withAt(all, slot, next) };
}

function List({ question, answer, onAnswer, state, dispatch, first, live }: ControlProps<"choice">) {
  const id = useId();
  const say = useTranslations("question");
  const { k } = state;
  return (
    <div className="flex flex-col gap-1">
      {choicesOf(answer, question, k).map((chosen, slot) => {
        const letter = question.per === "response" ? letterOf(slot) : null;
        const isMarked = live && state.marker === first + slot;
        return (
          <div
            key={slot}
            onPointerDown={() => dispatch({ type: "mark", marker: first + slot })}
            className={cn(
              "flex flex-wrap items-center gap-1 rounded-md",
              letter && isMarked && "bg-accent-wash",
            )}
          >
            {letter && <span className="w-6 text-center text-xs font-semibold text-muted">{letter}</span>}
            {question.options.map((option, index) => (
              <Option
                key={option.value}
                type={question.multiple ? "checkbox" : "radio"}
                name={`${id}-${slot}`}
                label={letter ? say("optionOf", { letter, option: option.label }) : option.label}
                checked={chosen.includes(option.value)}
                onSelect={() => onAnswer(choose(question, answer, { slot, value: option.value, k }))}
                hint={isMarked && index < 9 ? String(index + 1) : undefined}
              >
                <bdi>{option.label}</bdi>
              </Option>
            ))}
          </div>
        );
      })}
    </div>
  );
}

function Settings({ question, onChange }: SettingsProps<"choice">) {
  return (
    <>
      <PerField value={question.per} onChange={(per) => onChange({ ...question, per })} />
      <Toggle
        label="Several options may be chosen"
        value={question.multiple}
        onChange={(multiple) => onChange({ ...question, multiple })}
      />
      <ItemList
        title="Options"
        noun="option"
        items={keyed(question.options)}
        onChange={(items) => onChange({ ...question, options: valued(items) })}
      />
    </>
  );
}

function View({ question, answer }: ViewProps<"choice">) {
  const labelOf = (value: string) =>
    question.options.find((option) => option.value === value)?.label || value;
  return <span>{lettered(answer.values.map((chosen) => chosen.map(labelOf).join(" + ") || "—"))}</span>;
}

export const choice: QuestionComponent<"choice"> = {
  name: "Choice",
  fresh: {
    label: "What applies?",
    options: [
      { value: "yes", label: "Yes" },
      { value: "no", label: "No" },
    ],
  },
  Settings,
  Control: List,
  broad: false,
  View,
  summary: ({ values }) => values.flat().join(", "),
  targets: (question, k) => slotsOf(question.per, k).map((slot) => ({ question, slot, item: null })),
  isAnswered: ({ values }, { slot }) => (values[slot ?? 0]?.length ?? 0) > 0,
  isEmpty: ({ values }) => values.every((chosen) => chosen.length === 0),
  digit(question, answer, { target, value, k }) {
    const option = question.options[value - 1];
    return option ? choose(question, answer, { slot: target.slot ?? 0, value: option.value, k }) : null;
  },
  stays: ({ multiple }) => multiple,
  aside: false,
};
