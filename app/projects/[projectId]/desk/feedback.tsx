"use client";
import { CircleCheck, CircleDot } from "lucide-react";
import { useTranslations } from "next-intl";
import { inWords } from "@/app/components/question/in-words";
import { Button } from "@/app/components/ui/button";
import type { Feedback } from "@/server/seat/schema";

/** What a rater is told of a task that they have answered and whose answer was known. It waits until it is put away. */
export function FeedbackNote({
  feedback: { right, answers, questions, reason },
  excerpt,
  onClose,
}: {
  feedback: Feedback;
  /** Of the task it was. */
  excerpt: string;
  onClose: () => void;
}) {
  const t = useTranslations("desk.known");
  const say = useTranslations("question");
  const Icon = right ? CircleCheck : CircleDot;
  return (
    <section
      aria-label={t("about")}
      role="status"
      className="flex flex-wrap items-start gap-x-3 gap-y-1 border-b bg-panel px-4 py-2 text-sm"
    >
      <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${right ? "text-good" : "text-muted"}`} />
      <div className="min-w-0 flex-1">
        <p>
          {t(right ? "same" : "differs")}{" "}
          <span className="font-medium">{inWords(questions, answers, say)}</span>
        </p>
        <p dir="auto" className="text-muted">
          {reason}
        </p>
        <p dir="auto" className="truncate text-xs text-muted">
          {excerpt}
        </p>
      </div>
      <Button onClick={onClose}>{t("goOn")}</Button>
    </section>
  );
}
