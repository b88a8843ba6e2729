"use client";
import { Pencil, RotateCcw } from "lucide-react";
import { useTranslations } from "next-intl";
import type { AnswerOf } from "@/server/form/schema";
import { WordDiff } from "../desk/word-diff";
import { Button } from "../ui/button";
import { Segmented } from "../ui/segmented";
import type {
  BenchProps,
  BenchText,
  ControlProps,
  HeadProps,
  QuestionComponent,
  ViewProps,
} from "./component";
import { letterOf, withAt } from "./target";

type Answer = AnswerOf<"edit">;

const editsOf = (answer: Answer | undefined, k: number): (string | null)[] =>
  answer?.texts ?? Array<string | null>(k).fill(null);

function Control({ answer, state, dispatch }: ControlProps<"edit">) {
  const say = useTranslations("question");
  return (
    <div className="flex flex-wrap gap-1">
      {editsOf(answer, state.k).map((text, slot) => (
        <Button key={slot} size="sm" onClick={() => dispatch({ type: "rewrite", slot })}>
          {say(text === null ? "rewrite" : "goOn", { letter: letterOf(slot) })}
        </Button>
      ))}
    </div>
  );
}

function Head({ dispatch, slot }: HeadProps<"edit">) {
  const say = useTranslations("question");
  return (
    <Button
      size="sm"
      variant="ghost"
      aria-label={say("rewriteResponse", { letter: letterOf(slot) })}
      onClick={() => dispatch({ type: "rewrite", slot })}
    >
      <Pencil aria-hidden="true" />
      {say("edit")}
    </Button>
  );
}

/** The text at the left, at the right what has changed, word by word, as it is typed. */
function benchOf({ answer, onAnswer, dispatch, slot, texts, say }: BenchProps<"edit">): BenchText {
  const original = texts[slot] ?? "";
  const edits = editsOf(answer, texts.length);
  const give = (next: string | null) =>
    onAnswer({ type: "edit", texts: withAt(edits, slot, next === original ? null : next) });
  return {
    title: (
      <div className="flex items-center gap-2">
        <span className="text-sm font-medium">{say("rewriting")}</span>
        <Segmented
          label={say("toRewrite")}
          value={String(slot)}
          onChange={(value) => dispatch({ type: "rewrite", slot: Number(value) })}
          options={texts.map((_, index) => ({ value: String(index), label: letterOf(index) }))}
        />
        {edits[slot] !== null && (
          <Button size="sm" variant="ghost" onClick={() => give(null)}>
            <RotateCcw aria-hidden="true" />
            {say("original")}
          </Button>
        )}
      </div>
    ),
    label: say("yourVersion", { letter: letterOf(slot) }),
    text: edits[slot] ?? original,
    onText: give,
    focusOn: slot,
    original,
    maxLength: undefined,
    begin: { type: "rewrite", slot },
  };
}

function View({ answer, responses, lang }: ViewProps<"edit">) {
  const say = useTranslations("question");
  return (
    <div className="flex flex-col gap-2">
      {answer.texts.map(
        (text, slot) =>
          text !== null && (
            <details key={slot}>
              <summary>{say("rewritten", { letter: letterOf(slot) })}</summary>
              <div className="mt-1 rounded-md border p-2">
                <WordDiff before={responses[slot]?.content ?? ""} after={text} lang={lang} />
              </div>
            </details>
          ),
      )}
    </div>
  );
}

const isRewritten = ({ texts }: Answer): boolean => texts.some((text) => text !== null);

export const edit: QuestionComponent<"edit"> = {
  name: "Rewriting",
  fresh: { label: "Rewrite a response", required: false },
  Settings: () => null,
  Control,
  broad: false,
  View,
  summary: (_, say) => say("summary.rewritten"),
  targets: (question) => [{ question, slot: null, item: null }],
  isAnswered: isRewritten,
  isEmpty: (answer) => !isRewritten(answer),
  digit: () => null,
  stays: () => false,
  aside: true,
  /** The response that was begun. */
  favourite({ texts }) {
    const begun = texts.findIndex((text) => text !== null);
    return begun < 0 ? null : begun;
  },
  mode: "editing",
  hint: () => "edit",
  badge: ({ texts }, slot) => (texts[slot] == null ? null : { is: "edited", tone: "accent" }),
  Head,
  bench: { isFor: () => true, of: benchOf },
};
