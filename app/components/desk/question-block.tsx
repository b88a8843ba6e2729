"use client";
import type { ReactNode } from "react";
import type { Question } from "@/server/form/schema";
import { cn } from "../ui/cn";
import { Kbd } from "../ui/kbd";

/** A question with its label, its help and what is wrong with the answer. The bar at its side is the marker. */
export function QuestionBlock({
  question,
  marked,
  problem,
  hint,
  onMark,
  children,
}: {
  question: Question;
  marked: boolean;
  problem: string | undefined;
  /** The key that goes to this question. */
  hint?: string;
  onMark: () => void;
  children: ReactNode;
}) {
  return (
    <fieldset
      data-question={question.id}
      data-marked={marked || undefined}
      onFocus={marked ? undefined : onMark}
      className={cn(
        "min-w-0 border-s-2 ps-3 pe-1",
        marked ? "border-accent" : "border-transparent max-md:hidden",
      )}
    >
      <legend className="sr-only">{question.label}</legend>
      <div aria-hidden="true" className="mb-1.5 flex items-baseline gap-2 text-sm">
        <span className="font-medium">{question.label}</span>
        {!question.required && <span className="text-xs text-muted">optional</span>}
        {hint && <Kbd className="self-center">{hint}</Kbd>}
        {question.help && <span className="min-w-0 text-xs text-muted">{question.help}</span>}
      </div>
      {children}
      {problem && (
        <p role="alert" className="mt-1 text-xs font-medium text-bad">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

/** A radio button or checkbox that looks like a key: the native control stays, so every assistive tool knows it. */
export function Option({
  type,
  name,
  checked,
  onSelect,
  hint,
  label,
  tone = "accent",
  className,
  children,
}: {
  type: "radio" | "checkbox";
  name: string;
  checked: boolean;
  onSelect: () => void;
  /** The key that selects it, while it is live; two keys with a blank between. */
  hint?: string;
  label: string;
  tone?: "accent" | "bad";
  className?: string;
  children?: ReactNode;
}) {
  return (
    <label
      className={cn(
        "touch-target relative inline-flex h-7 cursor-pointer select-none items-center justify-center gap-1.5 rounded-md border border-line-strong bg-surface px-2 text-sm hover:bg-hover",
        "has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2",
        checked && tone === "accent" && "border-accent bg-accent font-medium text-accent-ink hover:bg-accent",
        checked && tone === "bad" && "border-bad bg-bad font-medium text-bad-ink hover:bg-bad",
        className,
      )}
    >
      <input
        type={type}
        name={name}
        checked={checked}
        onChange={onSelect}
        aria-label={label}
        aria-keyshortcuts={hint}
        className="absolute inset-0 z-10 cursor-pointer opacity-0"
      />
      {children ?? label}
      {hint?.split(" ").map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
    </label>
  );
}
