"use client";
import { PenLine } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import type { AnswerOf } from "@/server/form/schema";
import { ItemList, keyed, NumberField, valued } from "../form-editor/controls";
import { Markdown } from "../markdown/markdown";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { Field, Select, Textarea } from "../ui/field";
import type { ControlProps, QuestionComponent, SettingsProps, ViewProps } from "./component";
import { countWords } from "./count-words";
import { Option } from "./option";

type Answer = AnswerOf<"text">;

const empty: Answer = { type: "text", text: "", chips: [] };

const purposes = ["rationale", "critique", "demonstration", "comment"] as const;
const purposeNames = {
  rationale: "Rationale: why the judgement",
  critique: "Critique: what is wrong",
  demonstration: "Demonstration: the reply one would have written",
  comment: "Comment",
} as const;

function toggleChip(answer = empty, value: string): Answer {
  const chips = answer.chips.includes(value)
    ? answer.chips.filter((chip) => chip !== value)
    : [...answer.chips, value];
  return { ...answer, chips };
}

/** Reasons to tick and a text that grows with what is written. A demonstration has the workbench to itself. */
function Control(props: ControlProps<"text">) {
  const { question, answer = empty, state, dispatch, keyOf } = props;
  const say = useTranslations("question");
  // Without responses the workbench is always open.
  if (question.purpose === "demonstration" && state.k === 0) return <Chips {...props} />;
  if (question.purpose === "demonstration")
    return (
      <div className="flex items-center gap-2">
        <Chips {...props} />
        <Button
          size="sm"
          hint={keyOf("write")}
          onClick={() => dispatch({ type: "write", questionId: question.id })}
        >
          <PenLine aria-hidden="true" />
          {answer.text.trim()
            ? say("goOnWriting", { words: say("words", { count: countWords(answer.text) }) })
            : say("writeReply")}
        </Button>
      </div>
    );
  return (
    <div className="flex flex-wrap items-start gap-x-2 gap-y-1.5">
      <Chips {...props} />
      <Prose {...props} />
    </div>
  );
}

function Chips({ question, answer = empty, onAnswer, keyOfChip }: ControlProps<"text">) {
  if (question.chips.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-1">
      {question.chips.map((chip) => (
        <Option
          key={chip.value}
          type="checkbox"
          name={`${question.id}-chip`}
          label={chip.label}
          checked={answer.chips.includes(chip.value)}
          onSelect={() => onAnswer(toggleChip(answer, chip.value))}
          hint={keyOfChip(chip.value)}
        />
      ))}
    </div>
  );
}

function Prose({ question, answer = empty, onAnswer, state, dispatch }: ControlProps<"text">) {
  const box = useRef<HTMLTextAreaElement>(null);
  const say = useTranslations("question");
  const writing = state.mode.name === "writing" && state.mode.questionId === question.id;
  useEffect(() => {
    if (writing) box.current?.focus();
    else if (document.activeElement === box.current) box.current?.blur();
  }, [writing]);
  return (
    <Textarea
      ref={box}
      rows={1}
      value={answer.text}
      maxLength={question.maxLength}
      aria-label={question.label}
      placeholder={say(question.purpose === "critique" ? "whatIsWrong" : "inYourWords")}
      onFocus={() => !writing && dispatch({ type: "write", questionId: question.id })}
      onBlur={() => writing && dispatch({ type: "close" })}
      onChange={(event) => onAnswer({ ...answer, text: event.target.value })}
      className="field-sizing-content max-h-40 min-h-7 w-auto min-w-64 flex-1 resize-none py-0.5"
    />
  );
}

function Settings({ question, onChange }: SettingsProps<"text">) {
  return (
    <>
      <Field label="Purpose">
        {(control) => (
          <Select
            {...control}
            value={question.purpose}
            onChange={({ target: { value } }) =>
              onChange({
                ...question,
                purpose: purposes.find((purpose) => purpose === value) ?? question.purpose,
              })
            }
          >
            {purposes.map((purpose) => (
              <option key={purpose} value={purpose}>
                {purposeNames[purpose]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="flex gap-3">
        <NumberField
          label="At least, characters"
          value={question.minLength}
          onChange={(minLength) => onChange({ ...question, minLength })}
        />
        <NumberField
          label="At most"
          value={question.maxLength}
          onChange={(maxLength) => onChange({ ...question, maxLength })}
        />
      </div>
      <ItemList
        title="Reasons to tick"
        noun="reason"
        items={keyed(question.chips)}
        onChange={(items) => onChange({ ...question, chips: valued(items) })}
      />
    </>
  );
}

function View({ question, answer }: ViewProps<"text">) {
  const labelOf = (chip: string) => question.chips.find((option) => option.value === chip)?.label || chip;
  return (
    <div className="flex flex-col items-start gap-1">
      {answer.chips.length > 0 && (
        <span className="flex flex-wrap gap-1">
          {answer.chips.map((chip) => (
            <Badge key={chip}>{labelOf(chip)}</Badge>
          ))}
        </span>
      )}
      {answer.text && <Markdown text={answer.text} className="w-full text-sm" />}
    </div>
  );
}

export const text: QuestionComponent<"text"> = {
  name: "Text",
  fresh: { label: "Why?", required: false },
  Settings,
  Control,
  broad: false,
  View,
  summary: (answer) =>
    answer.text
      ? `“${answer.text.slice(0, 24)}${answer.text.length > 24 ? "…" : ""}”`
      : answer.chips.join(", "),
  targets: (question) => [{ question, slot: null, item: null }],
  isAnswered: (answer) => answer.text.trim() !== "" || answer.chips.length > 0,
  isEmpty: (answer) => answer.text.trim() === "" && answer.chips.length === 0,
  digit: () => null,
  stays: () => false,
  aside: true,
  chips: { of: ({ chips }) => chips.map(({ value }) => value), toggle: toggleChip },
  mode: "writing",
  hint: ({ purpose }) => (purpose === "demonstration" ? null : "write"),
  bench: {
    isFor: ({ purpose }) => purpose === "demonstration",
    of: ({ question, answer = empty, onAnswer }) => ({
      title: <span className="text-sm font-medium">{question.label}</span>,
      label: question.label,
      text: answer.text,
      onText: (text) => onAnswer({ ...answer, text }),
      focusOn: question.id,
      original: null,
      maxLength: question.maxLength,
      begin: { type: "write", questionId: question.id },
    }),
  },
};
