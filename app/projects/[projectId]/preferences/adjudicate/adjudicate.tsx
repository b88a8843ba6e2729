"use client";
import { skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PartyPopper } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { decidingKeys } from "@/app/components/desk/keymap";
import { OwnKeyboard } from "@/app/components/desk/keys";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { Deciding } from "./deciding";

/**
 * The tasks whose raters disagree, one after the other at a desk, where most is gained by a decision first.
 * @param asked a task to begin with, whether it is in the queue or not
 */
export function Adjudicate({ projectId, asked }: { projectId: string; asked: string | undefined }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [passed, setPassed] = useState<ReadonlySet<string>>(new Set());
  const queue = useQuery(trpc.review.undecided.queryOptions({ projectId }));
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const waiting = [...new Set([...(asked ? [asked] : []), ...(queue.data?.taskIds ?? [])])].filter(
    (taskId) => !passed.has(taskId),
  );
  const [current, next] = waiting;
  const disputeOf = (taskId: string | undefined) =>
    trpc.review.dispute.queryOptions(taskId ? { projectId, taskId } : skipToken);
  const dispute = useQuery(disputeOf(current));
  // The next one is read ahead, so that it is there at once.
  useQuery(disputeOf(next));
  const pass = (taskId: string) => setPassed((all) => new Set([...all, taskId]));
  const adjudicate = useMutation(
    trpc.review.adjudicate.mutationOptions({
      onSuccess: (_, { taskId }) => {
        pass(taskId);
        toast({ title: "Decided. The task counts as you said." });
        void client.invalidateQueries({ queryKey: trpc.review.pathKey() });
      },
      onError: (error) => toast({ title: error.message, tone: "bad" }),
    }),
  );
  const back = `/projects/${projectId}/preferences`;
  const total = queue.data?.total ?? 0;

  if (queue.isSuccess && !current)
    return (
      <>
        <PageHeader title="Adjudicate" />
        <Empty
          icon={<PartyPopper />}
          title={total > 0 ? "That was all you left" : "Nothing is disputed"}
          action={
            <>
              {total > 0 && (
                <Button variant="primary" onClick={() => setPassed(new Set())}>
                  Start again
                </Button>
              )}
              <Button asChild>
                <Link href={back}>Back to the preferences</Link>
              </Button>
            </>
          }
        >
          A task comes here once enough raters have judged it and they do not agree. What they agree on is
          skipped, and so is what you judged yourself.
        </Empty>
      </>
    );
  const problem = queue.error ?? dispute.error;
  if (!current || !dispute.data)
    return (
      <>
        <PageHeader title="Adjudicate" />
        <Empty
          title={problem ? "This task cannot be decided here" : "Loading…"}
          action={
            problem && (
              <>
                {current && <Button onClick={() => pass(current)}>To the next one</Button>}
                <Button asChild>
                  <Link href={back}>Back to the preferences</Link>
                </Button>
              </>
            )
          }
        >
          {problem?.message}
        </Empty>
      </>
    );
  return (
    <OwnKeyboard more={decidingKeys}>
      <h1 className="sr-only">Adjudicate</h1>
      <Deciding
        key={current}
        projectId={projectId}
        dispute={dispute.data}
        guidelines={project.data?.guidelines?.markdown ?? null}
        waiting={total}
        back={back}
        decide={(decision) => adjudicate.mutateAsync({ projectId, taskId: current, ...decision })}
        onPass={() => pass(current)}
      />
    </OwnKeyboard>
  );
}
