"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { watched } from "@/app/components/desk/in-view";
import { Markdown } from "@/app/components/markdown/markdown";
import { PageHeader } from "@/app/components/shell/page-header";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Field, Select, Textarea } from "@/app/components/ui/field";
import { amount, counted } from "@/app/components/units";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import type { InView } from "@/db/shape/judgement";
import { comparing, derivePreferences } from "@/server/form/answers";
import type { Answers } from "@/server/form/schema";
import { Sampling, type Settings } from "./sampling";
import { type Reply, type Turn, useReplies } from "./use-replies";
import { WhichIsBetter } from "./which-is-better";

const ends = {
  stop: null,
  length: "cut at the tokens allowed",
  stopped: "stopped",
  lost: "cut off",
};

/** A reply as it is written, with how fast, and why it ends where no end was written. */
function Written({ reply: { text, tokens, pace, end }, blind }: { reply: Reply; blind: boolean }) {
  const says = [
    end === null && (tokens === 0 ? "Waits for the model…" : "Writing…"),
    tokens > 0 && counted(tokens, "token"),
    // A larger model is slower, and whoever knows both would know which is which.
    !blind && pace !== null && `${amount(pace)} a second`,
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

/** A turn of two speakers, as the server keeps it. */
interface Asked {
  turnId: string;
  /** What both answer; null where each answers its own conversation. */
  shared: readonly { role: "system" | "user" | "assistant"; content: string }[] | null;
  names: readonly string[] | null;
  /** What became of it: which reply goes on, none where they are alike, and whether it counts. */
  judged: { better: number | null; blind: boolean } | null;
}

const letters = ["A", "B"];

/** Talk to a model alone, twice at once, or beside another, blind unless the names are asked for. */
export function Chat({ projectId, modelId }: { projectId: string; modelId: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const lineage = useQuery(trpc.model.lineage.queryOptions({ projectId, modelId }));
  const models = useQuery(trpc.model.list.queryOptions({ projectId }));
  const forms = useQuery(trpc.project.forms.queryOptions({ projectId }));
  const [chosen, setChosen] = useState<string>();
  const [talks, setTalks] = useState<readonly Turn[][]>([]);
  /** Another turn, another draw; the same conversation again gives the same. */
  const [turns, setTurns] = useState(0);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [named, setNamed] = useState(false);
  const [text, setText] = useState("");
  const [settings, setSettings] = useState<Settings>({ system: "", temperature: 0, length: 256 });
  const { replies, error, isWriting, ...writing } = useReplies(projectId);
  const showNames = useMutation({
    mutationFn: (turnId: string) => client.chat.names.mutate({ projectId, turnId }),
    onSuccess: (names, turnId) => setAsked((now) => (now?.turnId === turnId ? { ...now, names } : now)),
  });
  const judge = useMutation(trpc.chat.judge.mutationOptions());
  const texts = useRef<HTMLDivElement>(null);

  const model = lineage.data?.model;
  if (!model) return <PageHeader title="Chat">{lineage.error?.message}</PageHeader>;
  const others = (models.data ?? []).filter(({ id, method }) => id !== modelId && method !== "reward");
  const origin = lineage.data?.parent ?? lineage.data?.base;
  const beside = chosen ?? (origin && others.some(({ id }) => id === origin.id) ? origin.id : "");
  const speakers = beside ? [modelId, beside] : [modelId];
  const isPair = speakers.length > 1;
  const isBlind = isPair && beside !== modelId && !(named && asked?.names) && !asked?.judged;
  const questions = comparing(forms.data?.[0]?.questions ?? [], 2);

  const startAnew = () => {
    setTalks([]);
    setTurns(0);
    setAsked(null);
    judge.reset();
    writing.forget();
  };
  const send = () => {
    const content = text.trim();
    if (!content || isWriting || Number.isNaN(settings.temperature) || Number.isNaN(settings.length)) return;
    const goesOn = asked?.judged ? (asked.judged.better ?? 0) : null;
    const next = speakers.map((_, place): Turn[] => {
      const from = goesOn ?? place;
      const before = talks[from] ?? [];
      const reply = replies[from]?.text;
      // A question that got no reply is not part of the conversation.
      const answered: Turn[] = reply
        ? [...before, { role: "assistant", content: reply }]
        : before.slice(0, -1);
      return [...answered, { role: "user", content }];
    });
    setTalks(next);
    setText("");
    setTurns(turns + 1);
    judge.reset();
    const system = settings.system.trim();
    const conversations = next.map((talk) => [
      ...(system ? [{ role: "system" as const, content: system }] : []),
      ...talk,
    ]);
    const { temperature, length: maxTokens } = settings;
    setAsked(null);
    writing.ask(speakers.length, async () => {
      if (!isPair) {
        const request = {
          ...{ kind: "write" as const, prompts: conversations, samples: 1, maxTokens, temperature, topP: 1 },
          ...{ seed: turns, stop: [], logprobs: null, echo: false },
        };
        return [(await client.serving.start.mutate({ projectId, modelId, request })).callId];
      }
      const { turnId, callIds } = await client.chat.ask.mutate({
        ...{ projectId, modelIds: speakers, conversations, after: asked?.turnId ?? null },
        ...{ named, maxTokens, temperature, seed: turns },
      });
      const isShared = JSON.stringify(conversations[0]) === JSON.stringify(conversations[1]);
      setAsked({ turnId, shared: isShared ? conversations[0] : null, names: null, judged: null });
      if (named) showNames.mutate(turnId);
      return callIds;
    });
  };
  const keep = (answers: Answers, seen: { inView: InView; visibleMs: number }) => {
    if (!asked?.shared) return;
    const [fact] = derivePreferences(questions, answers, null);
    const better = fact?.outcome === "b" ? 1 : fact?.outcome === "a" ? 0 : null;
    judge.mutate(
      {
        ...{ projectId, turnId: asked.turnId, answers, ...seen },
        ...{ messages: [...asked.shared], replies: replies.map((reply) => reply.text) },
      },
      { onSuccess: ({ blind }) => setAsked({ ...asked, judged: { better, blind } }) },
    );
  };
  const name = (place: number) =>
    isPair ? `${letters[place]}${named && asked?.names ? ` · ${asked.names[place]}` : ""}` : model.name;
  return (
    // On a narrow screen the whole page scrolls; on a wide one each side does.
    <div className="scroll-thin flex min-h-0 flex-1 flex-col overflow-y-auto">
      <PageHeader
        title="Chat"
        actions={
          <>
            {isPair && (
              <Button
                aria-pressed={named}
                onClick={() => {
                  setNamed(!named);
                  if (!named && asked && !asked.names) showNames.mutate(asked.turnId);
                }}
              >
                {named ? "Hide the names" : "Show the names"}
              </Button>
            )}
            <Button disabled={isWriting} onClick={startAnew}>
              New conversation
            </Button>
          </>
        }
      >
        <p className="text-sm text-muted">{isPair ? told(speakers) : "One model answers."}</p>
      </PageHeader>
      <div className="flex flex-wrap items-start gap-x-4">
        <Field label="Beside it" className="px-4 pb-3 md:px-6">
          {(control) => (
            <Select
              {...control}
              value={beside}
              disabled={isWriting}
              onChange={({ target }) => {
                setChosen(target.value);
                startAnew();
              }}
            >
              <option value="">Nobody</option>
              <option value={modelId}>The same model, drawn again</option>
              {others.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <div className="min-w-0 flex-1 basis-80">
          <Sampling settings={settings} onChange={setSettings} />
        </div>
      </div>
      <div
        ref={texts}
        className="grid flex-1 gap-px border-y bg-line md:min-h-0 md:auto-cols-fr md:grid-flow-col md:overflow-hidden"
      >
        {speakers.map((_, place) => (
          <section
            key={place}
            aria-label={name(place)}
            className="scroll-thin flex flex-col gap-3 bg-canvas p-4 md:min-h-0 md:overflow-y-auto"
          >
            <h2 className="flex items-center gap-2 text-sm font-semibold">
              {name(place)}
              {asked?.judged?.better === place && <Badge tone="good">better</Badge>}
            </h2>
            <div aria-live="polite" aria-busy={isWriting} className="flex flex-col gap-3">
              <div data-watched={place === 0 ? watched.prompt : undefined} className="flex flex-col gap-3">
                {(talks[place] ?? []).map(({ role, content }, i) => {
                  // Both columns show the same turns: those of the first are watched. A system prompt stands nowhere.
                  const turn = i + (talks[place]?.length === asked?.shared?.length ? 0 : 1);
                  const name = place === 0 ? watched.turn(turn) : undefined;
                  return role === "user" ? (
                    <p
                      key={i}
                      dir="auto"
                      data-watched={name}
                      className="self-end whitespace-pre-wrap rounded-lg bg-accent-wash px-3 py-1.5"
                    >
                      {content}
                    </p>
                  ) : (
                    <div key={i} data-watched={name}>
                      <Markdown text={content} />
                    </div>
                  );
                })}
              </div>
              {replies[place] &&
                (isBlind && isWriting ? (
                  // The model that a worker has open already, or that is faster, would come first.
                  <p className="text-xs text-muted">Writing… Both replies come together.</p>
                ) : (
                  <div data-watched={watched.response(place)} className="flex flex-col gap-3">
                    <Written reply={replies[place]} blind={isBlind} />
                  </div>
                ))}
            </div>
          </section>
        ))}
      </div>
      {asked &&
        !isWriting &&
        replies.length > 1 &&
        !asked.judged &&
        asked.shared &&
        comparable(asked, replies) === null &&
        questions.length > 0 && (
          <WhichIsBetter
            key={asked.turnId}
            questions={questions}
            messages={asked.shared}
            texts={texts}
            busy={judge.isPending}
            onJudge={keep}
          />
        )}
      {asked && !isWriting && replies.length > 1 && (
        <p role="status" className="px-4 pt-2 text-sm text-muted md:px-6">
          {asked.judged
            ? kept(asked.judged)
            : (comparable(asked, replies) ??
              (forms.isSuccess &&
                questions.length === 0 &&
                "No question of the project's form compares two responses, so that these cannot be judged. Add one in the settings."))}
        </p>
      )}
      <form
        className="flex items-end gap-2 p-3 md:px-6"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Textarea
          aria-label="Your message"
          placeholder={isPair ? "Ask both something" : "Ask the model something"}
          className="min-h-10"
          rows={2}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") isWriting ? writing.stop() : event.currentTarget.blur();
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
      {(error ?? judge.error ?? showNames.error) && (
        <p role="alert" className="px-4 pb-3 text-sm text-bad">
          {error ?? (judge.error ?? showNames.error)?.message}
        </p>
      )}
    </div>
  );
}

const told = ([one, other]: readonly string[]) =>
  one === other
    ? "It answers twice. Which draw stands on which side is drawn for each question."
    : "Both answer. Which model stands on which side is drawn for each question, and nobody tells which is which until you ask.";

/** Why two replies cannot be judged; null where they can. */
function comparable({ shared }: Asked, [one, other]: readonly Reply[]): string | null {
  if (!shared)
    return "Each goes on from its own reply, so that these answer different conversations and cannot be judged. Begin a new conversation, or keep a judgement before you go on.";
  if ([one, other].some(({ end }) => end !== "stop" && end !== "length"))
    return "A reply was not written to its end, so that they cannot be judged.";
  if (!one.text || !other.text) return "A model replied nothing: there is nothing to judge.";
  if (one.text === other.text) return "Both replied the same: there is nothing to judge.";
  return null;
}

const kept = ({ better, blind }: { better: number | null; blind: boolean }) =>
  [
    blind
      ? "Kept as a judgement of the project; it is in your history."
      : "Kept, and left out of everything that counts: the names stood beside these replies, now or before.",
    better === null
      ? "The conversation goes on from A."
      : `The conversation goes on from ${letters[better]}.`,
  ].join(" ");
