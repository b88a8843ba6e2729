"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Thread } from "@/app/components/thread/thread";
import { useTRPC } from "@/app/trpc/client";
import type { WaitingThread } from "@/server/remark/schema";

/** What reviewers answered, until it is read; what was read here stays while the page does. */
export function Replies({ projectId }: { projectId: string }) {
  const t = useTranslations("me");
  const trpc = useTRPC();
  const client = useQueryClient();
  const options = trpc.remark.waiting.queryOptions({ projectId });
  const waiting = useQuery({ ...options, refetchOnMount: "always" });
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      { onData: () => void client.invalidateQueries({ queryKey: options.queryKey }) },
    ),
  );
  const [opened, setOpened] = useState<readonly WaitingThread[]>([]);
  const isOpen = ({ assignmentId }: WaitingThread) =>
    opened.some((thread) => thread.assignmentId === assignmentId);
  const threads = [...opened, ...(waiting.data ?? []).filter((thread) => !isOpen(thread))];
  if (threads.length === 0) return null;
  return (
    <section aria-label={t("replies")} className="flex flex-col gap-2">
      <h2 className="text-sm font-semibold">{t("reviewerWrote")}</h2>
      <ul className="divide-y rounded-lg border border-accent bg-surface">
        {threads.map((thread) => (
          <li key={thread.assignmentId} className="flex flex-col gap-2 px-4 py-2.5">
            <p dir="auto" className="truncate text-sm text-muted">
              {thread.excerpt}
            </p>
            {isOpen(thread) ? (
              <Thread projectId={projectId} assignmentId={thread.assignmentId} />
            ) : (
              <button
                type="button"
                dir="auto"
                className="line-clamp-2 text-start font-medium underline-offset-2 hover:underline"
                onClick={() => setOpened([...opened, thread])}
              >
                {thread.text}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
