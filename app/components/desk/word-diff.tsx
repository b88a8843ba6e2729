"use client";
import { diffLines, diffWordsWithSpace } from "diff";
import { useMemo } from "react";

/** Two long texts without a word in common take a word diff for ever; after this, lines are compared. */
const PATIENCE_MS = 400;

interface Piece {
  text: string;
  change: "same" | "added" | "removed";
}

function piecesOf(before: string, after: string, lang: string | null): Piece[] {
  // Only a segmenter knows the words of Chinese, Japanese and Thai.
  const intlSegmenter = new Intl.Segmenter(lang ?? undefined, { granularity: "word" });
  const changes =
    diffWordsWithSpace(before, after, { intlSegmenter, timeout: PATIENCE_MS }) ?? diffLines(before, after);
  return changes.map(({ value, added, removed }) => ({
    text: value,
    change: added ? "added" : removed ? "removed" : "same",
  }));
}

/** A rewrite says what came and what went. Of two responses neither is the right one: both differ in one tint. */
const marks = {
  both: {
    added: { Mark: "ins", look: "rounded-sm bg-good-wash text-good decoration-1 underline-offset-2" },
    removed: { Mark: "del", look: "rounded-sm bg-bad-wash text-bad decoration-1" },
  },
  one: { Mark: "mark", look: "rounded-sm bg-line text-ink" },
} as const;

/** A blank between two changed words belongs to the change: a changed sentence is one mark, not twenty. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  pieces.forEach((piece, index) => {
    const last = result.at(-1);
    const isBlankBetween =
      piece.change === "same" && !/\S/.test(piece.text) && last?.change === pieces[index + 1]?.change;
    const change = isBlankBetween && last ? last.change : piece.change;
    if (last?.change === change) last.text += piece.text;
    else result.push({ text: piece.text, change });
  });
  return result;
}

/**
 * Text with what was added underlined and what was removed struck through: the colour only helps.
 * @param show `before` or `after`: one of the two texts alone, with where it differs from the other
 */
export function WordDiff({
  before,
  after,
  show = "both",
  lang = null,
}: {
  before: string;
  after: string;
  show?: "before" | "after" | "both";
  lang?: string | null;
}) {
  const pieces = useMemo(() => {
    const hidden = { before: "added", after: "removed", both: null }[show];
    return joined(piecesOf(before, after, lang).filter((piece) => piece.change !== hidden));
  }, [before, after, lang, show]);
  return (
    <div dir="auto" lang={lang ?? undefined} className="prose-raw font-sans text-read">
      {pieces.map((piece, index) => {
        if (piece.change === "same") return <span key={index}>{piece.text}</span>;
        const { Mark, look } = show === "both" ? marks.both[piece.change] : marks.one;
        return (
          <Mark key={index} className={look}>
            {piece.text}
          </Mark>
        );
      })}
    </div>
  );
}
