"use client";
import { GripVertical } from "lucide-react";
import { type PointerEvent, useRef, useState } from "react";
import type { QuestionOf } from "@/server/form/schema";
import { cn } from "../ui/cn";
import { rank, rankSentence, ranksOf } from "./answering";
import { Option } from "./question-block";
import type { QuestionProps } from "./questions";
import type { Action, DeskState } from "./state";
import { letterOf } from "./targets";

function giveRank(
  {
    state,
    dispatch,
    question,
  }: Pick<QuestionProps<QuestionOf<"ranking">>, "state" | "dispatch" | "question">,
  slot: number,
  value: number,
): void {
  const answer = rank(state.answers, question, slot, value, state.k)[question.id];
  if (answer) dispatch({ type: "answer", questionId: question.id, answer });
}

/** Places 1 to k, into which the letters are dragged; the same place twice is a tie. */
export function RankingBoard(props: QuestionProps<QuestionOf<"ranking">>) {
  const { question, state, live, first } = props;
  const board = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<number | null>(null);
  const ranks = ranksOf(state.answers, question, state.k);
  const places = Array.from({ length: state.k }, (_, index) => index + 1);

  const placeAt = (event: PointerEvent): number | null => {
    const place = document
      .elementsFromPoint(event.clientX, event.clientY)
      .find((element) => board.current?.contains(element) && element.hasAttribute("data-place"))
      ?.getAttribute("data-place");
    return place == null ? null : Number(place);
  };

  const chip = (slot: number) => (
    <span
      key={slot}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setOver(ranks[slot] ?? null);
      }}
      onPointerMove={(event) => over !== null && setOver(placeAt(event) ?? 0)}
      onPointerUp={(event) => {
        const place = placeAt(event);
        if (place !== null) giveRank(props, slot, place);
        setOver(null);
      }}
      onPointerCancel={() => setOver(null)}
      className={cn(
        "inline-flex h-7 cursor-grab touch-none select-none items-center gap-0.5 rounded-md border border-line-strong bg-surface pe-2 ps-1 font-semibold active:cursor-grabbing",
        live && state.marker === first + slot && "border-accent text-accent",
      )}
    >
      <GripVertical aria-hidden="true" className="size-3.5 text-muted" />
      {letterOf(slot)}
    </span>
  );
  const lettersAt = (place: number) => ranks.flatMap((value, slot) => (value === place ? [slot] : []));

  return (
    <div className="flex flex-col gap-1.5">
      <div ref={board} aria-hidden="true" className="flex flex-wrap gap-1">
        {[...places, 0].map((place) => {
          const letters = lettersAt(place);
          if (place === 0 && letters.length === 0) return null;
          return (
            <div
              key={place}
              data-place={place}
              className={cn(
                "flex min-h-9 min-w-20 flex-1 items-center gap-1 rounded-md border bg-sunken px-1.5 text-xs text-muted",
                place === 0 && "border-dashed",
                over === place && "border-accent bg-accent-wash",
              )}
            >
              <span className="whitespace-nowrap">
                {place === 0 ? "Not ranked" : place === 1 ? "1 best" : place}
              </span>
              {letters.map(chip)}
            </div>
          );
        })}
      </div>
      {rankSentence(ranks) === null ? (
        <p className="text-sm text-muted">
          <span className="pointer-coarse:hidden">
            Press a digit for the marked letter, or drag the letters.
          </span>
          <span className="pointer-fine:hidden">Tap a rank beside each response, or drag the letters.</span>
          {question.ties && " The same rank twice is a tie."}
        </p>
      ) : (
        // Beside Submit it stands too, where there is room.
        <p className="text-sm md:hidden">{rankSentence(ranks)}</p>
      )}
    </div>
  );
}

/** The ranks of one response as buttons at its head: for touch and for screen readers. */
export function RankButtons({
  state,
  dispatch,
  question,
  slot,
  live,
}: {
  state: DeskState;
  dispatch: (action: Action) => void;
  question: QuestionOf<"ranking">;
  slot: number;
  live: boolean;
}) {
  const current = ranksOf(state.answers, question, state.k)[slot];
  return (
    <div
      role="radiogroup"
      aria-label={`Rank of response ${letterOf(slot)}`}
      className="flex items-center gap-0.5"
    >
      <span aria-hidden="true" className="pe-1 text-xs text-muted">
        Rank
      </span>
      {Array.from({ length: state.k }, (_, index) => index + 1).map((value) => (
        <Option
          key={value}
          type="radio"
          name={`${question.id}-rank-${slot}`}
          label={`Response ${letterOf(slot)}: rank ${value}`}
          checked={current === value}
          onSelect={() => giveRank({ state, dispatch, question }, slot, value)}
          className={cn("h-6 min-w-6 px-1 tabular", live && "border-accent")}
        >
          {value}
        </Option>
      ))}
    </div>
  );
}
