"use client";
import { Maximize2, Minimize2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { type RefObject, type UIEvent, useEffect, useRef } from "react";
import { answerTo, type Question, questionTypes } from "@/server/form/schema";
import { Markdown } from "../markdown/markdown";
import { componentOf } from "../question";
import { letterOf } from "../question/target";
import { Badge } from "../ui/badge";
import { IconButton } from "../ui/button";
import { cn } from "../ui/cn";
import { watched } from "./in-view";
import { useDeskKeyboard } from "./keys";
import type { Action, DeskState } from "./model";
import { zoomedSlot } from "./state";
import { InViewMark, type Watch } from "./use-in-view";
import { WordDiff } from "./word-diff";

/** Up to three stand in a row; more share two rows, so that each keeps a width that can be read. */
const columnsOf = (k: number): number => (k <= 3 ? k : Math.ceil(k / 2));

/**
 * The responses side by side, each in full, on equal ground; fewer columns where there is no room, one on a phone.
 * Every one has its place in the grid and scrolls there. The marked one comes into view, and can have all the room.
 */
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
  const t = useTranslations("desk");
  const onScroll = useScrollLock(columns, state.scrollLocked);
  useMarkedInView(columns, state.targets[state.marker]?.slot ?? null);
  const zoomed = zoomedSlot(state);
  const share = `calc(100% / ${zoomed === null ? columnsOf(texts.length) : 1} - 1px)`;
  return (
    <div
      ref={columns}
      style={{ gridTemplateColumns: `repeat(auto-fill, minmax(max(min(15rem, 100%), ${share}), 1fr))` }}
      // The outer borders lie on those of the neighbours.
      className="scroll-thin min-h-0 md:-ms-px md:-mt-px md:grid md:grow md:shrink md:basis-auto panes:auto-rows-[minmax(12rem,1fr)] panes:overflow-y-auto"
    >
      {texts.map((text, slot) => (
        <article
          key={slot}
          aria-label={t("response", { letter: letterOf(slot) })}
          data-slot={slot}
          className={cn(
            "flex min-h-0 min-w-0 flex-col border-t md:border-s",
            zoomed !== null && zoomed !== slot && "hidden",
          )}
        >
          <ColumnHead slot={slot} state={state} dispatch={dispatch} />
          <div className="relative flex min-h-0 flex-1 flex-col">
            <InViewMark watch={watch} name={watched.response(slot)} letter={letterOf(slot)} />
            <section
              aria-label={t("textOfResponse", { letter: letterOf(slot) })}
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
  const t = useTranslations("desk");
  const say = useTranslations("question");
  const letter = letterOf(slot);
  const marked = state.targets[state.marker];
  const isMarked = marked?.slot === slot;
  const { keyOf } = useDeskKeyboard();
  const asked = state.targets.findIndex((target) => target.slot === slot);
  const isZoomed = zoomedSlot(state) === slot;
  const Zoom = isZoomed ? Minimize2 : Maximize2;
  return (
    <header
      className={cn(
        "top-0 z-10 flex min-h-10 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 bg-surface px-4 py-1.5 md:sticky",
        // On a phone many ranks take several lines: they would lie over the text.
        state.k <= 4 && "sticky",
        state.k <= 3 ? "md:px-5" : "md:px-3",
      )}
    >
      <h2
        className={cn(
          "flex size-6 items-center justify-center rounded-md border border-line-strong text-sm font-semibold",
          isMarked && "border-accent bg-accent-wash text-accent",
        )}
      >
        <span className="sr-only">{t("response", { letter })}</span>
        <span aria-hidden="true">{letter}</span>
      </h2>
      {badgesOf(slot, state).map((badge) => (
        <Badge key={badge.is} tone={badge.tone}>
          {say(`badge.${badge.is}`)}
        </Badge>
      ))}
      <span className="ms-auto" />
      {state.k > 2 && asked >= 0 && (
        <IconButton
          label={`${isZoomed ? t("allResponses") : t("responseAlone", { letter })} (${keyOf("zoom")})`}
          aria-pressed={isZoomed}
          className="size-6 max-md:hidden"
          onClick={() => {
            if (!isMarked) dispatch({ type: "mark", marker: asked });
            if (isZoomed || !state.zoomed) dispatch({ type: "toggle", what: "zoomed" });
          }}
        >
          <Zoom />
        </IconButton>
      )}
      <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
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

/** Where the marker goes, the eye can follow. The first mark is no move: a task opens at its beginning. */
function useMarkedInView(columns: RefObject<HTMLDivElement | null>, slot: number | null) {
  const before = useRef(slot);
  useEffect(() => {
    if (slot === before.current) return;
    before.current = slot;
    columns.current?.querySelector(`[data-slot="${slot}"]`)?.scrollIntoView({ block: "nearest" });
  }, [columns, slot]);
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
