"use client";
import { skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PartyPopper } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { Draft } from "@/app/components/desk/draft";
import { decidingKeys } from "@/app/components/desk/keymap";
import { OwnKeyboard, useDeskKeyboard } from "@/app/components/desk/keys";
import { useUndoKey } from "@/app/components/desk/use-keys";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { keepBegun } from "./begun";
import { Deciding } from "./deciding";

interface Decided {
  taskId: string;
  annotationId: string;
  /** To go on from, once it is taken back. */
  draft: Draft;
}

/**
 * The tasks whose raters disagree, one after the other at a desk, where most is gained by a decision first.
 * @param asked a task to begin with, whether it is in the queue or not
 */
export function Adjudicate({ projectId, asked }: { projectId: string; asked: string | undefined }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [passed, setPassed] = useState<ReadonlySet<string>>(new Set());
  // What was decided here, for undo: the last one last.
  const [past, setPast] = useState<readonly Decided[]>([]);
  const [again, setAgain] = useState<string | null>(null);
  const queue = useQuery(trpc.review.undecided.queryOptions({ projectId }));
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const waiting = [
    ...new Set([...(again ? [again] : []), ...(asked ? [asked] : []), ...(queue.data?.taskIds ?? [])]),
  ].filter((taskId) => !passed.has(taskId));
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
        keepBegun(taskId, null);
        toast({ title: "Decided. The task counts as you said." });
        void client.invalidateQueries({ queryKey: trpc.review.pathKey() });
      },
      onError: (error) => toast({ title: error.message, tone: "bad" }),
    }),
  );
  const undo = useMutation(
    trpc.review.undoDecision.mutationOptions({
      onSuccess: async (_, { taskId }) => {
        keepBegun(taskId, past.find((decided) => decided.taskId === taskId)?.draft ?? null);
        setPast((all) => all.filter((decided) => decided.taskId !== taskId));
        setPassed((all) => new Set([...all].filter((other) => other !== taskId)));
        setAgain(taskId);
        await client.invalidateQueries({ queryKey: trpc.review.pathKey() });
      },
      onError: (error) => toast({ title: error.message, tone: "bad" }),
    }),
  );
  const last = past.at(-1);
  const undoLast =
    last && !undo.isPending && !adjudicate.isPending
      ? () => undo.mutate({ projectId, taskId: last.taskId, annotationId: last.annotationId })
      : null;
  const back = `/projects/${projectId}/preferences`;
  const total = queue.data?.total ?? 0;

  if (queue.isSuccess && !current)
    return (
      <OwnKeyboard>
        <PageHeader title="Adjudicate" />
        <AllDecided left={total} back={back} onUndo={undoLast} onAgain={() => setPassed(new Set())} />
      </OwnKeyboard>
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
        decide={async (decision, draft) => {
          const { annotationId } = await adjudicate.mutateAsync({ projectId, taskId: current, ...decision });
          setPast((all) => [...all, { taskId: current, annotationId, draft }]);
        }}
        onPass={() => pass(current)}
        onUndo={undoLast}
      />
    </OwnKeyboard>
  );
}

function AllDecided({
  left,
  back,
  onUndo,
  onAgain,
}: {
  /** How many tasks are disputed, and were left for later. */
  left: number;
  back: string;
  onUndo: (() => void) | null;
  onAgain: () => void;
}) {
  const { keyOf } = useDeskKeyboard();
  useUndoKey(onUndo);
  return (
    <Empty
      icon={<PartyPopper />}
      title={left > 0 ? "That was all you left" : "Nothing is disputed"}
      action={
        <>
          {left > 0 && (
            <Button variant="primary" onClick={onAgain}>
              Start again
            </Button>
          )}
          {onUndo && (
            <Button hint={keyOf("undo")} onClick={onUndo}>
              Take the last decision back
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
  );
}
