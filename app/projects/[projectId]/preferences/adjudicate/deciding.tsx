"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import type { z } from "zod";
import { Desk } from "@/app/components/desk/desk";
import type { Draft } from "@/app/components/desk/draft";
import { useDeskKeyboard } from "@/app/components/desk/keys";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { amount } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { toCanonical } from "@/server/form/answers";
import type { Answers } from "@/server/form/schema";
import type { adjudicationSchema, Dispute } from "@/server/review/schema";
import { begunOn, keepBegun } from "./begun";
import { inOrder } from "./in-order";
import { Votes } from "./votes";

/**
 * One disputed task at the desk: blind, until whoever decides asks for the votes. The server keeps that they did, and
 * says so with the decision.
 */
export function Deciding({
  projectId,
  dispute,
  guidelines,
  waiting,
  back,
  decide,
  onPass,
  onUndo,
}: {
  projectId: string;
  dispute: Dispute;
  guidelines: string | null;
  /** How many tasks wait to be decided. */
  waiting: number;
  back: string;
  decide: (decision: z.input<typeof adjudicationSchema>, draft: Draft) => Promise<unknown>;
  onPass: () => void;
  /** Takes the last decision back; null where none was made here. */
  onUndo: (() => void) | null;
}) {
  const trpc = useTRPC();
  const { keyOf } = useDeskKeyboard();
  const { taskId, order, questions, prompt, responses, seenAt } = dispute;
  const [asked, setAsked] = useState(false);
  const [open, setOpen] = useState(false);
  const [adopted, setAdopted] = useState<{ id: string; answers: Answers } | null>(null);
  // A decision that the server refused puts the desk back to where it was.
  const [attempt, setAttempt] = useState<{ number: number; draft?: Draft }>({ number: 0 });
  const restored = useRef(false);
  // The server renders the desk without it: only this tab knows what was begun.
  useEffect(() => {
    restored.current = true;
    const draft = begunOn(taskId);
    if (draft) setAttempt(({ number }) => ({ number: number + 1, draft }));
  }, [taskId]);
  const detail = useQuery(trpc.review.detail.queryOptions({ projectId, taskId }, { enabled: asked }));
  const shown = asked && detail.data ? inOrder(detail.data, order) : null;
  const votes = shown?.annotations.filter((given) => given.isVote) ?? [];

  const toggle = () => {
    setAsked(true);
    setOpen(!open);
  };
  const adopt = (id: string) => {
    const vote = votes.find((given) => given.id === id);
    if (vote) setAdopted({ id, answers: vote.answers });
  };
  const adoptNext = () => {
    setAsked(true);
    setOpen(true);
    const next = votes[(votes.findIndex((given) => given.id === adopted?.id) + 1) % votes.length];
    if (next) adopt(next.id);
  };
  const isBlind = seenAt === null && !asked;
  return (
    <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
      <div className="min-h-0 min-w-0 flex-1">
        <Desk
          key={attempt.number}
          task={{ prompt, responses, questions, returnComment: null }}
          guidelines={guidelines}
          skipInstructions="Leaves the task in the queue for later."
          flagInstructions="Kept with the decision, as its reason."
          title={
            <span className="flex items-center gap-2 text-sm">
              <Link href={back} className="text-muted hover:underline max-md:sr-only">
                Preferences
              </Link>
              <span className="font-medium">Adjudicate</span>
            </span>
          }
          status={
            <span className="flex items-center gap-1 text-xs whitespace-nowrap text-muted tabular">
              <span className="max-md:sr-only">{amount(waiting)} to decide</span>
              <Badge
                tone={isBlind ? "accent" : "warn"}
                title={
                  isBlind
                    ? "You have seen neither the votes nor where the responses came from."
                    : "You have been shown votes on this task, or where its responses came from. The decision says so."
                }
              >
                {isBlind ? (
                  "blind"
                ) : (
                  <>
                    <span className="max-md:sr-only">votes</span> seen
                  </>
                )}
              </Badge>
              <Button
                size="sm"
                variant="ghost"
                // The bar of a phone has no room for a key that it has not.
                className="max-md:[&_kbd]:hidden"
                aria-pressed={open}
                hint={keyOf("votes")}
                onClick={toggle}
              >
                Votes
              </Button>
            </span>
          }
          saved={attempt.draft}
          adopted={adopted}
          onAct={(what) => (what === "votes" ? toggle() : adoptNext())}
          onSubmit={(answers, draft) => {
            const reason = draft.flagReason ?? undefined;
            decide({ answers: toCanonical(questions, answers, order), order, reason }, draft).catch(() => {
              setAdopted(null);
              setAttempt(({ number }) => ({ number: number + 1, draft }));
            });
          }}
          onChange={(draft) => restored.current && keepBegun(taskId, draft)}
          onSkip={onPass}
          onUndo={onUndo}
        />
      </div>
      {open && (
        <Votes
          detail={shown}
          votes={votes}
          problem={detail.error}
          adopted={adopted?.id}
          onAdopt={adopt}
          hint={keyOf("adopt")}
        />
      )}
    </div>
  );
}
