"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "@/app/trpc/client";

/** The frozen versions that hold a rater's work, each with the models trained on it. */
export function TouchedWork({ projectId, raterId }: { projectId: string; raterId: string }) {
  const trpc = useTRPC();
  const touched = useQuery(trpc.model.touchedBy.queryOptions({ projectId, raterId }));
  if (!touched.data) return <p className="text-sm text-muted">{touched.error?.message ?? "Looking…"}</p>;
  const { versions, models } = touched.data;
  if (versions.length === 0)
    return <p className="text-sm text-muted">No frozen version contains their work yet.</p>;
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p>Their work is part of:</p>
      <ul className="scroll-thin flex max-h-64 flex-col gap-2 overflow-y-auto">
        {versions.map((version) => (
          <li key={version.id}>
            <Link
              href={`/projects/${projectId}/datasets/versions/${version.id}`}
              className="font-medium hover:underline"
            >
              {version.dataset} v{version.version}
            </Link>{" "}
            <span className="text-muted tabular">{version.rows} rows</span>
            {models
              .filter(({ versionId }) => versionId === version.id)
              .map((model) => (
                <p key={model.id} className="ps-4">
                  model{" "}
                  <Link href={`/projects/${projectId}/models/${model.id}`} className="hover:underline">
                    {model.name}
                  </Link>
                </p>
              ))}
          </li>
        ))}
      </ul>
    </div>
  );
}
