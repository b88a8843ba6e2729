import { shareText } from "../share";
import type { JudgeCard } from "./card";

/**
 * What a judge may be used for:
 * - `advise`  its verdicts are shown, and counted nowhere
 * - `presort` they may decide which tasks people get first
 * - `label`   they may stand for a person's in a dataset whose recipe asks for them
 */
export const judgeRoles = ["advise", "presort", "label"] as const;
export type JudgeRole = (typeof judgeRoles)[number];

/** What a project asks of a judge. The lower end of each 95 % interval has to reach it, not the estimate. */
export interface JudgeThreshold {
  /** Comparisons that it must have judged beside people. */
  items: number;
  /** Cohen's κ with a person; null: no judge may. */
  presort: number | null;
  label: number | null;
  /** Of the comparisons judged in both orders, the share with the same verdict. */
  consistency: number;
  /** Replies without a verdict, at most. */
  failures: number;
}

/** One thing that was asked, and how it stands. */
export interface Requirement {
  text: string;
  met: boolean;
}

/** What a judge may do by its card and the project's threshold, and what each step asks. Without a threshold it advises. */
export function roleOf(
  { besidePeople, sway, failures }: JudgeCard,
  threshold: JudgeThreshold | null,
): { role: JudgeRole; steps: { role: Exclude<JudgeRole, "advise">; requirements: Requirement[] }[] } {
  if (threshold === null) return { role: "advise", steps: [] };
  const { items, consistency, failures: allowed } = threshold;
  const { kappa } = besidePeople;
  const low = sway.consistency.low;
  const common = [
    {
      text: `${besidePeople.items} of ${items} comparisons judged beside people`,
      met: besidePeople.items >= items,
    },
    {
      text:
        low === null
          ? "how often it says the same with the sides swapped is not known"
          : `says the same with the sides swapped in at least ${percent(low)}; asked: ${percent(consistency)}`,
      met: low !== null && low >= consistency,
    },
    {
      text: `replies without a verdict: ${shareText({ count: failures.failed, of: failures.asked }) ?? "none asked"}; allowed: ${percent(allowed)}`,
      met: failures.asked > 0 && failures.failed / failures.asked <= allowed,
    },
  ];
  const steps = (["presort", "label"] as const).map((role) => {
    const asked = threshold[role];
    const agreement =
      asked === null
        ? { text: "no judge may, as this project has it", met: false }
        : {
            text:
              kappa.low === null
                ? `κ with people has no interval; asked: at least ${asked.toFixed(2)}`
                : `κ with people is at least ${kappa.low.toFixed(2)}; asked: ${asked.toFixed(2)}`,
            met: kappa.low !== null && kappa.low >= asked,
          };
    return { role, requirements: [agreement, ...common] };
  });
  const reached = steps.filter(({ requirements }) => requirements.every(({ met }) => met));
  return { role: reached.at(-1)?.role ?? "advise", steps };
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
