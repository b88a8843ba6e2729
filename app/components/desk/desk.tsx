"use client";
import { BookOpen, Code2, Diff, Keyboard, Link2, Link2Off, WrapText } from "lucide-react";
import { useTranslations } from "next-intl";
import {
  type ReactNode,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
} from "react";
import { type Answers, answerTo, type Question } from "@/server/form/schema";
import { componentOf } from "../question";
import { Badge } from "../ui/badge";
import { Button, type ButtonProps } from "../ui/button";
import { cn } from "../ui/cn";
import { AnswerBar } from "./answer-bar";
import { finish } from "./answering";
import { FlagDialog, KeysDialog, type Skip, SkipDialog } from "./dialogs";
import { type Draft, emptyDraft } from "./draft";
import { type GuidelineNews, GuidelinesPanel } from "./guidelines";
import { watched } from "./in-view";
import type { Command } from "./keymap";
import { useDeskKeyboard } from "./keys";
import type { Action, DeskState } from "./model";
import { Conversation, lastTurn, type ShownPrompt } from "./prompt-view";
import { Responses } from "./responses";
import { initialState, reduce, skipReasons } from "./state";
import { InViewMark, useInView } from "./use-in-view";
import { useKeys } from "./use-keys";
import { useRemembered } from "./use-remembered";
import { useVisibleTime } from "./use-visible-time";
import { Bench } from "./workbench";

/** What a rater is shown: no source of any response. */
interface ShownTask {
  prompt: ShownPrompt;
  responses: readonly { content: string }[];
  questions: readonly Question[];
  /** Why a reviewer sent it back. */
  returnComment: string | null;
}

export interface DeskProps {
  task: ShownTask;
  guidelines: string | null;
  /** What of the guidelines is new to this rater. */
  news?: GuidelineNews | null;
  skipInstructions: string;
  flagInstructions: string;
  /** Work that was begun earlier. Read once. */
  saved?: Draft;
  /** Where keys act: everywhere, or only while the focus is inside (for a preview within another page). */
  keys?: "page" | "inside";
  /** The left and the right of the top line. */
  title?: ReactNode;
  status?: ReactNode;
  /** Beside Submit. */
  note?: string;
  /** Called after every change, to keep the draft. */
  onChange?: (draft: Draft) => void;
  /** The answers are complete and in range. */
  onSubmit: (answers: Answers, draft: Draft) => void;
  onSkip: (skip: Skip) => void;
  onUndo?: (() => void) | null;
  /** Opens the trainer, where there is one. */
  onPractise?: () => void;
  /** A judgement to take over, as often as another one is given. */
  adopted?: { answers: Answers } | null;
  /** Between the top line and the task. */
  remarks?: ReactNode;
  /** What a key of this desk alone asks for. */
  onAct?: (what: "votes" | "adopt") => void;
}

/**
 * One task, from reading to submitting. Knows nothing of servers and storage: the annotators' page and the form
 * editor's preview both use it. Give it a `key` for each task.
 */
