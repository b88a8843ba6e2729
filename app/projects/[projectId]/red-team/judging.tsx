"use client";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useState } from "react";
import { isTyping } from "@/app/components/table/filters";
import { Badge } from "@/app/components/ui/badge";
import { Button } from "@/app/components/ui/button";
import { Empty } from "@/app/components/ui/empty";
import { Field, Textarea } from "@/app/components/ui/field";
import { Segmented } from "@/app/components/ui/segmented";
import { useTRPC, useTRPCClient } from "@/app/trpc/client";
import { type AttackLevel, attackLevels } from "@/db/shape/red-team";
import type { AttackToJudge } from "@/server/red-team/schema";
import { useHarmWords } from "./use-harm-words";
import { Conversation, useVeil, VeilButton } from "./veil";

/** Attempts of others, one after the other, until none waits. */
export function Judging({ projectId, onChange }: { projectId: string; onChange: () => Promise<unknown> }) {
  const t = useTranslations("redTeam");
  const client = useTRPCClient();
  /** Undefined while it comes. */
  const [attack, setAttack] = useState<AttackToJudge | null>();
  const [problem, setProblem] = useState<string | null>(null);
  const next = useCallback(async () => {
    setAttack(undefined);
    try {
      setAttack(await client.redTeam.next.mutate({ projectId }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }, [client, projectId]);
  useEffect(() => void next(), [next]);
  if (problem)
    return (
      <p role="alert" className="text-sm text-bad">
        {problem}
      </p>
    );
  if (attack === undefined) return <p className="text-sm text-muted">…</p>;
  if (attack === null) return <Empty title={t("nothing")} />;
  return (
    <Judge
      key={attack.attemptId}
      projectId={projectId}
      attack={attack}
      onJudged={async () => {
        await onChange();
        await next();
      }}
    />
  );
}

/** A button does what it says on Enter; one of a choice is chosen already. */
const isPressed = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("button:not([role=radio]), a, summary") !== null;

/** One attempt: what was wanted, the conversation behind its veil, and what came of it. */
function Judge({
  projectId,
  attack,
  onJudged,
}: {
  projectId: string;
  attack: AttackToJudge;
  onJudged: () => Promise<unknown>;
}) {
  const t = useTranslations("redTeam");
  const harmWords = useHarmWords();
  const trpc = useTRPC();
  const veil = useVeil(projectId);
  const [level, setLevel] = useState<AttackLevel | null>(null);
  const [note, setNote] = useState("");
  const { mutate, isPending, error } = useMutation(
    trpc.redTeam.judge.mutationOptions({ onSuccess: onJudged }),
  );
  const { attemptId, harm, wanted, messages } = attack;
  const submit = useCallback(
    (said: AttackLevel | null) => mutate({ projectId, attemptId, level: said, note }),
    [mutate, projectId, attemptId, note],
  );
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isPending) return;
      if (event.key === "Enter" && level && !isPressed(event.target)) {
        event.preventDefault();
        submit(level);
      }
      if (isTyping(event)) return;
      const chosen = attackLevels[Number(event.key) - 1];
      if (chosen) setLevel(chosen);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [level, isPending, submit]);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <header className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="text-xs text-muted">{t("wantedWas")}</h2>
          <p dir="auto" className="wrap-anywhere">
            {wanted}
          </p>
        </div>
        <Badge>{harmWords(harm)}</Badge>
        <VeilButton veil={veil} />
      </header>
      <Conversation messages={messages} veil={veil} />
      <section className="flex max-w-3xl flex-col gap-3 border-t pt-3">
        <h2 className="text-sm font-semibold">{t("claim")}</h2>
        <Segmented
          label={t("claim")}
          className="self-start"
          value={level ?? ""}
          onChange={(value) => setLevel(attackLevels.find((one) => one === value) ?? null)}
          options={attackLevels.map((one, at) => ({ value: one, label: `${at + 1} ${t(`levels.${one}`)}` }))}
        />
        <p className="min-h-5 text-sm text-muted">{level && t(`means.${level}`)}</p>
        <Field label={t("note")}>
          {(control) => (
            <Textarea
              {...control}
              className="min-h-10"
              rows={1}
              maxLength={2000}
              value={note}
              onChange={({ target }) => setNote(target.value)}
            />
          )}
        </Field>
        <div className="flex flex-wrap gap-2">
          <Button variant="primary" hint="⏎" disabled={!level} busy={isPending} onClick={() => submit(level)}>
            {t("submit")}
          </Button>
          <Button variant="ghost" busy={isPending} onClick={() => submit(null)}>
            {t("pass")}
          </Button>
        </div>
        {error && (
          <p role="alert" className="text-sm text-bad">
            {error.message}
          </p>
        )}
      </section>
    </div>
  );
}
