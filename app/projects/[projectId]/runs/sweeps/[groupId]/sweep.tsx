"use client";
import { useQuery } from "@tanstack/react-query";
import { isOver } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { useTRPC } from "@/app/trpc/client";
import { Comparison } from "../../compare/comparison";

/** The runs of one grid: how many are done, and all of them side by side. */
export function Sweep({ projectId, groupId }: { projectId: string; groupId: string }) {
  const trpc = useTRPC();
  const { data: runs, error } = useQuery(trpc.training.group.queryOptions({ projectId, groupId }));
  if (!runs) return <PageHeader title="Sweep">{error?.message}</PageHeader>;
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <Comparison
        projectId={projectId}
        runIds={runs.map(({ id }) => id)}
        header={(now) => (
          <PageHeader title={runs[0].title.split(" · ")[0]}>
            <p className="text-sm text-muted">
              A sweep of {runs.length} runs, {now.filter(isOver).length} over
            </p>
          </PageHeader>
        )}
      />
    </div>
  );
}
