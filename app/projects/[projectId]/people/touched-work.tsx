"use client";
import { useQuery } from "@tanstack/react-query";
import { Touched } from "@/app/components/erasure/touched";
import { useTRPC } from "@/app/trpc/client";

/** The frozen versions that hold a rater's work, each with the models trained on it. */
export function TouchedWork({ projectId, raterId }: { projectId: string; raterId: string }) {
  const trpc = useTRPC();
  const touched = useQuery(trpc.model.touchedBy.queryOptions({ projectId, raterId }));
  if (!touched.data) return <p className="text-sm text-muted">{touched.error?.message ?? "Looking…"}</p>;
  if (touched.data.versions.length === 0)
    return <p className="text-sm text-muted">No frozen version contains their work yet.</p>;
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p>Their work is part of:</p>
      <div className="scroll-thin max-h-64 overflow-y-auto">
        <Touched projectId={projectId} touched={touched.data} />
      </div>
    </div>
  );
}
