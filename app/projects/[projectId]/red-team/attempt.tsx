"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Textarea } from "@/app/components/ui/field";
import { useToast } from "@/app/components/ui/toast";
import { useTRPC } from "@/app/trpc/client";
import { attackLevels } from "@/db/shape/red-team";
import type { OwnAttempt } from "@/server/red-team/schema";
import { useHarmWords } from "./use-harm-words";
import { useReply } from "./use-reply";
import { Conversation, useVeil, VeilButton } from "./veil";

/** An attempt that is open: the conversation, and what came of it when it ends. */
export function Attempt({
  projectId,
  attempt,
  onChange,
}: {
  projectId: string;
  attempt: OwnAttempt;
  onChange: () => Promise<unknown>;
}) {
  const t = useTranslations("redTeam");
  const harmWords = useHarmWords();
  const trpc = useTRPC();
  const toast = useToast();
  const veil = useVeil(projectId);
  const key = { projectId, attemptId: attempt.id };
  const reply = useReply(key);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const drop = useMutation(trpc.redTeam.drop.mutationOptions({ onSuccess: onChange }));
  const end = useMutation(
    trpc.redTeam.end.mutationOptions({
      onSuccess: async () => {
        toast({ title: t("thanks") });
        await onChange();
      },
    }),
  );
  const isWriting = reply.turn !== null;
  const send = async () => {
    const asked = text.trim();
    if (!asked || isWriting) return;
    setText("");
    setProblem(null);
    try {
      if ((await reply.say(asked)) === "") throw new Error("An empty reply.");
    } catch {
      // It is no part of the conversation, and stands where it can be said again.
      setProblem(t("noReply"));
      setText(asked);
    }
    // The conversation as it is kept, before the piece that was being written goes.
    await onChange();
    reply.forget();
  };
  const last = attempt.messages.at(-1);
  // A question that got no reply is no part of the conversation.
  const kept = last?.role === "user" ? attempt.messages.slice(0, -1) : attempt.messages;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <header className="flex flex-wrap items-center gap-2">
        <Badge tone="accent">{t(`tactics.${attempt.tactic}.name`)}</Badge>
        <Badge>{harmWords(attempt.harm)}</Badge>
        <p dir="auto" className="min-w-0 flex-1 basis-64 text-sm text-muted wrap-anywhere">
          {attempt.wanted}
        </p>
        <VeilButton veil={veil} />
      </header>
      <div aria-live="polite" aria-busy={isWriting}>
        <Conversation
          messages={
            reply.turn
              ? [
                  ...kept,
                  { role: "user", content: reply.turn.asked },
                  ...(reply.turn.said ? [{ role: "assistant" as const, content: reply.turn.said }] : []),
                ]
              : kept
          }
          veil={veil}
        >
          {isWriting && <p className="text-sm text-muted">{t("writing")}</p>}
        </Conversation>
      </div>
      <form
        className="flex max-w-3xl items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Textarea
          aria-label={t("message")}
          placeholder={t("message")}
          className="min-h-10"
          rows={2}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && isWriting) reply.stop();
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              void send();
            }
          }}
        />
        {isWriting ? (
          <Button hint="Esc" onClick={reply.stop}>
            {t("stop")}
          </Button>
        ) : (
          <Button type="submit" variant="primary" hint="⏎">
            {t("send")}
          </Button>
        )}
      </form>
      <section aria-label={t("end")} className="flex max-w-3xl flex-col gap-2 border-t pt-3">
        <h2 className="text-sm font-semibold">{t("claim")}</h2>
        <div className="flex flex-wrap gap-2">
          {attackLevels.map((level) => (
            <Button
              key={level}
              title={t(`means.${level}`)}
              disabled={isWriting || kept.length === 0}
              busy={end.isPending}
              onClick={() => end.mutate({ ...key, claim: level })}
            >
              {t(`levels.${level}`)}
            </Button>
          ))}
          <Button
            variant="ghost"
            className="ms-auto"
            disabled={isWriting}
            busy={drop.isPending}
            onClick={() => drop.mutate(key)}
          >
            {t("drop")}
          </Button>
        </div>
      </section>
      {(problem ?? end.error ?? drop.error) && (
        <p role="alert" className="text-sm text-bad">
          {problem ?? end.error?.message ?? drop.error?.message}
        </p>
      )}
    </div>
  );
}
