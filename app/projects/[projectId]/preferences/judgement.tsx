import type { ReactNode } from "react";
import { FigureInfo } from "@/app/components/figure";
import { letterOf } from "@/app/components/question/target";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { cn } from "@/app/components/ui/cn";
import { When } from "@/app/components/ui/when";
import { duration } from "@/app/components/units";
import type { InView } from "@/db/shape/judgement";
import type { ReviewDetail } from "@/server/review/schema";
import { AnswersView } from "./answers-view";
import type { Curation } from "./curation-dialog";

/** What was never on the rater's screen is what a reader looks for: all of it in view is said in two words. */
function InViewNote({ prompt, responses }: InView) {
  const parts = [
    { name: "prompt", share: prompt.share },
    ...responses.map(({ share }, index) => ({ name: letterOf(index), share })),
  ];
  const partly = parts.filter(({ share }) => share < 0.995);
  return (
    <span className="inline-flex items-center gap-0.5">
      {partly.length === 0
        ? "all in view"
        : `in view: ${partly.map(({ name, share }) => `${Math.floor(share * 100)} % of ${name}`).join(", ")}`}
      <FigureInfo id="inView" />
    </span>
  );
}

type Given = ReviewDetail["annotations"][number];

/** One rater's judgement: what was answered, how it was shown, how long it took, what became of it. */
export function Judgement({
  given,
  detail,
  isMarked = false,
  onCurate,
  action,
  remarks,
}: {
  given: Given;
  detail: ReviewDetail;
  /** The judgement from which the detail was opened: keys act on it. */
  isMarked?: boolean;
  onCurate?: (curation: Curation) => void;
  /** What else can be done with it. */
  action?: ReactNode;
  /** What was written about it. */
  remarks?: ReactNode;
}) {
  const { questions, responses, task } = detail;
  const annotationIds = [given.id];
  return (
    <li className={cn("rounded-lg border bg-surface", isMarked && "border-accent")}>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1.5 text-xs text-muted">
        <span className="text-sm font-semibold text-ink">{given.rater.name}</span>
        {given.origin !== "desk" && <Badge>{given.origin}</Badge>}
        {given.revision > 1 && <span>revision {given.revision}</span>}
        {given.excludedAt && <Badge tone="bad">excluded</Badge>}
        {given.withdrawnAt && <Badge tone="warn">taken back</Badge>}
        <When at={given.submittedAt} />
        {given.visibleMs !== null && <span>in view {duration(given.visibleMs / 1000)}</span>}
        {given.inView && <InViewNote {...given.inView} />}
        {given.order.length > 1 && <span>saw {given.order.map(letterOf).join(", ")}</span>}
        {given.guidelineVersion !== null && <span>guidelines v{given.guidelineVersion}</span>}
        {action && <span className="ms-auto">{action}</span>}
        {onCurate && (
          <span className="ms-auto flex gap-1">
            {given.assignmentId && (
              <Button
                size="sm"
                variant="ghost"
                hint={isMarked ? "b" : undefined}
                onClick={() => onCurate({ action: "sendBack", annotationIds })}
              >
                Send back
              </Button>
            )}
            <Button
              size="sm"
              variant="ghost"
              hint={isMarked ? "e" : undefined}
              onClick={() => onCurate({ action: given.excludedAt ? "include" : "exclude", annotationIds })}
            >
              {given.excludedAt ? "Include" : "Exclude"}
            </Button>
          </span>
        )}
      </header>
      <div className="flex flex-col gap-2 px-3 py-2">
        {given.flagReason && (
          <p className="text-sm">
            <Badge tone="warn">flagged</Badge> <span dir="auto">{given.flagReason}</span>
          </p>
        )}
        {given.excludedReason && (
          <p className="text-sm">
            <Badge tone="bad">excluded</Badge> <span dir="auto">{given.excludedReason}</span>
          </p>
        )}
        <AnswersView
          questions={questions}
          answers={given.answers}
          responses={responses}
          lang={task.language}
        />
        {remarks}
      </div>
    </li>
  );
}
