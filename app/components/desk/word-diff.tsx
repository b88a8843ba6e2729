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

/**
 * Text with what was added underlined and what was removed struck through: the colour only helps.
 * @param show `before` leaves out what was added, `after` what was removed
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
  const pieces = useMemo(() => piecesOf(before, after, lang), [before, after, lang]);
  return (
    <div dir="auto" lang={lang ?? undefined} className="prose-raw font-sans text-read">
      {pieces.map((piece, index) => {
        if (piece.change === "same") return <span key={index}>{piece.text}</span>;
        if (piece.change === "added")
          return show === "before" ? null : (
            <ins key={index} className="rounded-sm bg-good-wash text-good decoration-2 underline-offset-2">
              {piece.text}
            </ins>
          );
        return show === "after" ? null : (
          <del key={index} className="rounded-sm bg-bad-wash text-bad decoration-1">
            {piece.text}
          </del>
        );
      })}
    </div>
  );
}
