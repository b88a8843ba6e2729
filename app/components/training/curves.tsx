"use client";
import { useMemo } from "react";
import { Curve } from "@/app/components/charts/curve";
import { FigureName } from "@/app/components/figure";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { plotsOf } from "./plots";
import { useCurves } from "./use-curves";

/** A run's curves. The cursor is shared; the data can be downloaded. */
export function Curves({ projectId, runId }: { projectId: string; runId: string }) {
  const { data } = useCurves({ projectId, runId });
  const plots = useMemo(() => plotsOf(data ?? []), [data]);
  if (plots.length === 0) return null;
  return (
    <Section title={<FigureName id="trainingCurves">Curves</FigureName>}>
      <div className="grid gap-x-6 gap-y-8 lg:grid-cols-2 2xl:grid-cols-3">
        {plots.map((plot) => (
          <Curve key={plot.title} {...plot} />
        ))}
      </div>
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
