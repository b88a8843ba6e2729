import { counted } from "@/app/components/units";
import type { Evaluation } from "@/server/evaluation/schema";
import { interval } from "@/server/statistics/share";

type Counted = Pick<
  Evaluation,
  "won" | "lost" | "tied" | "bothBad" | "withoutPeople" | "winRate" | "toSettle"
>;

/** How a blind comparison stands, in sentences: who is ahead, by how much, whether that is settled, and if not what would. */
export function standing({ won, lost, tied, bothBad, withoutPeople, winRate, toSettle }: Counted): string {
  const { estimate, low, high, prompts } = winRate;
  if (estimate === null) return "Nobody has judged yet.";
  const alone = withoutPeople.won + withoutPeople.lost + withoutPeople.tied;
  const found = `The tuned model won ${won}, lost ${lost} and tied ${tied + bothBad}${
    alone > 0 ? ` (${alone} of these without people: an empty reply loses, equal replies tie)` : ""
  }: a win rate of ${interval(estimate, { low, high })} on ${counted(prompts, "prompt")}, a tie half.`;
  if (low !== null && high !== null && (low > 0.5 || high < 0.5))
    return `${found} The interval leaves out 50 %: ${low > 0.5 ? "it is better than the base" : "it is worse than the base"} at what these prompts ask.`;
  if (toSettle === null)
    return `${found} Neither is ahead, so no number of judgements can be named that would settle it.`;
  const more = Math.max(1, toSettle - prompts);
  return `${found} That settles nothing: the interval includes 50 %. If the rate stays, about ${counted(toSettle, "prompt")} would, ${more} more.`;
}
