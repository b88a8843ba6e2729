"use client";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useEffectEvent, useMemo, useState } from "react";
import { Desk } from "@/app/components/desk/desk";
import { type Draft, emptyDraft } from "@/app/components/desk/draft";
import { useDeskKeyboard } from "@/app/components/desk/keys";
import { Button } from "@/app/components/ui/button";
import { Kbd } from "@/app/components/ui/kbd";
import { formSchema } from "@/server/form/schema";

type Words = ReturnType<typeof useTranslations<"desk.trainer">>;

const formOf = (t: Words) =>
  formSchema.parse([
    { id: "better", type: "preference", label: t("better") },
    {
      id: "why",
      type: "text",
      label: t("why"),
      required: false,
      chips: [
        { value: "correct", label: t("correct") },
        { value: "clear", label: t("clear") },
      ],
    },
  ]);
const pairOf = (t: Words, which: "first" | "second") => ({
  prompt: {
    messages: [{ role: "user" as const, content: t(`${which}.question`) }],
    tools: null,
    language: null,
    domain: null,
  },
  responses: [{ content: t(`${which}.a`) }, { content: t(`${which}.b`) }],
  questions: formOf(t),
  returnComment: null,
});

const LAST = 5;

/** In a sentence the key is a word: whoever listens hears it. */
const key = (children: ReactNode) => (
  <>
    <Kbd>{children}</Kbd>
    <span className="sr-only">{children}</span>
  </>
);

/** How far a draft of the first pair has come: each step waits for what its sentence asks. */
function reached(step: number, { answers: { better, why } }: Draft): number {
  if (step === 0 && better) return 1;
  if (step === 1 && better && "outcome" in better && better.outcome === "a") return 2;
  if (step === 2 && why && "chips" in why && why.chips.length > 0) return 3;
  return step;
}

/**
 * Twenty seconds at a made-up pair on the real desk: verdict, another verdict, a reason, submit, undo. Nothing is
 * stored but that it is done.
 */
export function Trainer({ onDone }: { onDone: () => void }) {
  const { keyOf } = useDeskKeyboard();
  const [step, setStep] = useState(0);
  const [saved, setSaved] = useState<Draft>(emptyDraft);
  const [attempt, setAttempt] = useState(0);
  const t = useTranslations("desk.trainer");
  const [first, second] = useMemo(() => [pairOf(t, "first"), pairOf(t, "second")], [t]);
  const sentences: ReactNode[] = [
    t.rich("verdict", { key }),
    t.rich("another", { key }),
    t("reason"),
    t.rich("submit", { key, submit: keyOf("submit") }),
    t.rich("undo", { key, undo: keyOf("undo") }),
    t.rich("end", { key, help: keyOf("help"), submit: keyOf("submit") }),
  ];
  const skip = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented) onDone();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => skip(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  const isAway = step === 4;
  return (
    <section aria-label={t("name")} className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-accent bg-accent-wash px-4 py-2">
        <p role="status" className="min-w-0 flex-1">
          <span className="pe-2 text-sm text-muted tabular">
            {t("step", { step: step + 1, all: LAST + 1 })}
          </span>
          {sentences[step]}
        </p>
        <Button size="sm" hint="Esc" onClick={onDone}>
          {step === LAST ? t("begin") : t("leave")}
        </Button>
      </div>
      <div className="min-h-0 flex-1">
        <Desk
          key={`${isAway} ${attempt}`}
          task={isAway ? second : first}
          saved={isAway ? emptyDraft : saved}
          guidelines={null}
          skipInstructions=""
          flagInstructions=""
          title={<span className="text-sm font-medium">{t("title")}</span>}
          onChange={(draft) => !isAway && setStep((now) => reached(now, draft))}
          onSubmit={(_, draft) => {
            if (step === LAST) return onDone();
            if (!isAway) setSaved(draft);
            if (step === 3) setStep(4);
            else setAttempt((number) => number + 1);
          }}
          onSkip={() => setAttempt((number) => number + 1)}
          onUndo={isAway ? () => setStep(LAST) : null}
        />
      </div>
    </section>
  );
}
