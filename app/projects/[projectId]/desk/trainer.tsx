"use client";
import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { Desk } from "@/app/components/desk/desk";
import { type Draft, emptyDraft } from "@/app/components/desk/draft";
import { useDeskKeyboard } from "@/app/components/desk/keys";
import { Button } from "@/app/components/ui/button";
import { Kbd } from "@/app/components/ui/kbd";
import { formSchema } from "@/server/form/schema";

const questions = formSchema.parse([
  { id: "better", type: "preference", label: "Which response is better?" },
  {
    id: "why",
    type: "text",
    label: "Why?",
    required: false,
    chips: [
      { value: "correct", label: "More correct" },
      { value: "clear", label: "Clearer" },
    ],
  },
]);
const pair = (question: string, responses: string[]) => ({
  prompt: {
    messages: [{ role: "user" as const, content: question }],
    tools: null,
    language: "en",
    domain: null,
  },
  responses: responses.map((content) => ({ content })),
  questions,
  returnComment: null,
});
const first = pair("Which planet of our sun is the largest?", [
  "Saturn is, because of its rings.",
  "**Jupiter.** It has more mass than all the other planets together.",
]);
const second = pair("And which is the smallest?", ["Mercury.", "The Moon."]);

const LAST = 5;

/** In a sentence the key is a word: whoever listens hears it. */
const Key = ({ children }: { children: string }) => (
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
  const sentences: ReactNode[] = [
    <>
      Digits are the verdict, from A to B. B is right here: press <Key>6</Key>
    </>,
    <>
      Another digit is another verdict. Try A: press <Key>1</Key>
    </>,
    <>Reasons have letters of their own, printed on them. Press one</>,
    <>
      <Key>{keyOf("submit")}</Key> submits
    </>,
    <>
      That was wrong: <Key>{keyOf("undo")}</Key> takes it back
    </>,
    <>
      It is back, and a digit corrects it. <Key>{keyOf("help")}</Key> lists all keys, and changes them.{" "}
      <Key>{keyOf("submit")}</Key> begins the work
    </>,
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
    <section aria-label="Practice" className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-accent bg-accent-wash px-4 py-2">
        <p role="status" className="min-w-0 flex-1">
          <span className="pe-2 text-sm text-muted tabular">
            {step + 1} of {LAST + 1}
          </span>
          {sentences[step]}
        </p>
        <Button size="sm" hint="Esc" onClick={onDone}>
          {step === LAST ? "Begin" : "Skip the practice"}
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
          title={<span className="text-sm font-medium">Practice: nothing is sent</span>}
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