export function Desk({
  task,
  guidelines,
  news = null,
  skipInstructions,
  flagInstructions,
  saved = emptyDraft,
  keys = "page",
  title,
  status,
  note = "",
  onChange,
  onSubmit,
  onSkip,
  onUndo = null,
  onPractise,
  adopted = null,
  remarks,
  onAct,
}: DeskProps) {
  const t = useTranslations("desk");
  const k = task.responses.length;
  const [state, dispatchAt] = useReducer(
    (before: DeskState, { action, now }: { action: Action; now: number }) => reduce(before, action, now),
    undefined,
    () => initialState(task.questions, k, saved),
  );
  const dispatch = (action: Action) => dispatchAt({ action, now: Date.now() });
  const readTime = useVisibleTime(saved);
  const root = useRef<HTMLDivElement>(null);
  const columns = useRef<HTMLDivElement>(null);
  const [skipNote, setSkipNote] = useState("");
  const [flagText, setFlagText] = useState(saved.flagReason ?? "");
  const { mode } = state;
  const { keyOf } = useDeskKeyboard();
  const covered = mode.name === "skipping" || mode.name === "flagging" || mode.name === "help";
  const watch = useInView({ root, saved: saved.looks, covered });
  const [docked, setDocked] = useRemembered("guidelines", false);
  const [wraps, setWraps] = useRemembered("wrap", true);

  const draft = (): Draft => ({
    answers: state.answers,
    flagReason: state.flagReason,
    firstDecisionAt: state.firstDecisionAt,
    ...readTime(),
    looks: watch.read(),
  });

  const changed = useEffectEvent(() => onChange?.(draft()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: these two are what a draft keeps
  useEffect(() => {
    changed();
  }, [state.answers, state.flagReason]);

  const adopt = useEffectEvent((answers: Answers) => dispatch({ type: "adopt", answers }));
  useEffect(() => {
    if (adopted) adopt(adopted.answers);
  }, [adopted]);

  const submitted = useEffectEvent(() => onSubmit(finish(task.questions, k, state.answers).answers, draft()));
  // The next task takes this one's place before anything is painted.
  useLayoutEffect(() => {
    if (mode.name === "submitting") submitted();
  }, [mode.name]);

  useEffect(() => {
    if (keys === "page") root.current?.focus({ preventScroll: true });
  }, [keys]);

  const confirmSkip = () => {
    const reason = mode.name === "skipping" && mode.reason !== null ? skipReasons[mode.reason] : undefined;
    if (reason) onSkip({ reason, note: skipNote.trim() });
  };
  const confirmFlag = () => {
    if (flagText.trim()) dispatch({ type: "flag", reason: flagText.trim() });
  };

  const run = (command: Command) => {
    switch (command.type) {
      case "undo":
        return onUndo?.();
      case "confirm":
        return mode.name === "skipping" ? confirmSkip() : confirmFlag();
      case "scroll":
        return root.current ? scroll(root.current, command) : undefined;
      case "act":
        return onAct?.(command.what);
      case "remember":
        return command.what === "wrap" ? setWraps(!wraps) : setDocked(!docked);
      default:
        return dispatch(command);
    }
  };
  useKeys(state, run, { root, scope: keys });

  const texts = task.responses.map((response) => response.content);
  const lang = task.prompt.language;
  const bench = { texts, lang, state, dispatch, watch };
  return (
    <section
      ref={root}
      aria-label={t("task")}
      tabIndex={-1}
      className="flex h-full min-h-0 flex-col bg-surface outline-none"
    >
      <header className="flex h-10 shrink-0 items-center gap-1 border-b bg-canvas px-2 md:px-4">
        <div className="min-w-0 flex-1 truncate">{title}</div>
        {status}
        <Tools
          state={state}
          dispatch={dispatch}
          isNew={news !== null}
          wraps={wraps}
          onWraps={() => setWraps(!wraps)}
          docked={docked}
          onDocked={() => setDocked(!docked)}
        />
      </header>
      {task.returnComment && (
        <p role="status" className="shrink-0 border-b bg-warn-wash px-4 py-2 text-sm md:px-5">
          <span className="font-medium">{t("sentBackBy")}</span> <bdi>{task.returnComment}</bdi>
        </p>
      )}
      {remarks}
      <div className="flex min-h-0 flex-1 flex-col-reverse lg:flex-row">
        <div
          data-scroll="page"
          className={cn(
            "scroll-thin flex min-h-0 min-w-0 flex-1 flex-col overflow-y-auto panes:overflow-hidden",
            wraps && "code-wraps",
          )}
        >
          {/* As high as it is, or as the responses leave room for; at least two fifths, if it needs them. */}
          <div className="relative flex shrink-0 flex-col border-b panes:h-2/5 panes:min-h-auto panes:shrink-[9999] panes:basis-[content]">
            <InViewMark watch={watch} name={watched.turn(lastTurn(task.prompt.messages))} letter={null} />
            <div
              data-scroll="prompt"
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
              tabIndex={0}
              className="scroll-thin -outline-offset-2 panes:min-h-0 panes:overflow-y-auto"
            >
              <div className="mx-auto" style={roomFor(k)}>
                <Conversation
                  prompt={task.prompt}
                  raw={state.raw}
                  earlier={state.earlier}
                  onEarlier={() => dispatch({ type: "toggle", what: "earlier" })}
                  hint={keyOf("earlier")}
                />
              </div>
            </div>
          </div>
          <div className="mx-auto flex w-full grow flex-col panes:min-h-0 panes:shrink" style={roomFor(k)}>
            <Main {...bench} columns={columns} />
          </div>
        </div>
        {docked && <GuidelinesPanel markdown={guidelines} news={news} onClose={() => setDocked(false)} />}
      </div>
      <AnswerBar state={state} dispatch={dispatch} onUndo={onUndo} note={note} />
      <SkipDialog
        state={state}
        dispatch={dispatch}
        instructions={skipInstructions}
        note={skipNote}
        onNote={setSkipNote}
        onConfirm={confirmSkip}
      />
      <FlagDialog
        state={state}
        dispatch={dispatch}
        instructions={flagInstructions}
        reason={flagText}
        onReason={setFlagText}
        onConfirm={confirmFlag}
      />
      <KeysDialog state={state} dispatch={dispatch} onPractise={onPractise} />
    </section>
  );
}

/** On a very wide screen the columns stay beside each other: eyes should not travel further than the text is wide. */
const roomFor = (k: number) => ({ maxInlineSize: `${Math.max(2, k) * 56}rem` });

/** The responses, or the workbench while a text is being written that needs the room. */
function Main({ columns, ...bench }: Parameters<typeof Responses>[0]) {
  const say = useTranslations("question");
  const { state, texts, dispatch } = bench;
  const { mode } = state;
  const isFor = (question: Question) => componentOf(question.type).bench?.isFor(question) === true;
  const questionId =
    mode.name === "writing" || mode.name === "editing"
      ? mode.questionId
      : state.k === 0
        ? state.targets.find(({ question }) => isFor(question))?.question.id
        : undefined;
  const question = state.questions.find((candidate) => candidate.id === questionId);
  const text =
    question &&
    isFor(question) &&
    componentOf(question.type).bench?.of({
      question,
      answer: answerTo(question.type, question, state.answers),
      onAnswer: (answer) => dispatch({ type: "answer", questionId: question.id, answer }),
      dispatch,
      slot: mode.name === "editing" ? mode.slot : 0,
      texts,
      say,
    });
  return text ? (
    <Bench key={question.type} {...text} {...bench} />
  ) : (
    <Responses columns={columns} {...bench} />
  );
}

function Tools({
  state,
  dispatch,
  isNew,
  wraps,
  onWraps,
  docked,
  onDocked,
}: {
  state: DeskState;
  dispatch: (action: Action) => void;
  /** There are guidelines that this rater has not worked by. */
  isNew: boolean;
  wraps: boolean;
  onWraps: () => void;
  docked: boolean;
  onDocked: () => void;
}) {
  const { keyOf } = useDeskKeyboard();
  const t = useTranslations("desk.tools");
  const guidelines = useTranslations("desk.guidelines");
  const Lock = state.scrollLocked ? Link2 : Link2Off;
  return (
    <div className="flex items-center">
      {state.k > 1 && (
        <>
          <Tool
            label={t("diff")}
            hint={keyOf("diff")}
            aria-pressed={state.diff}
            onClick={() => dispatch({ type: "toggle", what: "diff" })}
          >
            <Diff />
          </Tool>
          <Tool
            label={t("scroll")}
            hint={keyOf("scrollLocked")}
            aria-pressed={state.scrollLocked}
            className="max-md:hidden"
            onClick={() => dispatch({ type: "toggle", what: "scrollLocked" })}
          >
            <Lock />
          </Tool>
        </>
      )}
      <Tool
        label={t("raw")}
        hint={keyOf("raw")}
        aria-pressed={state.raw}
        onClick={() => dispatch({ type: "toggle", what: "raw" })}
      >
        <Code2 />
      </Tool>
      <Tool label={t("wrap")} hint={keyOf("wrap")} aria-pressed={wraps} onClick={onWraps}>
        <WrapText />
      </Tool>
      <Tool
        label={t("keys")}
        hint={keyOf("help")}
        className="max-md:hidden"
        onClick={() => dispatch({ type: "open", mode: "help" })}
      >
        <Keyboard />
      </Tool>
      <Button size="sm" variant="ghost" hint={keyOf("guidelines")} aria-pressed={docked} onClick={onDocked}>
        <BookOpen aria-hidden="true" />
        <span className="max-md:sr-only">{guidelines("name")}</span>
        {isNew && <Badge tone="warn">{guidelines("new")}</Badge>}
      </Button>
    </div>
  );
}

/** An icon with its key beside it: what is not printed is not learnt. */
const Tool = ({ label, ...rest }: ButtonProps & { label: string }) => (
  <Button
    size="sm"
    variant="ghost"
    aria-label={`${label} (${rest.hint})`}
    title={label}
    {...rest}
    className={cn("gap-1 px-1.5", rest.className)}
  />
);

/** By a share of what is in view: the box itself, the longest of several, or where all is one page, that. */
function scroll(root: HTMLElement, { what, by }: Extract<Command, { type: "scroll" }>): void {
  const own = [
    ...root.querySelectorAll(what === "prompt" ? "[data-scroll=prompt]" : "[data-scroll=response]"),
  ];
  // Those that scroll with it go by shares: only from the longest is nothing passed over.
  const longest = own.filter(canScroll).toSorted((a, b) => b.scrollHeight - a.scrollHeight)[0];
  const box = longest ?? root.querySelector("[data-scroll=page]");
  box?.scrollBy({ top: box.clientHeight * by });
}

const canScroll = (box: Element) =>
  box.scrollHeight > box.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(box).overflowY);
