"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Markdown } from "@/app/components/markdown/markdown";
import { PageHeader } from "@/app/components/shell/page-header";
import { Button } from "@/app/components/ui/button";
import { Field, NumberInput, Textarea } from "@/app/components/ui/field";
import { amount, counted } from "@/app/components/units";
import { useTRPC } from "@/app/trpc/client";
import { type Reply, type Settings, type Turn, useReplies } from "./use-replies";

const ends = {
  stop: null,
  length: "cut at the tokens allowed",
  stopped: "stopped",
  lost: "cut off",
};

/** A reply as it is written, with how fast, and why it ends where no end was written. */
function Written({ reply: { text, tokens, pace, end } }: { reply: Reply }) {
  const says = [
    end === null && (tokens === 0 ? "Waits for the model…" : "Writing…"),
    tokens > 0 && counted(tokens, "token"),
    pace !== null && `${amount(pace)} a second`,
    end !== null && ends[end],
    end === "stop" && text === "" && "It replied nothing.",
  ];
  return (
    <>
      {text && <Markdown text={text} />}
      <p className="text-xs text-muted tabular">{says.filter((part) => part).join(" · ")}</p>
    </>
  );
}

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
  /** Another turn, another draw; the same conversation again gives the same. */
  const [turns, setTurns] = useState(0);
  const [text, setText] = useState("");
  const [settings, setSettings] = useState<Settings>({ system: "", temperature: 0, length: 256 });
  const { replies, error, isWriting, ...writing } = useReplies(projectId);

  const model = lineage.data?.model;
  if (!model) return <PageHeader title="Chat">{lineage.error?.message}</PageHeader>;
  const other = lineage.data?.parent ?? lineage.data?.base;
  const speakers = [model, ...(other && other.method !== "reward" ? [other] : [])];
  const send = () => {
    const content = text.trim();
    if (!content || isWriting || Number.isNaN(settings.temperature) || Number.isNaN(settings.length)) return;
    const next = Object.fromEntries(
      speakers.map(({ id }): [string, Turn[]] => {
        const before = talks[id] ?? [];
        const reply = replies[id]?.text;
        // A question that got no reply is not part of the conversation.
        const answered: Turn[] = reply
          ? [...before, { role: "assistant", content: reply }]
          : before.slice(0, -1);
        return [id, [...answered, { role: "user", content }]];
      }),
    );
    setTalks(next);
    setText("");
    writing.ask(next, { settings, seed: turns });
    setTurns(turns + 1);
  };
  return (
    <>
      <PageHeader
        title="Chat"
        actions={
          <Button
            disabled={isWriting}
            onClick={() => {
              setTalks({});
              setTurns(0);
              writing.forget();
            }}
          >
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
            <div aria-live="polite" aria-busy={isWriting} className="flex flex-col gap-3">
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
              {replies[id] && <Written reply={replies[id]} />}
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
            if (event.key === "Escape" && isWriting) writing.stop();
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              send();
            }
          }}
        />
        {isWriting ? (
          <Button hint="Esc" onClick={writing.stop}>
            Stop
          </Button>
        ) : (
          <Button type="submit" variant="primary" hint="⏎">
            Send
          </Button>
        )}
      </form>
      {error && (
        <p role="alert" className="px-4 pb-3 text-sm text-bad">
          {error}
        </p>
      )}
    </>
  );
}
