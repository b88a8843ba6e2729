"use client";
import { PageHeader } from "@/app/components/shell/page-header";
import { Empty } from "@/app/components/ui/empty";
import { Comparison } from "./comparison";

/** Runs that somebody ticked, side by side. */
export function Compare({ projectId, runIds }: { projectId: string; runIds: readonly string[] }) {
  if (runIds.length < 2)
    return (
      <>
        <PageHeader title="Compare runs" />
        <Empty title="Choose two runs or more">Tick them in the list of runs, then press Compare.</Empty>
      </>
    );
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <Comparison
        projectId={projectId}
        runIds={runIds}
        header={() => (
          <PageHeader title="Compare runs">
            <p className="text-sm text-muted">{runIds.length} runs</p>
          </PageHeader>
        )}
      />
    </div>
  );
}
