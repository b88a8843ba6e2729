import type { inferRouterOutputs } from "@trpc/server";
import { Badge } from "@/app/components/ui/badge";
import { Progress } from "@/app/components/ui/progress";
import { amount, bytes, duration } from "@/app/components/units";
import type { RunProgress } from "@/db/shape/run";
import type { AppRouter } from "@/server/root";

export type Run = inferRouterOutputs<AppRouter>["run"]["get"];

const tones = {
  queued: "neutral",
  running: "accent",
  succeeded: "good",
  failed: "bad",
  cancelled: "warn",
} as const;

export const isOver = (run: Pick<Run, "status">) => run.status !== "queued" && run.status !== "running";

export function RunBadge({ status }: Pick<Run, "status">) {
  return <Badge tone={tones[status]}>{status}</Badge>;
}

/** The bar, and in words: how far, how fast, how long still. */
export function RunProgressLine({ title, progress }: { title: string; progress: RunProgress }) {
  return (
    <div className="flex flex-col gap-1">
      {progress.total !== undefined && <Progress value={progress.done} of={progress.total} label={title} />}
      <p className="text-xs text-muted tabular">{progressText(progress)}</p>
    </div>
  );
}

function progressText({ done, total, unit, rate, secondsLeft, message }: RunProgress): string {
  const count = unit === "bytes" ? bytes : amount;
  const much = (value: number) => (unit === "bytes" ? bytes(value) : `${amount(value)} ${unit}`);
  const parts = [
    total === undefined ? much(done) : `${count(done)} of ${much(total)}`,
    rate ? `${much(rate)}/s` : "",
    secondsLeft !== undefined && secondsLeft > 0 ? `${duration(secondsLeft)} left` : "",
    message ?? "",
  ];
  return parts.filter(Boolean).join(" · ");
}
