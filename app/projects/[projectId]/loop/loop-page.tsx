"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import Link from "next/link";
import { isOver, RunBadge, RunProgressLine } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { heldOutLossOf, LossBadge } from "@/app/components/training/learnt";
import { Button } from "@/app/components/ui/button";
import { Section } from "@/app/components/ui/section";
import { useToast } from "@/app/components/ui/toast";
import { duration } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { type Loop, type LoopStep, secondsLeft } from "@/server/demo/schema";
import { BlindResult } from "./blind-result";
import { LoopCurve } from "./loop-curve";
import { Replies } from "./replies";
import { StartLoop } from "./start-loop";

/** What happens in a step, for somebody who sees it for the first time. */
const told: Record<LoopStep, { title: string; text: string }> = {
  freeze: { title: "Freeze", text: "The judgements become a dataset version that never changes." },
  new_model: {
    title: "Base",
    text: "A model from random numbers learns to write from all replies, good and bad.",
  },
  sft: { title: "SFT", text: "It learns the replies that were preferred." },
  reward: {
    title: "Reward model",
    text: "A second model learns to tell the better reply from the worse one.",
  },
  preference: { title: "DPO", text: "The first moves towards preferred replies and away from the others." },
  evaluate: { title: "Blind pairs", text: "Base and tuned model answer prompts that neither learnt from." },
};

/** The whole loop on one page: started here, or how it goes. */
export function LoopPage({ projectId, mayManage }: { projectId: string; mayManage: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const loop = useQuery(trpc.loop.get.queryOptions({ projectId }));
  useSubscription(
    trpc.run.watchAll.subscriptionOptions(
      { projectId },
      { onData: () => void client.invalidateQueries({ queryKey: trpc.loop.get.queryKey({ projectId }) }) },
    ),
  );
  if (loop.data === undefined) return <PageHeader title="The whole loop">{loop.error?.message}</PageHeader>;
  if (loop.data === null) return <StartLoop />;
  return <Going projectId={projectId} loop={loop.data} mayManage={mayManage} />;
}

function Going({ projectId, loop, mayManage }: { projectId: string; loop: Loop; mayManage: boolean }) {
  const home = `/projects/${projectId}`;
  const { steps, models } = loop;
  const runOf = (step: LoopStep) => steps.find((one) => one.step === step)?.run;
  const evaluate = runOf("evaluate");
  const isDone = evaluate?.status === "succeeded";
  const isStuck = steps.some(({ run }) => run.status === "failed" || run.status === "cancelled");
  return (
    <div className="scroll-thin min-h-0 flex-1 overflow-y-auto pb-10">
      <PageHeader
        title="The whole loop"
        actions={mayManage && <Controls projectId={projectId} loop={loop} />}
      >
        <p className="text-sm text-muted" role="status" suppressHydrationWarning>
          {isDone
            ? "The machines are done; the rest is yours."
            : isStuck
              ? "It stands still."
              : `About ${duration(secondsLeft(loop, Date.now()))} left on this machine.`}
        </p>
      </PageHeader>
      <div className="flex flex-col gap-8 px-4 md:px-6">
        <ol className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
          {steps.map(({ step, run }, i) => (
            <li key={step} className="flex flex-col gap-1 rounded-md border p-3">
              <p className="flex flex-wrap items-center gap-2">
                <Link href={`${home}/runs/${run.id}`} className="font-medium hover:underline">
                  {i + 1}. {told[step].title}
                </Link>
                <RunBadge status={run.status} /> <LossBadge course={heldOutLossOf(run.result)} />
              </p>
              <p className="text-sm text-muted">{told[step].text}</p>
              {run.error && <p className="text-sm text-bad">{run.error}</p>}
              {run.progress && !isOver(run) && (
                <RunProgressLine title={told[step].title} progress={run.progress} />
              )}
            </li>
          ))}
        </ol>
        <div className="grid gap-6 sm:grid-cols-2 xl:grid-cols-4">
          {(["new_model", "sft", "reward", "preference"] as const).flatMap((step) => {
            const run = runOf(step);
            return run
              ? [<LoopCurve key={step} run={run} title={told[step].title} projectId={projectId} />]
              : [];
          })}
        </div>
        <Replies projectId={projectId} before={runOf("sft")} after={runOf("preference")} />
        {isDone && (
          <Section title="Ten blind pairs">
            <BlindResult projectId={projectId} modelId={models.preference} />
          </Section>
        )}
      </div>
    </div>
  );
}

/** Ends what waits and what runs, last step first so that none begins meanwhile; or goes on where it stopped. */
function Controls({ projectId, loop: { steps } }: { projectId: string; loop: Loop }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const settled = {
    onError: ({ message }: { message: string }) => toast({ title: message, tone: "bad" }),
    onSettled: () => client.invalidateQueries({ queryKey: trpc.loop.get.queryKey({ projectId }) }),
  };
  const cancel = useMutation(trpc.run.cancel.mutationOptions());
  const retry = useMutation(trpc.run.retry.mutationOptions());
  const each = async (
    some: Loop["steps"],
    change: (of: { projectId: string; runId: string }) => Promise<unknown>,
  ) => {
    for (const { run } of some) await change({ projectId, runId: run.id });
  };
  const stop = useMutation({
    mutationFn: () => each(steps.filter(({ run }) => !isOver(run)).toReversed(), cancel.mutateAsync),
    ...settled,
  });
  const goOn = useMutation({
    mutationFn: () =>
      each(
        steps.filter(({ run }) => run.status === "failed" || run.status === "cancelled"),
        retry.mutateAsync,
      ),
    ...settled,
  });
  const mayStop = steps.some(({ run }) => !isOver(run));
  const mayGoOn = steps.some(({ run }) => run.status === "failed" || run.status === "cancelled");
  return (
    <>
      {mayGoOn && (
        <Button busy={goOn.isPending} onClick={() => goOn.mutate()}>
          Go on
        </Button>
      )}
      {mayStop && (
        <Button busy={stop.isPending} onClick={() => stop.mutate()}>
          Cancel
        </Button>
      )}
    </>
  );
}
