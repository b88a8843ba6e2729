"use client";
import { skipToken, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { PartyPopper } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { Desk } from "@/app/components/desk/desk";
import type { Draft } from "@/app/components/desk/draft";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { useToast } from "@/app/components/ui/toast";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { reasonIn } from "@/server/form/answers";
import type { Answers } from "@/server/form/schema";
import { Judgement } from "../judgement";
import { ReasonDialog } from "../reason-dialog";

/** The tasks whose raters disagree, the least agreed first: one after the other at a desk, the votes beside it. */
export function Adjudicate({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const toast = useToast();
  const [passed, setPassed] = useState<ReadonlySet<string>>(new Set());
  const [decided, setDecided] = useState<Answers | null>(null);
  // A decision that is not sent after all puts the desk back to where it was.
  const [attempt, setAttempt] = useState<{ number: number; draft?: Draft }>({ number: 0 });
  const queue = useQuery(trpc.review.disagreements.queryOptions({ projectId }));
  const project = useQuery(trpc.project.get.queryOptions({ projectId }));
  const waiting = queue.data?.items.filter(({ taskId }) => !passed.has(taskId)) ?? [];
  const [current, next] = waiting;
  const detailOf = (task: typeof current) =>
    trpc.review.detail.queryOptions(task ? { projectId, taskId: task.taskId } : skipToken);
  const detail = useQuery(detailOf(current));
  // The next one is read ahead, so that it is there at once.
  useQuery(detailOf(next));
  const pass = (taskId: string) => {
    setPassed((all) => new Set([...all, taskId]));
    setAttempt({ number: 0 });
  };
  const adjudicate = useMutation(
    trpc.review.adjudicate.mutationOptions({
      onSuccess: (_, { taskId }) => {
        pass(taskId);
        setDecided(null);
        toast({ title: "Decided. The task counts as you said." });
        void client.invalidateQueries({ queryKey: trpc.review.pathKey() });
      },
      onError: (error) => {
        if (!decided) resume();
        toast({ title: error.message, tone: "bad" });
      },
    }),
  );
  const resume = () => {
    setDecided(null);
    setAttempt(({ number, draft }) => ({ number: number + 1, draft }));
  };
  const decide = (answers: Answers, reason: string) =>
    current && adjudicate.mutate({ projectId, taskId: current.taskId, answers, reason });
  const back = `/projects/${projectId}/preferences`;

  if (queue.isSuccess && !current)
    return (
      <>
        <PageHeader title="Adjudicate" />
        <Empty
          icon={<PartyPopper />}
          title={queue.data.total > passed.size ? "That was all you left" : "Nothing is disputed"}
          action={
            <>
              {queue.data.total > passed.size && (
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
          A task comes here once enough raters have judged it and they do not agree. Agreed tasks are skipped.
        </Empty>
      </>
    );
  if (!current || !detail.data)
    return (
      <PageHeader title="Adjudicate">
        {queue.error?.message ?? detail.error?.message ?? "Loading…"}
      </PageHeader>
    );
  const { prompt, task, responses, questions, annotations } = detail.data;
  const votes = annotations.filter((given) => given.isVote);
  return (
    <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
      <h1 className="sr-only">Adjudicate</h1>
      <div className="min-h-0 min-w-0 flex-1">
        <Desk
          key={`${current.taskId} ${attempt.number}`}
          task={{
            prompt: { ...prompt, language: task.language, domain: task.domain },
            responses,
            questions,
            returnComment: null,
          }}
          guidelines={project.data?.guidelines?.markdown ?? null}
          skipInstructions="Leaves the task in the queue for later."
          flagInstructions={project.data?.flagInstructions ?? ""}
          title={
            <span className="flex items-center gap-2 text-sm">
              <Link href={back} className="text-muted hover:underline">
                Preferences
              </Link>
              <span className="font-medium">Adjudicate</span>
            </span>
          }
          status={
            <span className="pe-2 text-xs whitespace-nowrap text-muted tabular">
              {amount(queue.data?.total ?? 0)} disputed
            </span>
          }
          saved={attempt.draft}
          onSubmit={(answers, draft) => {
            setAttempt(({ number }) => ({ number, draft }));
            // What the reviewer wrote as a rationale is the reason for the decision.
            const reason = reasonIn(questions, answers)?.slice(0, 2000);
            if (reason) decide(answers, reason);
            else setDecided(answers);
          }}
          onSkip={() => pass(current.taskId)}
        />
      </div>
      <aside
        aria-label="Votes"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="scroll-thin flex max-h-[40vh] shrink-0 flex-col gap-2 overflow-y-auto border-t bg-sunken p-3 lg:max-h-none lg:w-80 lg:border-s lg:border-t-0 xl:w-96"
      >
        <h2 className="text-sm font-semibold">
          {votes.length} votes, {Math.round(current.agreement * 100)} % agree
        </h2>
        <ul className="flex flex-col gap-2">
          {votes.map((given) => (
            <Judgement key={given.id} given={given} detail={detail.data} />
          ))}
        </ul>
      </aside>
      {decided && (
        <ReasonDialog
          title="Why this decision?"
          description="It is kept with the task, for whoever asks later."
          submit="Decide"
          busy={adjudicate.isPending}
          error={adjudicate.error}
          onClose={resume}
          onReason={(reason) => decide(decided, reason)}
        />
      )}
    </div>
  );
}
