"use client";
import type { Question } from "@/server/form/schema";
import { Field, Select } from "../ui/field";
import { ItemList, NumberField, Toggle } from "./controls";

const purposes = ["rationale", "critique", "demonstration", "comment"] as const;
const purposeNames = {
  rationale: "Rationale: why the judgement",
  critique: "Critique: what is wrong",
  demonstration: "Demonstration: the reply one would have written",
  comment: "Comment",
} as const;

const keyed = (options: readonly { value: string; label: string }[]) =>
  options.map(({ value, label }) => ({ key: value, label }));
const valued = (items: readonly { key: string; label: string }[]) =>
  items.map(({ key, label }) => ({ value: key, label }));

/** What can be set of a question beyond its wording. */
export function TypeFields({
  question,
  onChange,
}: {
  question: Question;
  onChange: (question: Question) => void;
}) {
  switch (question.type) {
    case "preference":
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
    case "ranking":
      return (
        <Toggle
          label="Two responses may have the same rank"
          value={question.ties}
          onChange={(ties) => onChange({ ...question, ties })}
        />
      );
    case "rating":
      return (
        <>
          <PerField value={question.per} onChange={(per) => onChange({ ...question, per })} />
          <div className="flex gap-3">
            <NumberField
              label="From"
              value={question.min}
              onChange={(min) => onChange({ ...question, min })}
            />
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
    case "choice":
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
    case "text":
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
    case "edit":
      return null;
  }
}

function PerField({
  value,
  onChange,
}: {
  value: "response" | "task";
  onChange: (value: "response" | "task") => void;
}) {
  return (
    <Field label="Asked of">
      {(control) => (
        <Select
          {...control}
          value={value}
          onChange={(event) => onChange(event.target.value === "task" ? "task" : "response")}
        >
          <option value="response">each response</option>
          <option value="task">the task as a whole</option>
        </Select>
      )}
    </Field>
  );
}
