"use client";
import { PenLine } from "lucide-react";
import { useEffect, useRef } from "react";
import type { QuestionOf } from "@/server/form/schema";
import { Button } from "../ui/button";
import { Textarea } from "../ui/field";
import { textOf } from "./answering";
import { keyOf } from "./keymap";
import { Chips, type QuestionProps } from "./questions";

/** Reasons to tick and a text that grows with what is written. A demonstration has the workbench to itself. */
export function TextQuestion(props: QuestionProps<QuestionOf<"text">>) {
  const { question, state, dispatch } = props;
  const { text } = textOf(state.answers, question);
  // Without responses the workbench is always open.
  if (question.purpose === "demonstration" && state.k === 0) return <Chips {...props} />;
  if (question.purpose === "demonstration")
    return (
      <div className="flex items-center gap-2">
        <Chips {...props} />
        <Button
          size="sm"
          hint={keyOf("write")}
          onClick={() => dispatch({ type: "write", questionId: question.id })}
        >
          <PenLine aria-hidden="true" />
          {text.trim() ? `Go on writing (${countWords(text)})` : "Write the reply"}
        </Button>
      </div>
    );
  return (
    <div className="flex flex-wrap items-start gap-x-2 gap-y-1.5">
      <Chips {...props} />
      <Prose {...props} />
    </div>
  );
}

function Prose({ question, state, dispatch }: QuestionProps<QuestionOf<"text">>) {
  const box = useRef<HTMLTextAreaElement>(null);
  const answer = textOf(state.answers, question);
  const writing = state.mode.name === "writing" && state.mode.questionId === question.id;
  useEffect(() => {
    if (writing) box.current?.focus();
    else if (document.activeElement === box.current) box.current?.blur();
  }, [writing]);
  return (
    <Textarea
      ref={box}
      rows={1}
      value={answer.text}
      maxLength={question.maxLength}
      aria-label={question.label}
      placeholder={question.purpose === "critique" ? "What is wrong, and where?" : "In your words…"}
      onFocus={() => !writing && dispatch({ type: "write", questionId: question.id })}
      onBlur={() => writing && dispatch({ type: "close" })}
      onChange={(event) =>
        dispatch({
          type: "answer",
          questionId: question.id,
          answer: { ...answer, text: event.target.value },
        })
      }
      className="field-sizing-content max-h-40 min-h-7 w-auto min-w-64 flex-1 resize-none py-0.5"
    />
  );
}

export const countWords = (text: string): string => {
  const count = [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)].filter(
    (piece) => piece.isWordLike,
  ).length;
  return count === 1 ? "1 word" : `${count.toLocaleString("en")} words`;
};
