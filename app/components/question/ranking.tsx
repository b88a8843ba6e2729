"use client";
import { GripVertical } from "lucide-react";
import { useTranslations } from "next-intl";
import { type PointerEvent, useRef, useState } from "react";
import { z } from "zod";
import { ranking as kind } from "@/server/form/kind/ranking";
import type { AnswerOf } from "@/server/form/schema";
import { Toggle } from "../form-editor/controls";
import { cn } from "../ui/cn";
import type { ControlProps, HeadProps, QuestionComponent, Say, SettingsProps, ViewProps } from "./component";
import { Option } from "./option";
import { letterOf, slotsOf, withAt } from "./target";

type Answer = AnswerOf<"ranking">;

/** An unranked response has rank 0 until the answer is finished. */
const ranksOf = (answer: Answer | undefined, k: number): number[] =>
  answer?.ranks ?? Array<number>(k).fill(0);

const rank = (answer: Answer | undefined, k: number, slot: number, value: number): Answer => ({
  type: "ranking",
  ranks: withAt(ranksOf(answer, k), slot, value),
});

/** Ranks without gaps: 2, 2, 4 says no more than 1, 1, 2. */
export function denseRanks(ranks: readonly number[]): number[] {
  const steps = [...new Set(ranks)].toSorted((a, b) => a - b);
  return ranks.map((value) => steps.indexOf(value) + 1);
}

/** "B is best, then A and C tie, then D." Null until everything is ranked. */
export function rankSentence(ranks: readonly number[], say: Say): string | null {
  if (ranks.length === 0 || ranks.includes(0)) return null;
  const dense = denseRanks(ranks);
  const groups = Array.from({ length: Math.max(...dense) }, (_, index) =>
    dense.flatMap((value, slot) => (value === index + 1 ? [letterOf(slot)] : [])),
  );
  const list = new Intl.ListFormat(say("locale"), { type: "conjunction" });
  const [best, ...rest] = groups;
  if (!best || (rest.length === 0 && best.length > 1)) return say("sentence.allEqual");
  const told = (group: string[]) => ({ count: group.length, letters: list.format(group) });
  return say("sentence.ranked", {
    parts: [say("sentence.best", told(best)), ...rest.map((group) => say("sentence.next", told(group)))].join(
      say("sentence.comma"),
    ),
  });
}

/** Places 1 to k, into which the letters are dragged; the same place twice is a tie. */
function Board({ question, answer, onAnswer, state, live, first }: ControlProps<"ranking">) {
  const board = useRef<HTMLDivElement>(null);
  const say = useTranslations("question");
  const [over, setOver] = useState<number | null>(null);
  const ranks = ranksOf(answer, state.k);
  const sentence = rankSentence(ranks, say);
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
        if (place !== null) onAnswer(rank(answer, state.k, slot, place));
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
                "flex min-h-9 min-w-fit flex-1 basis-16 flex-wrap items-center gap-1 rounded-md border bg-sunken px-1.5 py-0.5 text-xs text-muted",
                place === 0 && "border-dashed",
                over === place && "border-accent bg-accent-wash",
              )}
            >
              <span className="whitespace-nowrap">
                {place === 0 ? say("notRanked") : place === 1 ? say("placeBest") : place}
              </span>
              {letters.map(chip)}
            </div>
          );
        })}
      </div>
      {sentence === null ? (
        // At 200 % zoom the responses need its line.
        <p className="text-sm text-muted [@media(max-height:38rem)]:hidden">
          <span className="pointer-coarse:hidden">{say("rankByKey")}</span>
          <span className="pointer-fine:hidden">{say("rankByTouch")}</span>
          {question.ties && ` ${say("rankTies")}`}
        </p>
      ) : (
        // Beside Submit it stands too, where there is room.
        <p className="text-sm md:hidden">{sentence}</p>
      )}
    </div>
  );
}

/** The ranks of one response as buttons at its head: for touch and for screen readers. */
function Head({ question, answer, onAnswer, slot, k, live }: HeadProps<"ranking">) {
  const say = useTranslations("question");
  const current = ranksOf(answer, k)[slot];
  return (
    <div
      role="radiogroup"
      aria-label={say("rankOf", { letter: letterOf(slot) })}
      className="flex flex-wrap items-center gap-px"
    >
      {k <= 6 && (
        <span aria-hidden="true" className="pe-1 text-xs text-muted">
          {say("rank")}
        </span>
      )}
      {Array.from({ length: k }, (_, index) => index + 1).map((value) => (
        <Option
          key={value}
          type="radio"
          name={`${question.id}-rank-${slot}`}
          label={say("rankIs", { letter: letterOf(slot), rank: value })}
          checked={current === value}
          onSelect={() => onAnswer(rank(answer, k, slot, value))}
          className={cn("min-h-6 min-w-6 px-0.5 tabular", live && "border-accent")}
        >
          {value}
        </Option>
      ))}
    </div>
  );
}

const Settings = ({ question, onChange }: SettingsProps<"ranking">) => (
  <Toggle
    label="Two responses may have the same rank"
    value={question.ties}
    onChange={(ties) => onChange({ ...question, ties })}
  />
);

const View = ({ answer }: ViewProps<"ranking">) => (
  <span className="font-medium">{rankSentence(denseRanks(answer.ranks), useTranslations("question"))}</span>
);

export const ranking: QuestionComponent<"ranking"> = {
  name: "Ranking",
  fresh: { label: "Rank the responses, best first" },
  Settings,
  Control: Board,
  broad: true,
  View,
  summary({ ranks }) {
    const order = denseRanks(ranks)
      .map((place, slot) => ({ place, letter: letterOf(slot) }))
      .toSorted((one, other) => one.place - other.place);
    return order
      .map(({ place, letter }, index) =>
        index === 0 ? letter : `${place === order[index - 1]?.place ? "=" : ">"} ${letter}`,
      )
      .join(" ");
  },
  targets: (question, k) => slotsOf("response", k).map((slot) => ({ question, slot, item: null })),
  isAnswered: ({ ranks }, { slot }) => (ranks[slot ?? 0] ?? 0) > 0,
  isEmpty: ({ ranks }) => ranks.every((value) => value === 0),
  /** 0 is the tenth rank. */
  digit(_, answer, { target, value, k }) {
    const place = value === 0 ? 10 : value;
    return place <= k ? rank(answer, k, target.slot ?? 0, place) : null;
  },
  stays: () => false,
  aside: false,
  favourite({ ranks }) {
    const best = ranks.indexOf(1);
    return best < 0 ? null : best;
  },
  sentence: (_, { ranks }, say) => rankSentence(ranks, say),
  finish(answer) {
    const open = answer.ranks.flatMap((value, slot) => (value === 0 ? [letterOf(slot)] : []));
    if (open.length > 0) return { open: `rank ${open.join(", ")} too.` };
    return { answer: { ...answer, ranks: denseRanks(answer.ranks) } };
  },
  draft: kind.answer.extend({ ranks: z.array(z.number().int().min(0)) }),
  Head,
};
