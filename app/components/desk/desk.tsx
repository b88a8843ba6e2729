"use client";
import { BookOpen, Code2, Diff, Keyboard, Link2, Link2Off } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useReducer, useRef, useState } from "react";
import { type Answers, answerTo, type Question } from "@/server/form/schema";
import { componentOf } from "../question";
import { Button, IconButton } from "../ui/button";
import { AnswerBar } from "./answer-bar";
import { finish } from "./answering";
import { FlagDialog, GuidelinesSheet, KeysDialog, type Skip, SkipDialog } from "./dialogs";
import { type Draft, emptyDraft } from "./draft";
import { type Command, keyOf } from "./keymap";
import type { Action, DeskState } from "./model";
import { PromptView, type ShownPrompt } from "./prompt-view";
import { Responses } from "./responses";
import { initialState, reduce, skipReasons } from "./state";
import { useKeys } from "./use-keys";
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
}

/**
 * One task, from reading to submitting. Knows nothing of servers and storage: the annotators' page and the form
 * editor's preview both use it. Give it a `key` for each task.
 */
export function Desk({
  task,
  guidelines,
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
}: DeskProps) {
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

  const draft = (): Draft => ({
    answers: state.answers,
    flagReason: state.flagReason,
    firstDecisionAt: state.firstDecisionAt,
    ...readTime(),
  });

  const changed = useEffectEvent(() => onChange?.(draft()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: these two are what a draft keeps
  useEffect(() => changed(), [state.answers, state.flagReason]);

  const submitted = useEffectEvent(() => onSubmit(finish(task.questions, k, state.answers).answers, draft()));
  useEffect(() => {
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
        return scroll(columns.current, command.by);
      default:
        return dispatch(command);
    }
  };
  useKeys(state, run, { root, scope: keys });

  const texts = task.responses.map((response) => response.content);
  const lang = task.prompt.language;
  const bench = { texts, lang, state, dispatch };
  return (
    <section
      ref={root}
      aria-label="Task"
      tabIndex={-1}
      className="flex h-full min-h-0 flex-col bg-surface outline-none"
    >
      <header className="flex h-10 shrink-0 items-center gap-1 border-b bg-canvas px-2 md:px-4">
        <div className="min-w-0 flex-1 truncate">{title}</div>
        {status}
        <Tools {...bench} />
      </header>
      {task.returnComment && (
        <p role="status" className="shrink-0 border-b bg-warn-wash px-4 py-2 text-sm md:px-5">
          <span className="font-medium">Sent back by a reviewer:</span> {task.returnComment}
        </p>
      )}
      <div className="scroll-thin flex min-h-0 flex-1 flex-col overflow-y-auto md:overflow-hidden">
        <div
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          className="scroll-thin shrink-0 border-b -outline-offset-2 md:max-h-[36%] md:overflow-y-auto"
        >
          <div className="mx-auto" style={roomFor(k)}>
            <PromptView prompt={task.prompt} raw={state.raw} />
          </div>
        </div>
        <div className="mx-auto flex min-h-0 w-full flex-1 flex-col" style={roomFor(k)}>
          <Main {...bench} columns={columns} />
        </div>
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
      <GuidelinesSheet state={state} dispatch={dispatch} markdown={guidelines} />
      <KeysDialog state={state} dispatch={dispatch} />
    </section>
  );
}

/** On a very wide screen the columns stay beside each other: eyes should not travel further than the text is wide. */
const roomFor = (k: number) => ({ maxInlineSize: `${Math.max(2, k) * 56}rem` });

/** The responses, or the workbench while a text is being written that needs the room. */
function Main({ columns, ...bench }: Parameters<typeof Responses>[0]) {
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
    });
  return text ? (
    <Bench key={question.type} {...text} {...bench} />
  ) : (
    <Responses columns={columns} {...bench} />
  );
}

function Tools({ state, dispatch }: { state: DeskState; dispatch: (action: Action) => void }) {
  const Lock = state.scrollLocked ? Link2 : Link2Off;
  return (
    <div className="flex items-center">
      {state.k > 1 && (
        <>
          <IconButton
            label={`Show what differs (${keyOf("diff")})`}
            aria-pressed={state.diff}
            onClick={() => dispatch({ type: "toggle", what: "diff" })}
          >
            <Diff />
          </IconButton>
          <IconButton
            label={`Scroll together (${keyOf("scrollLocked")})`}
            aria-pressed={state.scrollLocked}
            className="max-md:hidden"
            onClick={() => dispatch({ type: "toggle", what: "scrollLocked" })}
          >
            <Lock />
          </IconButton>
        </>
      )}
      <IconButton
        label={`Raw text (${keyOf("raw")})`}
        aria-pressed={state.raw}
        onClick={() => dispatch({ type: "toggle", what: "raw" })}
      >
        <Code2 />
      </IconButton>
      <IconButton
        label={`All keys (${keyOf("help")})`}
        className="max-md:hidden"
        onClick={() => dispatch({ type: "open", mode: "help" })}
      >
        <Keyboard />
      </IconButton>
      <Button
        size="sm"
        variant="ghost"
        hint={keyOf("guidelines")}
        onClick={() => dispatch({ type: "open", mode: "guidelines" })}
      >
        <BookOpen aria-hidden="true" />
        <span className="max-md:sr-only">Guidelines</span>
      </Button>
    </div>
  );
}

/** By a share of what is in view: the columns, or on a phone the page that holds them. */
function scroll(columns: HTMLElement | null, by: number): void {
  const boxes = [...(columns?.querySelectorAll("article > section") ?? []), columns?.parentElement];
  const box = boxes.find((candidate) => candidate && candidate.scrollHeight > candidate.clientHeight + 1);
  box?.scrollBy({ top: box.clientHeight * by });
}
