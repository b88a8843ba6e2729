import { letterOf } from "@/app/components/question/target";
import { cn } from "@/app/components/ui/cn";
import type { PreferenceRow } from "@/server/review/schema";

const degrees = ["slightly", "clearly", "much"] as const;

/** "B much better": the verdict on a pair in words, the strength also as a bar. */
export function Verdict({ outcome, strength }: Pick<PreferenceRow, "outcome" | "strength">) {
  return (
    <span className="inline-flex items-center gap-2">
      <span className={cn(outcome === "both_bad" && "text-bad")}>{verdictText({ outcome, strength })}</span>
      {strength > 0 && (
        <span aria-hidden="true" className="h-1 w-8 shrink-0 overflow-hidden rounded-full bg-hover">
          <span className="block h-full bg-accent" style={{ inlineSize: `${strength * 100}%` }} />
        </span>
      )}
    </span>
  );
}

function verdictText({ outcome, strength }: Pick<PreferenceRow, "outcome" | "strength">): string {
  if (outcome === "tie") return "About the same";
  if (outcome === "both_bad") return "Both bad";
  const degree = degrees[Math.max(0, Math.ceil(strength * degrees.length) - 1)] ?? "";
  return `${letterOf(outcome === "a" ? 0 : 1)} ${degree} better`;
}
