"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useId } from "react";
import { useTRPC } from "@/app/trpc/client";
import type { ThreadEntry } from "@/server/remark/schema";
import { Badge } from "../ui/badge";
import { Button } from "../ui/button";
import { cn } from "../ui/cn";
import { Textarea } from "../ui/field";
import { When } from "../ui/when";
import { useKeptText } from "./kept-text";

const kindNames = { flag: "flagged", return: "sent back", remark: null } as const;

/**
 * What a rater and the reviewers wrote to each other about one judgement, live, and where to answer. What is begun stays
 * when the page is left.
 */
export function Thread({ projectId, assignmentId }: { projectId: string; assignmentId: string }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const id = useId();
  const key = { projectId, assignmentId };
  const options = trpc.remark.thread.queryOptions(key);
  const thread = useQuery({ ...options, refetchOnMount: "always" });
  useSubscription(
    trpc.project.watch.subscriptionOptions(
      { projectId },
      { onData: () => void client.invalidateQueries({ queryKey: options.queryKey }) },
    ),
  );
  // What was shown is read: it waits for nobody any more.
  useEffect(() => {
    if (thread.dataUpdatedAt > 0)
      void client.invalidateQueries({ queryKey: trpc.remark.waiting.queryKey({ projectId }) });
  }, [thread.dataUpdatedAt, client, trpc, projectId]);
  const [text, setText] = useKeptText(`remark ${assignmentId}`);
  const write = useMutation(
    trpc.remark.write.mutationOptions({
      onSuccess: () => {
        setText("");
        return client.invalidateQueries({ queryKey: trpc.remark.pathKey() });
      },
    }),
  );
  return (
    <section aria-label="Remarks" className="flex flex-col gap-2">
      {thread.error && (
        <p role="alert" className="text-sm text-bad">
          {thread.error.message}
        </p>
      )}
      <ol aria-live="polite" className="flex flex-col gap-1.5">
        {thread.data?.map((entry) => (
          <Entry key={entry.id} {...entry} />
        ))}
      </ol>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() && !write.isPending) write.mutate({ ...key, text });
        }}
      >
        <label htmlFor={id} className="sr-only">
          Answer
        </label>
        <Textarea
          id={id}
          rows={1}
          maxLength={4000}
          placeholder="Answer…"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }
          }}
          className="min-h-8"
        />
        <Button type="submit" hint="Ctrl ⏎" disabled={!text.trim()} busy={write.isPending}>
          Send
        </Button>
      </form>
      {write.error && (
        <p role="alert" className="text-sm text-bad">
          {write.error.message} What you wrote is still here.
        </p>
      )}
    </section>
  );
}

/** Text as it was written: no markup, whatever it looks like. */
function Entry({ kind, text, byRater, by, isMine, at, readAt }: ThreadEntry) {
  return (
    <li
      className={cn(
        "max-w-[90%] rounded-lg border px-2.5 py-1.5 text-sm",
        isMine ? "self-end bg-accent-wash" : "self-start bg-surface",
      )}
    >
      <p className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
        <span className="font-medium text-ink">
          {isMine ? "You" : (by ?? (byRater ? "Rater" : "Reviewer"))}
        </span>
        {kindNames[kind] && <Badge tone="warn">{kindNames[kind]}</Badge>}
        <When at={at} />
        {isMine && readAt && <span>read</span>}
      </p>
      <p dir="auto" className="break-words whitespace-pre-wrap">
        {text}
      </p>
    </li>
  );
}
