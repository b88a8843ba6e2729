"use client";
import { useId } from "react";
import type { QuestionOf } from "@/server/form/schema";
import { cn } from "../ui/cn";
import { Input } from "../ui/field";
import {
  choicesOf,
  choose,
  isWide,
  rate,
  ratingsOf,
  samePreference,
  scaleOf,
  textOf,
  toggleChip,
} from "./answering";
import { Option } from "./question-block";
import type { Action, DeskState } from "./state";
import { letterOf } from "./targets";

export interface QuestionProps<Q> {
  question: Q;
  state: DeskState;
  dispatch: (action: Action) => void;
  /** Index of the question's first target. */
  first: number;
  /** Whether digits act on this question now, so that its keys are shown. */
  live: boolean;
}

export function PreferenceScale({
  question,
  state,
  dispatch,
  live,
}: QuestionProps<QuestionOf<"preference">>) {
  const name = useId();
  const answer = state.answers[question.id];
  const current = answer?.type === "preference" ? answer : undefined;
  const points = scaleOf(question);
  const hasMiddle = points.some((point) => point.answer.outcome === "tie");
  const give = (given: (typeof points)[number]["answer"]) =>
    dispatch({ type: "answer", questionId: question.id, answer: given });
  return (
    <div className="flex flex-wrap gap-1.5 sm:flex-nowrap">
      <div className="flex min-w-full flex-1 gap-1 sm:min-w-0">
        {points.map((point) => (
          <Option
            key={point.key}
            type="radio"
            name={name}
            label={point.label}
            checked={samePreference(current, point.answer)}
            onSelect={() => give(point.answer)}
            hint={live ? (point.answer.outcome === "tie" ? `${point.key} 0` : String(point.key)) : undefined}
            className="h-auto min-h-9 flex-1 px-1 text-center leading-tight max-sm:flex-col max-sm:gap-0 md:min-h-8"
          >
            <span className="max-md:hidden">{point.label}</span>
            <span aria-hidden="true" className="md:hidden">
              {shortLabel(point)}
            </span>
          </Option>
        ))}
      </div>
      {question.tie && !hasMiddle && (
        <Option
          type="radio"
          name={name}
          label="About the same"
          checked={current?.outcome === "tie"}
          onSelect={() => give({ type: "preference", outcome: "tie" })}
          hint={live ? "0" : undefined}
          className="h-auto min-h-8 flex-1 md:ms-2 md:flex-none md:px-3"
        />
      )}
      {question.bothBad && (
        <Option
          type="radio"
          name={name}
          label="Both bad"
          tone="bad"
          checked={current?.outcome === "both_bad"}
          onSelect={() => give({ type: "preference", outcome: "both_bad" })}
          hint={live ? "x" : undefined}
          className="h-auto min-h-8 flex-1 md:ms-2 md:flex-none md:px-3"
        />
      )}
    </div>
  );
}

/** "A+++", "=" or "B+" where seven buttons share the width of a phone. */
function shortLabel({ answer }: { answer: { outcome: string; level?: number } }): string {
  if (answer.outcome === "tie") return "=";
  return `${answer.outcome.toUpperCase()}${"+".repeat(answer.level ?? 1)}`;
}

