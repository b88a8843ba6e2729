"use client";
import { Check, RotateCcw } from "lucide-react";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import type { QuestionOf } from "@/server/form/schema";
import { Markdown } from "../markdown/markdown";
import { Button } from "../ui/button";
import { Textarea } from "../ui/field";
import { Segmented } from "../ui/segmented";
import { editsOf, textOf } from "./answering";
import { keyOf } from "./keymap";
import type { Action, DeskState } from "./state";
import { letterOf } from "./targets";
import { countWords } from "./text-question";
import { WordDiff } from "./word-diff";

interface BenchProps {
  texts: readonly string[];
  lang: string | null;
  state: DeskState;
  dispatch: (action: Action) => void;
}

/** Rewriting a response: the text at the left, at the right what has changed, word by word, as it is typed. */
export function EditBench({
  question,
  slot,
  ...bench
}: BenchProps & { question: QuestionOf<"edit">; slot: number }) {
  const { texts, state, dispatch } = bench;
  const original = texts[slot] ?? "";
  const edits = editsOf(state.answers, question, state.k);
  const text = edits[slot] ?? original;
  const give = (next: string | null) =>
    dispatch({
      type: "answer",
      questionId: question.id,
      answer: {
        type: "edit",
        texts: edits.map((old, index) => (index === slot ? (next === original ? null : next) : old)),
      },
    });
  return (
    <Bench
      {...bench}
      title={
        <div className="flex items-center gap-2">
          <span className="text-sm font-medium">Rewriting</span>
          <Segmented
            label="Response to rewrite"
            value={String(slot)}
            onChange={(value) => dispatch({ type: "edit", slot: Number(value) })}
            options={texts.map((_, index) => ({ value: String(index), label: letterOf(index) }))}
          />
          {edits[slot] !== null && (
            <Button size="sm" variant="ghost" onClick={() => give(null)}>
              <RotateCcw aria-hidden="true" />
              Original
            </Button>
          )}
        </div>
      }
      label={`Your version of response ${letterOf(slot)}`}
      text={text}
      onText={give}
      focusOn={slot}
      original={original}
      maxLength={undefined}
    />
  );
}

/** Writing the reply oneself: markdown at the left, at the right how it will read. */
export function DemonstrationBench({ question, ...bench }: BenchProps & { question: QuestionOf<"text"> }) {
  const { state, dispatch } = bench;
  const answer = textOf(state.answers, question);
  return (
    <Bench
      {...bench}
      title={<span className="text-sm font-medium">{question.label}</span>}
      label={question.label}
      text={answer.text}
      onText={(text) => dispatch({ type: "answer", questionId: question.id, answer: { ...answer, text } })}
      focusOn={question.id}
      original={null}
      maxLength={question.maxLength}
    />
  );
}

function Bench({
  title,
  label,
  text,
  onText,
  focusOn,
  original,
  maxLength,
  texts,
  lang,
  state,
  dispatch,
}: BenchProps & {
  title: React.ReactNode;
  label: string;
  text: string;
  onText: (text: string) => void;
  /** The caret goes into the text when this changes. */
  focusOn: string | number;
  original: string | null;
  maxLength: number | undefined;
}) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [view, setView] = useState(original === null ? "preview" : "changes");
  const shown = useDeferredValue(text);
  const isWriting = state.mode.name === "editing" || state.mode.name === "writing";
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text to write means another place for the caret
  useEffect(() => {
    if (isWriting) box.current?.focus();
    else box.current?.blur();
  }, [isWriting, focusOn]);
  const views = [
    ...(original === null ? [] : [{ value: "changes", label: "Changes" }]),
    { value: "preview", label: "Preview" },
    ...texts.map((_, slot) => ({ value: `response ${slot}`, label: letterOf(slot) })),
  ];
  return (
    <section aria-label={label} className="flex min-h-0 flex-1 flex-col border-t md:border-t-0">
      <header className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b bg-surface px-4 py-1 md:px-5">
        {title}
        <span className="text-xs text-muted tabular">{countWords(shown)}</span>
        <div className="ms-auto flex items-center gap-2">
          {views.length > 1 && (
            <Segmented label="Beside the text" value={view} onChange={setView} options={views} />
          )}
          {state.k > 0 && (
            <Button size="sm" hint={keyOf("close")} onClick={() => dispatch({ type: "close" })}>
              <Check aria-hidden="true" />
              Done
            </Button>
          )}
        </div>
      </header>
      <div className="grid min-h-0 flex-1 md:grid-cols-2 md:grid-rows-[minmax(0,1fr)]">
        <Textarea
          ref={box}
          value={text}
          lang={lang ?? undefined}
          maxLength={maxLength}
          aria-label={label}
          placeholder="Markdown: **bold**, lists, `code`, $math$."
          onFocus={() =>
            state.mode.name === "reading" || state.mode.name === "deciding"
              ? dispatch(reopen(state, focusOn))
              : undefined
          }
          onChange={(event) => onText(event.target.value)}
          className="min-h-64 resize-none rounded-none border-0 bg-surface px-4 py-3 text-read leading-relaxed -outline-offset-2 md:min-h-0 md:px-5"
        />
        <section
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={views.find((option) => option.value === view)?.label}
          className="scroll-thin min-h-40 overflow-y-auto border-t bg-sunken px-4 py-3 -outline-offset-2 md:min-h-0 md:border-s md:border-t-0 md:px-5"
        >
          {view === "changes" && original !== null ? (
            <WordDiff before={original} after={shown} lang={lang} />
          ) : (
            <Markdown
              text={view === "preview" ? shown : (texts[Number(view.split(" ")[1])] ?? "")}
              lang={lang}
            />
          )}
        </section>
      </div>
    </section>
  );
}

/** The bench of a task without responses is always there: clicking into it begins to write. */
const reopen = (state: DeskState, focusOn: string | number): Action =>
  typeof focusOn === "string"
    ? { type: "write", questionId: focusOn }
    : { type: "edit", slot: focusOn % Math.max(1, state.k) };
