"use client";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { countOf } from "@/server/form/kind/kind";
import type { AnswerOf, QuestionOf } from "@/server/form/schema";
import { ItemList, NumberField, PerField } from "../form-editor/controls";
import { cn } from "../ui/cn";
import { Input } from "../ui/field";
import type { ControlProps, QuestionComponent, SettingsProps, ViewProps } from "./component";
import { Option } from "./option";
import { lettered, letterOf, slotsOf, withAt } from "./target";

type Question = QuestionOf<"rating">;
type Answer = AnswerOf<"rating">;

/** Scales beyond nine points are typed as numbers: 4 then 2 makes 42. */
const isWide = (question: Question): boolean => question.max > 9;

const ratingsOf = (answer: Answer | undefined, question: Question, attribute: string, k: number) =>
  answer?.values[attribute] ?? Array<number | null>(countOf(question, k)).fill(null);

function rate(
  question: Question,
  answer: Answer | undefined,
  { attribute, slot, value, k }: { attribute: string; slot: number; value: number | null; k: number },
): Answer {
  const changed = withAt(ratingsOf(answer, question, attribute, k), slot, value);
  return { type: "rating", values: { ...answer?.values, [attribute]: changed } };
}

function Grid({ question, answer, onAnswer, state, dispatch, first, live }: ControlProps<"rating">) {
  const id = useId();
  const say = useTranslations("question");
  const { k } = state;
  const columns = slotsOf(question.per, k).map((slot) => (slot === null ? null : letterOf(slot)));
  const values = Array.from({ length: question.max - question.min + 1 }, (_, index) => question.min + index);
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
                <bdi>{attribute.label}</bdi>
              </th>
              {columns.map((letter, slot) => {
                const marker = first + row * columns.length + slot;
                const isMarked = live && state.marker === marker;
                const value = ratingsOf(answer, question, attribute.id, k)[slot] ?? null;
                const what = letter ? say("rated", { attribute: attribute.label, letter }) : attribute.label;
                const give = (given: number | null) =>
                  onAnswer(rate(question, answer, { attribute: attribute.id, slot, value: given, k }));
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
                        aria-label={say("range", { what, min: question.min, max: question.max })}
                        placeholder={`${question.min}–${question.max}`}
                        onChange={({ target }) => give(target.value === "" ? null : target.valueAsNumber)}
                        className="h-7 w-24"
                      />
                    ) : (
                      <div className="flex gap-0.5" role="radiogroup" aria-label={what}>
                        {values.map((candidate) => (
                          <Option
                            key={candidate}
                            type="radio"
                            name={`${id}-${attribute.id}-${slot}`}
                            label={say("rating", { what, value: candidate })}
                            checked={value === candidate}
                            onSelect={() => give(candidate)}
                            className="w-7 px-0 tabular"
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

function Settings({ question, onChange }: SettingsProps<"rating">) {
  return (
    <>
      <PerField value={question.per} onChange={(per) => onChange({ ...question, per })} />
      <div className="flex gap-3">
        <NumberField label="From" value={question.min} onChange={(min) => onChange({ ...question, min })} />
        <NumberField label="to" value={question.max} onChange={(max) => onChange({ ...question, max })} />
      </div>
      <ItemList
        title="Attributes"
        noun="attribute"
        items={question.attributes.map(({ id, label }) => ({ key: id, label }))}
        onChange={(items) =>
          onChange({ ...question, attributes: items.map(({ key, label }) => ({ id: key, label })) })
        }
      />
    </>
  );
}

function View({ question, answer }: ViewProps<"rating">) {
  return (
    <ul>
      {Object.entries(answer.values).map(([id, values]) => (
        <li key={id} className="tabular">
          {question.attributes.find((attribute) => attribute.id === id)?.label || id}:{" "}
          {lettered(values.map((value) => value?.toString() ?? "—"))}
        </li>
      ))}
    </ul>
  );
}

export const rating: QuestionComponent<"rating"> = {
  name: "Rating",
  fresh: { label: "How good is each response?", attributes: [{ id: "overall", label: "Overall" }] },
  Settings,
  Control: Grid,
  broad: false,
  View,
  summary: ({ values }, say) => say("summary.ratings", { count: Object.values(values).flat().length }),
  targets: (question, k) =>
    question.attributes.flatMap(({ id }) =>
      slotsOf(question.per, k).map((slot) => ({ question, slot, item: id })),
    ),
  isAnswered: ({ values }, { slot, item }) => item !== null && (values[item]?.[slot ?? 0] ?? null) !== null,
  isEmpty: ({ values }) => Object.values(values).every((all) => all.every((value) => value === null)),
  digit(question, answer, { target: { slot, item }, value, k }) {
    if (item === null) return null;
    const at = slot ?? 0;
    const old = ratingsOf(answer, question, item, k)[at] ?? null;
    const typed = isWide(question) && old !== null ? old * 10 + value : value;
    const given = typed <= question.max ? typed : value;
    if (given > question.max || (given < question.min && !isWide(question))) return null;
    return rate(question, answer, { attribute: item, slot: at, value: given, k });
  },
  stays: isWide,
  aside: false,
};
