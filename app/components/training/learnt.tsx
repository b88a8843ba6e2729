import { FigureInfo } from "@/app/components/figure";
import { Badge } from "@/app/components/ui/badge";
import type { LossCourse } from "@/db/shape/model";
import { learntFrom, learntWords, lossCourseIn, warningOf } from "@/server/statistics/learnt";

/** How the held-out loss went, as a training run's result tells it. */
export const heldOutLossOf = (result: Record<string, unknown> | null): LossCourse | undefined =>
  lossCourseIn(result?.heldOutLoss);

/** Says that a model learnt nothing that shows, or unlearnt; nothing where its held-out loss fell. */
export function LossWarning({ course }: { course: LossCourse | undefined }) {
  const warning = course && warningOf(course);
  if (!warning) return null;
  return (
    <p role="status" className="max-w-prose rounded-md bg-warn-wash px-3 py-2 text-warn">
      {warning} <FigureInfo id="lossCourse" />
    </p>
  );
}

/** The same as a badge, for lists. */
export function LossBadge({ course }: { course: LossCourse | undefined }) {
  const learnt = course ? learntFrom(course) : "fell";
  return learnt === "fell" ? null : <Badge tone="warn">{learntWords[learnt]}</Badge>;
}
