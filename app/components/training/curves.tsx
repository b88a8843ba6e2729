"use client";
import { useQuery } from "@tanstack/react-query";
import { Curve } from "@/app/components/charts/curve";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { useTRPC } from "@/app/trpc/client";
import { plotsOf } from "./plots";

/** A run's curves. The cursor is shared; the data can be downloaded. */
export function Curves({ projectId, runId }: { projectId: string; runId: string }) {
  const trpc = useTRPC();
  const curves = useQuery(trpc.training.curves.queryOptions({ projectId, runId }));
  if (!curves.data?.length) return null;
  return (
    <Section title="Curves">
      <div className="grid gap-6 lg:grid-cols-2 2xl:grid-cols-3">
        {plotsOf(curves.data).map((plot) => (
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
