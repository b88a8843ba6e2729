"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { z } from "zod";
import { Markdown } from "@/app/components/markdown/markdown";
import { isOver } from "@/app/components/run/status";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Field, NumberInput, Textarea } from "@/app/components/ui/field";
import { useTRPC } from "@/app/trpc/client";
import { sampledAt } from "@/server/evaluation/schema";

interface Turn {
  role: "user" | "assistant";
  content: string;
}

const resultSchema = z.object({
  answers: z.array(
    z.object({ modelId: z.string(), text: z.string().nullable(), reason: z.string().nullable() }),
  ),
});

interface Settings {
  system: string;
  /** 0: the most probable token, always. */
  temperature: number;
  /** Tokens of a reply at most. */
  length: number;
}

const cancelled = (status: string | undefined) =>
  status === "cancelled" ? "The reply was cancelled. Send another message to go on." : null;

/** What every turn from now on is asked with. */
function Sampling({ settings, onChange }: { settings: Settings; onChange: (settings: Settings) => void }) {
  const change = (part: Partial<Settings>) => onChange({ ...settings, ...part });
  return (
    <details className="px-4 pb-3 md:px-6">
      <summary className="cursor-pointer text-sm text-muted">
        {settings.system.trim() ? "With a system prompt" : "No system prompt"}, temperature{" "}
        {Number.isNaN(settings.temperature) ? "…" : settings.temperature}
      </summary>
      <div className="mt-2 grid gap-3 sm:grid-cols-[1fr_8rem_8rem]">
        <Field label="System prompt" optional>
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              className="min-h-10"
              value={settings.system}
              onChange={({ target }) => change({ system: target.value })}
            />
          )}
        </Field>
        <Field label="Temperature" help="0: no randomness">
          {(control) => (
            <NumberInput
              {...control}
              min={0}
              max={5}
              step={0.1}
              value={settings.temperature}
              onNumber={(temperature) => change({ temperature })}
            />
          )}
        </Field>
        <Field label="Tokens at most">
          {(control) => (
            <NumberInput
              {...control}
              min={1}
              max={4096}
              step={1}
              value={settings.length}
              onNumber={(length) => change({ length })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}

/** Try a model beside the one it came from: one question, two conversations. */
export function Chat({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const lineage = useQuery(trpc.model.lineage.queryOptions({ projectId, modelId }));
  const [talks, setTalks] = useState<Record<string, Turn[]>>({});
  const [text, setText] = useState("");
  const [settings, setSettings] = useState<Settings>({ system: "", temperature: 0, length: 256 });
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
  const over = run.data !== undefined && isOver(run.data);
  const waiting = ask.isPending || (ask.data !== undefined && !over);
  const problem = ask.error?.message ?? (over ? (run.data?.error ?? cancelled(run.data?.status)) : null);
  const send = () => {
    const content = text.trim();
    if (!content || waiting || Number.isNaN(settings.temperature) || Number.isNaN(settings.length)) return;
    ask.reset();
    const next = Object.fromEntries(
      speakers.map(({ id }): [string, Turn[]] => [id, [...(talks[id] ?? []), { role: "user", content }]]),
    );
    setTalks(next);
    setText("");
    ask.mutate({
      projectId,
      modelIds: speakers.map(({ id }) => id),
      conversations: speakers.map(({ id }) => [
        ...(settings.system.trim() ? [{ role: "system" as const, content: settings.system.trim() }] : []),
        ...next[id],
      ]),
      sampling: {
        max_new_tokens: settings.length,
        ...sampledAt(settings.temperature),
        // Another turn, another draw; the same conversation again gives the same.
        seed: (talks[speakers[0].id] ?? []).length,
      },
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
      <Sampling settings={settings} onChange={setSettings} />
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
      {problem && (
        <p role="alert" className="px-4 pb-3 text-sm text-bad">
          {problem}
        </p>
      )}
    </>
  );
}
