"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { z } from "zod";
import { Markdown } from "@/app/components/markdown/markdown";
import { isOver } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Textarea } from "@/app/components/ui/field";
import { useTRPC } from "@/app/trpc/client";

interface Turn {
  role: "user" | "assistant";
  content: string;
}

const resultSchema = z.object({
  answers: z.array(
    z.object({ modelId: z.string(), text: z.string().nullable(), reason: z.string().nullable() }),
  ),
});

/** Try a model beside the one it came from: one question, two conversations. */
export function Chat({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const lineage = useQuery(trpc.model.lineage.queryOptions({ projectId, modelId }));
  const [talks, setTalks] = useState<Record<string, Turn[]>>({});
  const [text, setText] = useState("");
  const ask = useMutation(trpc.evaluation.chat.mutationOptions());
  const run = useQuery(
    trpc.run.get.queryOptions(
      { projectId, runId: ask.data?.id ?? "" },
      {
        enabled: ask.data !== undefined,
        refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : 300),
      },
    ),
  );
  const { reset } = ask;
  useEffect(() => {
    const result = resultSchema.safeParse(run.data?.result);
    if (!result.success) return;
    setTalks((all) => {
      const next = { ...all };
      for (const { modelId: id, text, reason } of result.data.answers)
        next[id] = [...(all[id] ?? []), { role: "assistant", content: text ?? `(no reply: ${reason})` }];
      return next;
    });
    reset();
  }, [run.data?.result, reset]);

  const model = lineage.data?.model;
  if (!model) return <PageHeader title="Chat">{lineage.error?.message}</PageHeader>;
  const other = lineage.data?.parent ?? lineage.data?.base;
  const speakers = [model, ...(other && other.method !== "reward" ? [other] : [])];
  const waiting = ask.isPending || (ask.data !== undefined && !run.data?.error);
  const send = () => {
    const content = text.trim();
    if (!content || waiting) return;
    const next = Object.fromEntries(
      speakers.map(({ id }): [string, Turn[]] => [id, [...(talks[id] ?? []), { role: "user", content }]]),
    );
    setTalks(next);
    setText("");
    ask.mutate({
      projectId,
      modelIds: speakers.map(({ id }) => id),
      conversations: speakers.map(({ id }) => next[id]),
    });
  };
  return (
    <>
      <PageHeader
        title="Chat"
        actions={
          <Button disabled={waiting} onClick={() => setTalks({})}>
            New conversation
          </Button>
        }
      >
        <p className="text-sm text-muted">
          {speakers.length > 1
            ? "Both answer the same question, each in its own conversation."
            : "One model answers."}
        </p>
      </PageHeader>
      <div className="grid min-h-0 flex-1 gap-px overflow-hidden border-y bg-line md:auto-cols-fr md:grid-flow-col">
        {speakers.map(({ id, name }) => (
          <section
            key={id}
            aria-label={name}
            className="scroll-thin flex min-h-0 flex-col gap-3 overflow-y-auto bg-canvas p-4"
          >
            <h2 className="text-sm font-semibold">{name}</h2>
            <div aria-live="polite" className="flex flex-col gap-3">
              {(talks[id] ?? []).map(({ role, content }, i) =>
                role === "user" ? (
                  <p
                    key={i}
                    dir="auto"
                    className="self-end whitespace-pre-wrap rounded-lg bg-accent-wash px-3 py-1.5"
                  >
                    {content}
                  </p>
                ) : (
                  <Markdown key={i} text={content} />
                ),
              )}
              {waiting && talks[id]?.at(-1)?.role === "user" && (
                <p className="text-sm text-muted">Writing…</p>
              )}
            </div>
          </section>
        ))}
      </div>
      <form
        className="flex items-end gap-2 p-3 md:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Textarea
          aria-label="Your message"
          placeholder={speakers.length > 1 ? "Ask both models something" : "Ask the model something"}
          className="min-h-10"
          rows={2}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            }
          }}
        />
        <Button type="submit" variant="primary" busy={waiting} hint="⏎">
          Send
        </Button>
      </form>
      {(ask.error || run.data?.error) && (
        <p role="alert" className="px-4 pb-3 text-sm text-bad">
          {ask.error?.message ?? run.data?.error}
        </p>
      )}
    </>
  );
}
