"use client";
import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { Markdown } from "../markdown/markdown";
import type { BenchText } from "../question/component";
import { countWords } from "../question/count-words";
import { letterOf } from "../question/target";
import { Button } from "../ui/button";
import { Textarea } from "../ui/field";
import { Segmented } from "../ui/segmented";
import { useDeskKeyboard } from "./keys";
import type { Action, DeskState } from "./model";
import { WordDiff } from "./word-diff";

/** Writing with room: the text at the left, at the right what it changes, how it will read, or a response. */
export function Bench({
  title,
  label,
  text,
  onText,
  focusOn,
  original,
  maxLength,
  begin,
  texts,
  lang,
  state,
  dispatch,
}: BenchText & {
  texts: readonly string[];
  lang: string | null;
  state: DeskState;
  dispatch: (action: Action) => void;
}) {
  const { keyOf } = useDeskKeyboard();
  const t = useTranslations("desk.bench");
  const say = useTranslations("question");
  const ui = useTranslations("ui");
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
    ...(original === null ? [] : [{ value: "changes", label: t("changes") }]),
    { value: "preview", label: t("preview") },
    ...texts.map((_, slot) => ({ value: `response ${slot}`, label: letterOf(slot) })),
  ];
  return (
    <section aria-label={label} className="flex min-h-0 flex-1 flex-col border-t md:border-t-0">
      <header className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b bg-surface px-4 py-1 md:px-5">
        {title}
        <span className="text-xs text-muted tabular">{say("words", { count: countWords(shown) })}</span>
        <div className="ms-auto flex items-center gap-2">
          {views.length > 1 && (
            <Segmented label={t("beside")} value={view} onChange={setView} options={views} />
          )}
          {state.k > 0 && (
            <Button size="sm" hint={keyOf("close")} onClick={() => dispatch({ type: "close" })}>
              <Check aria-hidden="true" />
              {ui("done")}
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
          placeholder={t("placeholder")}
          // The bench of a task without responses is always there: clicking into it begins to write.
          onFocus={() =>
            state.mode.name === "reading" || state.mode.name === "deciding" ? dispatch(begin) : undefined
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
