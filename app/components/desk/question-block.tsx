"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useSaid } from "@/app/i18n/said";
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
  /** After the label and a colon. */
  problem: string | undefined;
  /** The key that goes to this question. */
  hint?: string;
  onMark: () => void;
  children: ReactNode;
}) {
  const t = useTranslations("desk.bar");
  const said = useSaid();
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
        <bdi className="font-medium">{question.label}</bdi>
        {!question.required && <span className="text-xs text-muted">{t("optional")}</span>}
        {hint && <Kbd className="self-center">{hint}</Kbd>}
        {question.help && <bdi className="min-w-0 text-xs text-muted">{question.help}</bdi>}
      </div>
      {children}
      {problem && (
        <p role="alert" className="mt-1 text-xs font-medium text-bad">
          <bdi>{question.label}</bdi>: {said(problem.slice(question.label.length + 2))}
        </p>
      )}
    </fieldset>
  );
}
