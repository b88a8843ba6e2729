"use client";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ChartControls } from "@/app/components/charts/chart-controls";
import { ChartGrid } from "@/app/components/charts/chart-grid";
import { usualSettings } from "@/app/components/charts/settings";
import { FigureName } from "@/app/components/figure";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";
import { curvesAlong, plotsOf } from "./plots";
import { useCurves } from "./use-curves";

/** A run's curves. The cursor is shared; the data can be downloaded. */
export function Curves({ projectId, runId }: { projectId: string; runId: string }) {
  const { data } = useCurves({ projectId, runId });
  const trpc = useTRPC();
  const [settings, setSettings] = useState(usualSettings);
  const clock = useQuery(
    trpc.training.clock.queryOptions({ projectId, runId }, { enabled: settings.x === "time" }),
  );
  // Until it is known when each step was, the plots stay as they are.
  const x = settings.x === "time" && clock.isPending ? "step" : settings.x;
  const plots = useMemo(() => plotsOf(curvesAlong(data ?? [], x, clock.data)), [data, x, clock.data]);
  if (!data?.length) return null;
  return (
    <Section
      title={<FigureName id="trainingCurves">Curves</FigureName>}
      actions={<ChartControls settings={settings} onChange={setSettings} />}
    >
      {plots.length === 0 && settings.x === "tokens" && (
        <p className="text-sm text-muted">This run did not count its tokens.</p>
      )}
      <ChartGrid plots={plots} settings={{ ...settings, x }} className="2xl:grid-cols-3" />
      <Button asChild size="sm" className="self-start">
        <a
          href={`/api/v1/projects/${projectId}/runs/${runId}/metrics?maxPoints=50000`}
          download="metrics.json"
        >
          Download all points
        </a>
      </Button>
    </Section>
  );
}
