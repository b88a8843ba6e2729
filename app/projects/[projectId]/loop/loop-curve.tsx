import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Curve } from "@/app/components/charts/curve";
import { isOver, type Run } from "@/app/components/run/status";
import { MAX_POINTS } from "@/app/components/training/max-points";
import { plotsOf } from "@/app/components/training/plots";
import { useTRPC } from "@/app/trpc/client";

const REFRESH_MS = 2000;

/** The one curve of a step that tells most: its loss. */
export function LoopCurve({ projectId, run, title }: { projectId: string; run: Run; title: string }) {
  const trpc = useTRPC();
  const { data } = useQuery(
    trpc.training.curves.queryOptions(
      { projectId, runId: run.id, maxPoints: MAX_POINTS },
      { enabled: run.status !== "queued", refetchInterval: isOver(run) ? false : REFRESH_MS },
    ),
  );
  const plot = useMemo(() => plotsOf(data ?? []).find((one) => one.title === "Loss"), [data]);
  // The place is kept, so that nothing moves when the first point comes.
  if (!plot)
    return (
      <figure className="min-h-56 min-w-0">
        <figcaption className="text-sm font-medium">
          {title} <span className="font-normal text-muted">(no points yet)</span>
        </figcaption>
      </figure>
    );
  return <Curve title={`${title}: loss`} unit={plot.unit} lines={plot.lines} />;
}
