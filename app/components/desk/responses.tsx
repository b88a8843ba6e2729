"use client";
import { type RefObject, type UIEvent, useRef } from "react";
import { answerTo, type Question, questionTypes } from "@/server/form/schema";
import { Markdown } from "../markdown/markdown";
import { componentOf } from "../question";
import { letterOf } from "../question/target";
import { Badge } from "../ui/badge";
import { cn } from "../ui/cn";
import { watched } from "./in-view";
import type { Action, DeskState } from "./model";
import { InViewMark, type Watch } from "./use-in-view";
import { WordDiff } from "./word-diff";

/** The responses side by side, each in full, on equal ground; one below the other on a phone. */
export function Responses({
  texts,
  lang,
  state,
  dispatch,
  columns,
  watch,
}: {
  texts: readonly string[];
  lang: string | null;
  state: DeskState;
  dispatch: (action: Action) => void;
  columns: RefObject<HTMLDivElement | null>;
  watch: Watch;
}) {
  const onScroll = useScrollLock(columns, state.scrollLocked);
  return (
    <div
      ref={columns}
      style={{ gridTemplateColumns: `repeat(${texts.length}, minmax(min(24rem, 100%), 1fr))` }}
      className="scroll-thin min-h-0 md:grid md:grow md:shrink md:basis-auto md:overflow-x-auto panes:grid-rows-[minmax(0,1fr)]"
    >
      {texts.map((text, slot) => (
        <article
          key={slot}
          aria-label={`Response ${letterOf(slot)}`}
          className="flex min-h-0 min-w-0 flex-col border-t md:border-t-0 md:border-s md:first:border-s-0"
        >
          <ColumnHead slot={slot} state={state} dispatch={dispatch} />
          <div className="relative flex min-h-0 flex-1 flex-col">
            <InViewMark watch={watch} name={watched.response(slot)} label={letterOf(slot)} />
            <section
              aria-label={`Text of response ${letterOf(slot)}`}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
              tabIndex={0}
              data-scroll="response"
              onScroll={onScroll}
              className="scroll-thin px-4 pt-1 pb-6 -outline-offset-2 md:px-5 panes:min-h-0 panes:flex-1 panes:overflow-y-auto"
            >
              <div data-watched={watched.response(slot)}>
                {state.diff && texts.length > 1 ? (
                  // Everything is compared with A; A itself shows what B has in its place.
                  <WordDiff
                    before={texts[0] ?? ""}
                    after={texts[slot === 0 ? 1 : slot] ?? ""}
                    show={slot === 0 ? "before" : "after"}
                    lang={lang}
                  />
                ) : (
                  <Markdown text={text} lang={lang} raw={state.raw} />
                )}
              </div>
            </section>
          </div>
        </article>
      ))}
    </div>
  );
}

function ColumnHead({
  slot,
  state,
  dispatch,
}: {
  slot: number;
  state: DeskState;
  dispatch: (action: Action) => void;
}) {
  const letter = letterOf(slot);
  const marked = state.targets[state.marker];
  const isMarked = marked?.slot === slot;
  return (
    <header className="sticky top-0 z-10 flex h-10 shrink-0 items-center gap-2 bg-surface px-4 md:px-5">
      <h2
        className={cn(
          "flex size-6 items-center justify-center rounded-md border border-line-strong text-sm font-semibold",
          isMarked && "border-accent bg-accent-wash text-accent",
        )}
      >
        <span className="sr-only">Response </span>
        {letter}
      </h2>
      {badgesOf(slot, state).map((badge) => (
        <Badge key={badge.text} tone={badge.tone}>
          {badge.text}
        </Badge>
      ))}
      <div className="ms-auto flex items-center gap-2">
        {headed(state).map((question) => {
          const { Head } = componentOf(question.type);
          return (
            Head && (
              <Head
                key={question.id}
                question={question}
                answer={answerTo(question.type, question, state.answers)}
                onAnswer={(answer) => dispatch({ type: "answer", questionId: question.id, answer })}
                dispatch={dispatch}
                slot={slot}
                k={state.k}
                live={isMarked && marked.question.id === question.id}
              />
            )
          );
        })}
      </div>
    </header>
  );
}

/** The questions with something at the head of each response: one of a type, the marked one first. */
function headed({ targets, marker }: DeskState): Question[] {
  const marked = targets[marker]?.question;
  return questionTypes.toReversed().flatMap((type) => {
    if (!componentOf(type).Head) return [];
    if (marked?.type === type) return [marked];
    return targets.find(({ question }) => question.type === type)?.question ?? [];
  });
}

/** What the answers say about one response, at most once for a type. */
function badgesOf(slot: number, { targets, answers }: DeskState) {
  return questionTypes.flatMap((type) => {
    for (const { question } of targets) {
      const answer = question.type === type && answerTo(type, question, answers);
      const badge = answer && componentOf(type).badge?.(answer, slot);
      if (badge) return [badge];
    }
    return [];
  });
}

/** Scrolls the others to the same share of their length, because responses differ in length. */
function useScrollLock(columns: RefObject<HTMLDivElement | null>, locked: boolean) {
  const expected = useRef(new WeakMap<Element, number>());
  return (event: UIEvent<HTMLElement>) => {
    const moved = event.currentTarget;
    // A scroll that this function caused comes back as an event, rounded by up to a pixel.
    const target = expected.current.get(moved);
    expected.current.delete(moved);
    if (!locked || (target !== undefined && Math.abs(target - moved.scrollTop) < 2)) return;
    const share = moved.scrollTop / Math.max(1, moved.scrollHeight - moved.clientHeight);
    for (const other of columns.current?.querySelectorAll("[data-scroll=response]") ?? []) {
      if (other === moved) continue;
      const top = Math.round(share * (other.scrollHeight - other.clientHeight));
      if (Math.abs(other.scrollTop - top) < 2) continue;
      expected.current.set(other, top);
      other.scrollTop = top;
    }
  };
}
