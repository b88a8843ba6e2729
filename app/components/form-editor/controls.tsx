"use client";
import { Plus, X } from "lucide-react";
import { useId } from "react";
import { Button, IconButton } from "../ui/button";
import { Field, Input, NumberInput, Select, Switch } from "../ui/field";

export function Toggle({
  label,
  value,
  onChange,
}: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <Switch id={id} checked={value} onCheckedChange={onChange} />
      <label htmlFor={id} className="text-sm">
        {label}
      </label>
    </div>
  );
}

export function NumberField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
}) {
  return (
    <Field label={label} className="flex-1">
      {(control) => <NumberInput {...control} value={value} onNumber={onChange} />}
    </Field>
  );
}

/** A list of things with a stored name and a wording: options, chips, attributes. */
export function ItemList({
  title,
  noun,
  items,
  onChange,
}: {
  title: string;
  /** One of them, such as "option". */
  noun: string;
  items: readonly { key: string; label: string }[];
  onChange: (items: { key: string; label: string }[]) => void;
}) {
  const set = (index: number, change: Partial<{ key: string; label: string }>) =>
    onChange(items.map((item, at) => (at === index ? { ...item, ...change } : item)));
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 text-sm font-medium">{title}</legend>
      {items.map((item, index) => (
        <div key={index} className="flex items-center gap-1.5">
          <Input
            aria-label={`Wording of ${noun} ${index + 1}`}
            dir="auto"
            value={item.label}
            onChange={(event) => set(index, { label: event.target.value })}
          />
          <Input
            aria-label={`Stored name of ${noun} ${index + 1}`}
            title="Stored name"
            value={item.key}
            onChange={(event) => set(index, { key: event.target.value })}
            className="w-32 shrink-0 font-mono text-sm"
          />
          <IconButton
            label={`Remove ${noun} ${index + 1}`}
            onClick={() => onChange(items.filter((_, at) => at !== index))}
          >
            <X />
          </IconButton>
        </div>
      ))}
      <Button
        size="sm"
        className="self-start"
        onClick={() => onChange([...items, { key: freeKey(noun, items), label: `New ${noun}` }])}
      >
        <Plus aria-hidden="true" />
        Add {noun}
      </Button>
    </fieldset>
  );
}

function freeKey(noun: string, items: readonly { key: string }[]): string {
  let number = items.length + 1;
  while (items.some(({ key }) => key === `${noun}_${number}`)) number++;
  return `${noun}_${number}`;
}

export const keyed = (options: readonly { value: string; label: string }[]) =>
  options.map(({ value, label }) => ({ key: value, label }));
export const valued = (items: readonly { key: string; label: string }[]) =>
  items.map(({ key, label }) => ({ value: key, label }));

export function PerField({
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
