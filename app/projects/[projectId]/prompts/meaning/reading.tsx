"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { isOver, RunBadge, RunProgressLine } from "@/app/components/run/status";
import { Button } from "@/app/components/ui/button";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import type { MeaningStanding } from "@/server/meaning/schema";

/** How much of the project a model has read, and what lets it read the rest. */
export function Reading({
  projectId,
  texts,
  model,
  mayManage,
}: {
  projectId: string;
  texts: MeaningStanding["texts"];
  model: MeaningStanding["models"][number];
  mayManage: boolean;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const refresh = useCallback(
    () =>
      Promise.all(
        [trpc.meaning.standing.pathKey(), trpc.meaning.map.pathKey()].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
    [client, trpc],
  );
  const embed = useMutation(trpc.meaning.embed.mutationOptions({ onSettled: refresh }));
  const of = texts.prompts + texts.responses;
  const read = model.prompts + model.responses;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pb-3 text-sm md:px-6">
      <p className="text-muted tabular" aria-live="polite">
        {model.name} has read {amount(read)} of {amount(of)} texts.
      </p>
      {model.runId ? (
        <UnderWay projectId={projectId} runId={model.runId} onEnd={refresh} />
      ) : (
        mayManage &&
        read < of && (
          <Button
            size="sm"
            onClick={() => embed.mutate({ projectId, modelId: model.modelId })}
            disabled={embed.isPending}
          >
            Let it read the {read > 0 ? "new ones" : "texts"}
          </Button>
        )
      )}
      {embed.error && (
        <p role="alert" className="basis-full text-bad">
          {embed.error.message}
        </p>
      )}
    </div>
  );
}

function UnderWay({
  projectId,
  runId,
  onEnd,
}: {
  projectId: string;
  runId: string;
  onEnd: () => Promise<unknown>;
}) {
  const trpc = useTRPC();
  const { data: run } = useQuery(
    trpc.run.get.queryOptions(
      { projectId, runId },
      { refetchInterval: ({ state: { data } }) => (data && isOver(data) ? false : 1000) },
    ),
  );
  const isDone = run !== undefined && isOver(run);
  useEffect(() => {
    if (isDone) void onEnd();
  }, [isDone, onEnd]);
  if (!run) return null;
  return (
    <div className="flex min-w-48 items-center gap-3">
      <RunBadge status={run.status} />
      {run.progress && <RunProgressLine title={run.title} progress={run.progress} />}
    </div>
  );
}
