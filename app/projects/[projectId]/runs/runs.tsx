"use client";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { Play } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { isOver, RunBadge, RunProgressLine } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { heldOutLossOf, LossBadge } from "@/app/components/training/learnt";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Checkbox } from "@/app/components/ui/field";
import { Table, Td, Th, Tr } from "@/app/components/ui/table";
import { counted, duration } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { listedKinds, runKinds } from "@/db/shape/run-kinds";
import { trainingMethods } from "@/server/training/schema";

/** All background work of the project, live. */
export function Runs({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [picked, setPicked] = useState<readonly string[]>([]);
  const list = trpc.run.list.infiniteQueryOptions(
    { projectId, kinds: listedKinds },
    { getNextPageParam: (page) => page.nextCursor },
  );
  const runs = useInfiniteQuery(list);
  const workers = useQuery(trpc.run.workers.queryOptions({ projectId }, { refetchInterval: 15_000 }));
  useSubscription(
    trpc.run.watchAll.subscriptionOptions(
      { projectId },
      { onData: () => void client.invalidateQueries({ queryKey: list.queryKey }) },
    ),
  );
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader
        title="Runs"
        actions={
          picked.length > 1 && (
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/runs/compare?ids=${picked.join(",")}`}>
                Compare {picked.length} runs
              </Link>
            </Button>
          )
        }
      >
        {workers.data && (
          <p className="text-sm text-muted">
            {workers.data.length === 0
              ? "No worker is connected: runs wait until one is."
              : `${counted(workers.data.length, "worker")}: ${[...new Set(workers.data.flatMap(({ capabilities }) => capabilities.engines))].join(", ")}`}
          </p>
        )}
      </PageHeader>
      {items.length === 0 && runs.isSuccess ? (
        <Empty
          icon={<Play />}
          title="No runs yet"
          action={
            <Button asChild variant="primary">
              <Link href={`/projects/${projectId}/import`}>Import prompts</Link>
            </Button>
          }
        >
          Imports, dataset versions, exports and training appear here with their progress, log and files.
        </Empty>
      ) : (
        <Table label="Runs">
          <thead>
            <tr>
              <Th className="w-8">
                <span className="sr-only">Compare</span>
              </Th>
              <Th>Run</Th>
              <Th>Kind</Th>
              <Th>Status</Th>
              <Th className="w-64">Progress</Th>
              <Th numeric>Took</Th>
              <Th>Started</Th>
            </tr>
          </thead>
          <tbody>
            {items.map((run) => (
              <Tr key={run.id}>
                <Td>
                  {trainingMethods.some((method) => method === run.kind) && (
                    <Checkbox
                      aria-label={`Compare ${run.title}`}
                      checked={picked.includes(run.id)}
                      onCheckedChange={(on) =>
                        setPicked((all) =>
                          on === true ? [...all, run.id] : all.filter((id) => id !== run.id),
                        )
                      }
                    />
                  )}
                </Td>
                <Td>
                  <Link
                    href={`/projects/${projectId}/runs/${run.id}`}
                    className="font-medium hover:underline"
                  >
                    {run.title}
                  </Link>
                  {run.error && <p className="max-w-prose text-xs text-bad">{run.error}</p>}
                </Td>
                <Td>{runKinds[run.kind].title}</Td>
                <Td>
                  <RunBadge status={run.status} /> <LossBadge course={heldOutLossOf(run.result)} />
                </Td>
                <Td>
                  {run.progress && !isOver(run) && (
                    <RunProgressLine title={run.title} progress={run.progress} />
                  )}
                </Td>
                <Td numeric>
                  {run.startedAt && run.finishedAt
                    ? duration((run.finishedAt.getTime() - run.startedAt.getTime()) / 1000)
                    : ""}
                </Td>
                <Td className="whitespace-nowrap text-muted">
                  <time dateTime={(run.startedAt ?? run.createdAt).toISOString()} suppressHydrationWarning>
                    {(run.startedAt ?? run.createdAt).toLocaleString()}
                  </time>
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      {runs.hasNextPage && (
        <Button
          className="m-3 self-center"
          busy={runs.isFetchingNextPage}
          onClick={() => void runs.fetchNextPage()}
        >
          Older runs
        </Button>
      )}
    </>
  );
}
