"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Field, Textarea } from "@/app/components/ui/field";
import { FormDialog } from "@/app/components/ui/form-dialog";
import { duration } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { type Endpoint, probeResultSchema } from "@/server/endpoint/schema";

/** One question to an endpoint, and what it says. */
export function TryEndpoint({
  projectId,
  endpoint,
  onClose,
}: {
  projectId: string;
  endpoint: Endpoint;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [prompt, setPrompt] = useState("");
  const ask = useMutation(trpc.endpoint.probe.mutationOptions());
  const runId = ask.data?.runId;
  const run = useQuery(
    trpc.run.get.queryOptions(
      { projectId, runId: runId ?? "" },
      {
        enabled: runId !== undefined,
        refetchInterval: ({ state }) => (state.data?.finishedAt ? false : 500),
      },
    ),
  );
  const isOver = run.data?.finishedAt != null;
  const listKey = trpc.endpoint.list.queryKey({ projectId });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each answer: it has cost something
  useEffect(() => {
    if (isOver) void client.invalidateQueries({ queryKey: listKey });
  }, [isOver, runId]);
  const result = probeResultSchema.safeParse(isOver ? run.data?.result : undefined).data;
  const problem = ask.error?.message ?? run.data?.error ?? result?.problem;
  return (
    <FormDialog
      onOpenChange={onClose}
      title={`Try ${endpoint.name}`}
      description="It is asked once, at temperature 0. The answer costs what its tokens cost."
      submit="Ask"
      busy={ask.isPending || (runId !== undefined && !isOver)}
      error={problem ? { message: problem } : null}
      onSubmit={() => ask.mutate({ projectId, endpointId: endpoint.id, prompt })}
    >
      <Field label="Prompt">
        {(control) => (
          <Textarea
            {...control}
            required
            maxLength={20_000}
            autoFocus
            value={prompt}
            onChange={({ target }) => setPrompt(target.value)}
          />
        )}
      </Field>
      {result?.reply && (
        <div role="status" className="flex flex-col gap-1">
          <p
            dir="auto"
            className="scroll-thin max-h-60 overflow-y-auto whitespace-pre-wrap rounded-md bg-sunken p-3"
          >
            {result.reply.text || "(nothing)"}
          </p>
          <p className="text-xs text-muted tabular">
            {result.reply.model ?? endpoint.model},{" "}
            {ending[result.reply.finishReason] ?? result.reply.finishReason}, after{" "}
            {duration(result.reply.milliseconds / 1000)}
          </p>
        </div>
      )}
    </FormDialog>
  );
}

const ending: Record<string, string> = {
  stop: "to its end",
  length: "cut at 1,024 tokens",
  refused: "declined",
  filtered: "withheld by its provider",
};
