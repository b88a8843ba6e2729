"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useId } from "react";
import { PromptView } from "@/app/components/desk/prompt-view";
import { Markdown } from "@/app/components/markdown/markdown";
import { letterOf } from "@/app/components/question/target";
import { useKeptText } from "@/app/components/thread/kept-text";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Textarea } from "@/app/components/ui/field";
import { When } from "@/app/components/ui/when";
import { useTRPC } from "@/app/trpc/client";
import type { NormingItem } from "@/server/norming/schema";
import { AnswersView } from "../preferences/answers-view";
import { useSpeaker } from "./speaker";

/** One item: what there was to judge, who answered what and why, and what is said about it. */
export function Item({ projectId, item, number }: { projectId: string; item: NormingItem; number: number }) {
  const t = useTranslations("norming");
  const say = useTranslations("desk");
  const speaker = useSpeaker();
  const { prompt, responses, questions, answers, agreement } = item;
  const lang = prompt.language;
  return (
    <article aria-label={`${number}`} className="flex min-w-0 flex-col rounded-lg border bg-surface">
      <header className="flex items-center gap-3 border-b px-3 py-2">
        <h2 className="text-sm font-semibold">{number}</h2>
        <p dir="auto" className="min-w-0 flex-1 truncate text-sm">
          {prompt.messages.at(-1)?.content.slice(0, 200)}
        </p>
        {agreement !== null && (
          <Badge tone={agreement === 1 ? "good" : "warn"}>
            {t("alike", { share: Math.round(100 * agreement) })}
          </Badge>
        )}
      </header>
      <details open={agreement !== 1} className="border-b">
        <summary className="cursor-pointer px-3 py-1.5 text-sm text-accent">{t("responses")}</summary>
        <PromptView prompt={{ ...prompt, tools: null, domain: null }} raw={false} />
        <div className="grid border-t md:grid-flow-col md:auto-cols-fr">
          {responses.map(({ content }, index) => (
            <section
              key={letterOf(index)}
              aria-label={say("response", { letter: letterOf(index) })}
              className="min-w-0 border-line px-3 py-2 not-first:border-t md:not-first:border-t-0 md:not-first:border-s"
            >
              <h3 className="text-xs font-semibold text-muted">{letterOf(index)}</h3>
              <Markdown text={content} lang={lang} className="text-sm" />
            </section>
          ))}
        </div>
      </details>
      <ul className="grid gap-px bg-line md:grid-cols-2">
        {answers.map(({ by, answers: given }) => (
          <li key={by.number} className="min-w-0 bg-surface px-3 py-2">
            <h3 className="pb-1 text-xs font-semibold">
              <bdi>{speaker(by)}</bdi>
            </h3>
            <AnswersView questions={questions} answers={given} responses={responses} lang={lang} />
          </li>
        ))}
      </ul>
      <Said projectId={projectId} item={item} />
    </article>
  );
}

/** What is said about an item, oldest first, and where to say something. What is begun stays when the page is left. */
function Said({ projectId, item: { taskId, remarks } }: { projectId: string; item: NormingItem }) {
  const t = useTranslations("norming");
  const speaker = useSpeaker();
  const trpc = useTRPC();
  const client = useQueryClient();
  const id = useId();
  const [text, setText] = useKeptText(`norming ${taskId}`);
  const say = useMutation(
    trpc.norming.say.mutationOptions({
      onSuccess: () => {
        setText("");
        return client.invalidateQueries({ queryKey: trpc.norming.pathKey() });
      },
    }),
  );
  return (
    <section aria-label={t("remarks")} className="flex flex-col gap-2 border-t bg-sunken px-3 py-2">
      <ol aria-live="polite" className="flex flex-col gap-1.5 empty:hidden">
        {remarks.map((remark) => (
          <li key={remark.id} className="text-sm">
            <span className="text-xs font-semibold">
              <bdi>{speaker(remark.by)}</bdi>
            </span>{" "}
            <span className="text-xs text-muted">
              <When at={remark.at} />
            </span>
            <p dir="auto" className="break-words whitespace-pre-wrap">
              {remark.text}
            </p>
          </li>
        ))}
      </ol>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() && !say.isPending) say.mutate({ projectId, taskId, text });
        }}
      >
        <label htmlFor={id} className="sr-only">
          {t("remarks")}
        </label>
        <Textarea
          id={id}
          rows={1}
          maxLength={4000}
          placeholder={t("say")}
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
        <Button type="submit" hint="Ctrl ⏎" disabled={!text.trim()} busy={say.isPending}>
          {t("send")}
        </Button>
      </form>
      {say.error && (
        <p role="alert" className="text-sm text-bad">
          {say.error.message}
        </p>
      )}
    </section>
  );
}
