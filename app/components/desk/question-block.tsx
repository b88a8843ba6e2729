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
