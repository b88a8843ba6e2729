import { Badge } from "@/app/components/ui/badge";
import type { CardEstimate, JudgeCard } from "@/server/judge/card-schema";
import type { JudgeVersion } from "@/server/judge/schema";
import { coefficientText } from "@/server/statistics/estimate";

/** A coefficient with its interval, where there is one. */
export const known = (one: CardEstimate) => (one.estimate === null ? "—" : coefficientText(one));

/** Who answers for a version. */
export const answeredBy = ({ endpoint, model }: JudgeVersion) =>
  endpoint ? `${endpoint.name} (${endpoint.model})` : (model?.name ?? "—");

type Weight = NonNullable<JudgeCard["pairs"]>["findings"][number]["weight"];

export const weights: Readonly<Record<Weight, { tone: "bad" | "warn" | "good"; word: string }>> = {
  wrong: { tone: "bad", word: "Not to be used" },
  warning: { tone: "warn", word: "With care" },
  good: { tone: "good", word: "As people do" },
};

/** The weightiest that a card says, in a line. */
export function Verdict({ card }: { card: JudgeCard }) {
  if (card.tasks === 0) return <span className="text-muted">It has judged nothing yet.</span>;
  const first = card.pairs?.findings[0];
  if (!first) return <span className="text-muted">See its card.</span>;
  const { tone, word } = weights[first.weight];
  return (
    <span className="flex flex-wrap items-baseline gap-x-2">
      <Badge tone={tone}>{word}</Badge>
      <span className="text-pretty">{first.text}</span>
    </span>
  );
}
