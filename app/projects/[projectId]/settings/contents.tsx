"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { amount, bytes, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";

const rows = [
  ["prompts", "Prompts"],
  ["responses", "Responses"],
  ["tasks", "Tasks"],
  ["judgements", "Judgements, all revisions"],
  ["raters", "Raters"],
  ["members", "Memberships"],
  ["versions", "Dataset versions"],
  ["models", "Models"],
  ["evaluations", "Evaluations"],
  ["runs", "Runs, with logs, curves and samples"],
  ["uploads", "Uploads"],
] as const;

/** All that would go with the project, and what has to end before. */
export function Contents({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const contents = useQuery(trpc.project.contents.queryOptions({ projectId }, { refetchInterval: 10_000 }));
  if (!contents.data) return <p className="text-sm text-muted">{contents.error?.message ?? "Counting…"}</p>;
  const { files, sharedFiles, going } = contents.data;
  return (
    <div className="flex flex-col gap-3 text-sm">
      <dl className="grid max-w-prose grid-cols-[1fr_max-content] gap-x-4 gap-y-1">
        {rows.map(([name, title]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{title}</dt>
            <dd className="text-end tabular">{amount(contents.data[name])}</dd>
          </div>
        ))}
        <div className="contents">
          <dt className="text-muted">Files of uploads, runs and models</dt>
          <dd className="text-end tabular">
            {amount(files.count)} ({bytes(files.bytes)})
          </dd>
        </div>
      </dl>
      {sharedFiles.count > 0 && (
        <p className="text-muted">
          {counted(sharedFiles.count, "file")} more ({bytes(sharedFiles.bytes)}) will stay, because other
          projects have the same.
        </p>
      )}
      {going.length > 0 && (
        <p role="status" className="text-bad">
          Still running: {going.map(({ title }) => title).join(", ")}.{" "}
          <Link href={`/projects/${projectId}/runs`} className="underline">
            Cancel what runs
          </Link>{" "}
          before you delete the project.
        </p>
      )}
    </div>
  );
}