export function RatingGrid({ question, state, dispatch, first, live }: QuestionProps<QuestionOf<"rating">>) {
  const id = useId();
  const { k } = state;
  const columns = question.per === "task" ? [null] : Array.from({ length: k }, (_, slot) => letterOf(slot));
  const values = Array.from({ length: question.max - question.min + 1 }, (_, index) => question.min + index);
  const give = (attribute: string, slot: number, value: number | null) => {
    const answers = rate(state.answers, question, { attribute, slot, value, k });
    const answer = answers[question.id];
    if (answer) dispatch({ type: "answer", questionId: question.id, answer });
  };
  return (
    <div className="scroll-thin overflow-x-auto">
      <table className="text-sm">
        {columns.length > 1 && (
          <thead className="max-md:hidden">
            <tr>
              <td />
              {columns.map((letter) => (
                <th key={letter} scope="col" className="px-2 text-start text-xs font-semibold text-muted">
                  {letter}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {question.attributes.map((attribute, row) => (
            <tr key={attribute.id} className="max-md:flex max-md:flex-wrap">
              <th scope="row" className="py-0.5 pe-2 text-start font-normal max-md:w-full md:max-w-48">
                {attribute.label}
              </th>
              {columns.map((letter, slot) => {
                const marker = first + row * columns.length + slot;
                const isMarked = live && state.marker === marker;
                const value = ratingsOf(state.answers, question, attribute.id, k)[slot] ?? null;
                const what = letter ? `${attribute.label}, response ${letter}` : attribute.label;
                return (
                  <td
                    key={slot}
                    onPointerDown={() => dispatch({ type: "mark", marker })}
                    className={cn(
                      "rounded-md px-2 py-0.5 max-md:flex max-md:w-full max-md:items-center max-md:gap-2",
                      isMarked && "bg-accent-wash",
                    )}
                  >
                    {letter && (
                      <span aria-hidden="true" className="w-4 text-xs font-semibold text-muted md:hidden">
                        {letter}
                      </span>
                    )}
                    {isWide(question) ? (
                      <Input
                        type="number"
                        inputMode="numeric"
                        min={question.min}
                        max={question.max}
                        value={value ?? ""}
                        aria-label={`${what}, ${question.min} to ${question.max}`}
                        placeholder={`${question.min}–${question.max}`}
                        onChange={(event) =>
                          give(
                            attribute.id,
                            slot,
                            event.target.value === "" ? null : event.target.valueAsNumber,
                          )
                        }
                        className="h-7 w-24"
                      />
                    ) : (
                      <div className="flex gap-0.5" role="radiogroup" aria-label={what}>
                        {values.map((candidate) => (
                          <Option
                            key={candidate}
                            type="radio"
                            name={`${id}-${attribute.id}-${slot}`}
                            label={`${what}: ${candidate}`}
                            checked={value === candidate}
                            onSelect={() => give(attribute.id, slot, candidate)}
                            className="size-7 px-0 tabular"
                          >
                            {candidate}
                          </Option>
                        ))}
                      </div>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ChoiceList({ question, state, dispatch, first, live }: QuestionProps<QuestionOf<"choice">>) {
  const id = useId();
  const { k } = state;
  const rows = choicesOf(state.answers, question, k);
  const give = (slot: number, value: string) => {
    const answer = choose(state.answers, question, { slot, value, k })[question.id];
    if (answer) dispatch({ type: "answer", questionId: question.id, answer });
  };
  return (
    <div className="flex flex-col gap-1">
      {rows.map((chosen, slot) => {
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
                label={letter ? `Response ${letter}: ${option.label}` : option.label}
                checked={chosen.includes(option.value)}
                onSelect={() => give(slot, option.value)}
                hint={isMarked && index < 9 ? String(index + 1) : undefined}
              >
                {option.label}
              </Option>
            ))}
          </div>
        );
      })}
    </div>
  );
}

export function Chips({ question, state, dispatch, live }: QuestionProps<QuestionOf<"text">>) {
  const { chips } = textOf(state.answers, question);
  if (question.chips.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-1">
      {question.chips.map((chip, index) => (
        <Option
          key={chip.value}
          type="checkbox"
          name={`${question.id}-chip`}
          label={chip.label}
          checked={chips.includes(chip.value)}
          onSelect={() => {
            const answer = toggleChip(state.answers, question, chip.value)[question.id];
            if (answer) dispatch({ type: "answer", questionId: question.id, answer });
          }}
          hint={live && index < 9 ? String(index + 1) : undefined}
        />
      ))}
    </div>
  );
}
