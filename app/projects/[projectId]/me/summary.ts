import { denseRanks } from "@/app/components/desk/answering";
import { letterOf } from "@/app/components/desk/targets";
import type { Answer, Answers } from "@/server/form/schema";

/** A judgement in a few characters, letters as they stood on the rater's screen: "B +2", "C > A = B", "3 ratings". */
export function summaryOf(answers: Answers): string {
  return Object.values(answers).map(short).filter(Boolean).slice(0, 3).join(" · ");
}

function short(answer: Answer): string {
  switch (answer.type) {
    case "preference":
      if (answer.outcome === "tie") return "same";
      if (answer.outcome === "both_bad") return "both bad";
      return `${answer.outcome.toUpperCase()} +${answer.level ?? 1}`;
    case "ranking": {
      const order = denseRanks(answer.ranks)
        .map((rank, slot) => ({ rank, letter: letterOf(slot) }))
        .toSorted((one, other) => one.rank - other.rank);
      return order
        .map(({ rank, letter }, index) =>
          index === 0 ? letter : `${rank === order[index - 1]?.rank ? "=" : ">"} ${letter}`,
        )
        .join(" ");
    }
    case "rating": {
      const count = Object.values(answer.values).flat().length;
      return count === 1 ? "1 rating" : `${count} ratings`;
    }
    case "choice":
      return answer.values.flat().join(", ");
    case "text":
      return answer.text
        ? `“${answer.text.slice(0, 24)}${answer.text.length > 24 ? "…" : ""}”`
        : answer.chips.join(", ");
    case "edit":
      return "rewritten";
  }
}
