import { letterOf } from "@/app/components/question/target";
import { Badge } from "@/app/components/ui/badge";
import { amount, counted, dollars } from "@/app/components/units";
import type { JudgeRole } from "@/db/shape/judge";
import type { CardEstimate, JudgeCard } from "@/server/judge/card-schema";
import type { JudgeEstimate, JudgeVersion } from "@/server/judge/schema";
import { coefficientText } from "@/server/statistics/estimate";

/** A coefficient with its interval, where there is one. */
export const known = (one: CardEstimate) => (one.estimate === null ? "—" : coefficientText(one));

/** Who answers for a version. */
export function answeredBy({ endpoint, model, assembly, members }: JudgeVersion): string {
  if (endpoint) return `${endpoint.name} (${endpoint.model})`;
  if (!assembly) return model?.name ?? "—";
  const names = members.map(memberName);
  return assembly.kind === "panel" ? `a panel of ${names.join(", ")}` : `a cascade: ${names.join(", then ")}`;
}

/** A version of a judge by its name and number. */
export const memberName = ({ name, version }: { name: string; version: number }) => `${name} v${version}`;

/** Whether asking a version costs nothing: no endpoint answers. */
export const isFree = ({ endpoint, members }: JudgeVersion) =>
  !endpoint && members.every(({ endpointId }) => endpointId === null);

/** What a judge may, in a word and in a sentence. */
export const roles: Readonly<
  Record<JudgeRole, { tone: "good" | "neutral" | "warn"; word: string; means: string }>
> = {
  label: { tone: "good", word: "may label", means: "Recipes may count its judgements." },
  presort: {
    tone: "neutral",
    word: "may pre-sort",
    means: "How unsure it is may decide what people judge first. Its judgements count in no dataset.",
  },
  advise: {
    tone: "neutral",
    word: "may advise",
    means: "Its verdicts and its card are shown, and decide nothing.",
  },
};

/** What a judge may, and that it once might more. */
export function Role({ standing: { role, lost } }: { standing: JudgeCard["standing"] }) {
  return (
    <span className="inline-flex flex-wrap gap-1">
      <Badge tone={roles[role].tone}>{roles[role].word}</Badge>
      {lost && <Badge tone="warn">{`no longer: ${roles[lost.role].word}`}</Badge>}
    </span>
  );
}

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

/** The order in which the responses stood, by their letters in the task. */
export const shownAs = ({ order }: { order: readonly number[] }) => order.map(letterOf).join(" then ");

/** What asking would take, in a sentence or two; undefined: nobody knows yet. */
export function estimateText(estimate: JudgeEstimate | undefined, { isFree }: { isFree: boolean }): string {
  if (!estimate) return "It is being reckoned what this takes.";
  const { tasks, barred, calls, input, output, cost } = estimate;
  const kin =
    barred > 0
      ? ` ${counted(barred, "task")} with a response of its own kin ${barred === 1 ? "is" : "are"} left out.`
      : "";
  if (tasks === 0) return `There is no such task that it has not judged.${kin}`;
  const replies = `${counted(tasks, "task")}, ${counted(calls, "request")}`;
  if (isFree) return `${replies}. It costs nothing.${kin}`;
  const tokens =
    input === null || output === null
      ? ""
      : `, about ${amount(input)} tokens of prompts and at most ${amount(output)} of replies`;
  return `${replies}${tokens}. ${
    cost === null ? "What it costs is not known: the endpoint has no prices." : `At most ${dollars(cost)}.`
  }${kin}`;
}
