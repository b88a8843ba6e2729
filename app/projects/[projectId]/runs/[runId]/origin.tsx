import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "@/app/trpc/client";

/** From which model and on which version a training run learns, and the sweep it belongs to; each a link. */
export function Origin({
  projectId,
  modelId,
  versionId,
  groupId,
}: {
  projectId: string;
  modelId: string;
  versionId: string;
  groupId: string | null;
}) {
  const trpc = useTRPC();
  const home = `/projects/${projectId}`;
  const model = useQuery(trpc.model.get.queryOptions({ projectId, modelId }));
  const version = useQuery(trpc.dataset.version.queryOptions({ projectId, versionId }));
  const dataset = useQuery(
    trpc.dataset.get.queryOptions(
      { projectId, datasetId: version.data?.datasetId ?? "" },
      { enabled: version.data !== undefined },
    ),
  );
  if (!model.data || !version.data || !dataset.data) return null;
  return (
    <span>
      of{" "}
      <Link href={`${home}/models/${modelId}`} className="text-ink hover:underline">
        {model.data.name}
      </Link>{" "}
      on{" "}
      <Link href={`${home}/datasets/versions/${versionId}`} className="text-ink hover:underline">
        {dataset.data.name} v{version.data.version}
      </Link>
      {groupId && (
        <>
          , part of{" "}
          <Link href={`${home}/runs/sweeps/${groupId}`} className="text-ink hover:underline">
            a sweep
          </Link>
        </>
      )}
    </span>
  );
}
