"use client";
import { ChevronLeft, ChevronRight, Flag, SkipForward, Undo2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { answerTo, isAsked, type Question } from "@/server/form/schema";
import { componentOf } from "../question";
import { Button, IconButton } from "../ui/button";
import { cn } from "../ui/cn";
import { Kbd } from "../ui/kbd";
import { digitMarker, readBack } from "./answering";
import { chipKeys, isLive } from "./keymap";
import { useDeskKeyboard } from "./keys";
import type { Action, DeskState } from "./model";
import { QuestionBlock } from "./question-block";

interface BarProps {
  state: DeskState;
  dispatch: (action: Action) => void;
  /** Absent where there is nothing to take back. */
  onUndo: (() => void) | null;
  /** What stands beside Submit: whether the next task is ready. */
  note: string;
}

/** The questions and what can be done with the task. On a phone one question at a time. */
export function AnswerBar({ state, dispatch, onUndo, note }: BarProps) {
  const asked = state.questions.filter((question) => isAsked(question, state.k, state.questions));
  const marked = state.targets[state.marker]?.question.id;
  const digits = state.targets[digitMarker(state)]?.question.id;
  const { bindings, keyOf, cap } = useDeskKeyboard();
  const t = useTranslations("desk.bar");
  const say = useTranslations("question");
  const label = useTranslations("desk")("judgement");
  const chips = chipKeys(state, bindings);
  const position = asked.findIndex((question) => question.id === marked);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector(`[data-question="${marked}"]`)?.scrollIntoView({ block: "nearest" });
  }, [marked]);

  const firstOf = (question: Question) =>
    state.targets.findIndex((target) => target.question.id === question.id);
  const mark = (question: Question) => dispatch({ type: "mark", marker: firstOf(question) });
  const before = asked[position - 1];
  const after = asked[position + 1];
  const live = (id: string) => bindings.some((binding) => binding.id === id && isLive(binding, state));

  return (
    <section
      aria-label={label}
      // Pale until keys act: the task is read before the page's program is there.
      className="shrink-0 border-t bg-surface shadow-[0_-1px_8px_-4px_var(--shadow)] in-inert:*:opacity-50"
    >
      <div
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className={cn(
          "scroll-thin grid max-h-[38vh] -outline-offset-2 grid-cols-1 gap-x-4 gap-y-3 overflow-y-auto px-3 pt-2.5 pb-1 xl:grid-cols-2",
          isAtBench(state) && "hidden",
        )}
      >
        {asked.map((question) => {
          const { Control, broad, hint } = componentOf(question.type);
          const key = hint?.(question);
          return (
            <div
              key={question.id}
              // Two narrow questions share a row of a wide screen.
              className={cn("min-w-0", (broad || asked.length <= 2) && "xl:col-span-2")}
            >
              <QuestionBlock
                question={question}
                marked={question.id === marked}
                hint={key && live(key) ? keyOf(key) : undefined}
                problem={state.problems.find((problem) => problem.question === question.id)?.message}
                onMark={() => mark(question)}
              >
                <Control
                  question={question}
                  answer={answerTo(question.type, question, state.answers)}
                  onAnswer={(answer) => dispatch({ type: "answer", questionId: question.id, answer })}
                  state={state}
                  dispatch={dispatch}
                  first={firstOf(question)}
                  live={question.id === digits && live("digit")}
                  keyOf={keyOf}
                  keyOfChip={(value) => {
                    const chip = chips.find((one) => one.questionId === question.id && one.value === value);
                    return chip && live("digit") ? cap(chip.key) : undefined;
                  }}
                />
              </QuestionBlock>
            </div>
          );
        })}
      </div>

      <div className="flex min-h-11 items-center gap-1 px-2 py-1.5 md:px-3">
        <Button
          size="sm"
          variant="ghost"
          hint={live("skip") ? keyOf("skip") : undefined}
          onClick={() => dispatch({ type: "open", mode: "skipping" })}
        >
          <SkipForward aria-hidden="true" className="rtl:-scale-x-100" />
          <span className="max-md:sr-only">{t("skip")}</span>
        </Button>
        <Button
          size="sm"
          variant="ghost"
          aria-pressed={state.flagReason !== null}
          hint={live("flag") ? keyOf("flag") : undefined}
          onClick={() => dispatch({ type: "open", mode: "flagging" })}
        >
          <Flag aria-hidden="true" className={state.flagReason === null ? "" : "fill-current text-warn"} />
          <span className="max-md:sr-only">{state.flagReason === null ? t("flag") : t("flagged")}</span>
        </Button>
        <Button
          size="sm"
          variant="ghost"
          disabled={!onUndo}
          hint={live("undo") && onUndo ? keyOf("undo") : undefined}
          onClick={() => onUndo?.()}
        >
          <Undo2 aria-hidden="true" className="rtl:-scale-x-100" />
          <span className="max-md:sr-only">{t("undo")}</span>
        </Button>

        {asked.length > 1 && (
          <div className="mx-auto flex items-center text-xs text-muted md:hidden">
            <IconButton label={t("before")} disabled={!before} onClick={() => before && mark(before)}>
              <ChevronLeft className="rtl:-scale-x-100" />
            </IconButton>
            {position + 1}/{asked.length}
            <IconButton label={t("next")} disabled={!after} onClick={() => after && mark(after)}>
              <ChevronRight className="rtl:-scale-x-100" />
            </IconButton>
          </div>
        )}

        <p aria-live="polite" className="ms-auto min-w-0 truncate text-end text-sm max-md:hidden">
          {readBack(state.targets, state.answers, say) ?? (
            <span className="text-muted">
              {moving(state) &&
                t.rich("move", {
                  key: (chunks) => <Kbd>{chunks}</Kbd>,
                  up: keyOf("up"),
                  down: keyOf("down"),
                })}
            </span>
          )}
        </p>
        <span className="ps-2 text-xs text-muted max-lg:hidden">{note}</span>
        <Button
          variant="primary"
          hint={live("submit") ? keyOf("submit") : live("submitTyping") ? keyOf("submitTyping") : undefined}
          onClick={() => dispatch({ type: "submit" })}
          className="ms-2 max-md:ms-auto"
        >
          {t("submit")}
        </Button>
      </div>
    </section>
  );
}

/** A text that is being written on the workbench gets the room of the other questions. */
function isAtBench({ mode, questions, k }: DeskState): boolean {
  if (mode.name !== "writing" && mode.name !== "editing") return false;
  const question = questions.find(({ id }) => id === mode.questionId);
  return k > 0 && question !== undefined && componentOf(question.type).bench?.isFor(question) === true;
}

const moving = (state: DeskState): boolean => state.targets.length > 1 && state.mode.name === "reading";
