import type { JudgePolicy, JudgeRole } from "../../../db/shape/judge";
import { coefficientText, type Estimate } from "../estimate";
import { shareText } from "../share";
import type { Failures } from "./card";
import type { Share } from "./compared";

type Bounded = Pick<Estimate, "estimate" | "low" | "high" | "reason">;

/** What a judge is worth on one scale of its question. */
export interface Worth {
  /** Which scale; empty where there is one. */
  label: string;
  /** On what it was not trained on alone. */
  besidePeople: { items: number; kappa: Bounded; ac: Bounded };
  /** Items beside people that it was trained on, and that say nothing of others. */
  trainedOn: number;
  /** Null of a judge that sees no order. */
  consistency: Pick<Share, "count" | "of" | "low" | "high"> | null;
}

/** One thing that is asked, and how it stands. */
interface Requirement {
  text: string;
  met: boolean;
}

/** What a judge may, and what stands before each step. */
export interface Standing {
  role: JudgeRole;
  steps: { role: Exclude<JudgeRole, "advise">; requirements: Requirement[] }[];
}

/**
 * What a judge may do by its card and the project's policy. The lower end of each 95 % interval has to reach what is
 * asked, not the estimate: few items show nothing. A question of several scales asks it of each. Where nothing is known
 * it advises.
 * @param wrong what the card finds that forbids any use of its verdicts, in sentences
 */
export function roleOf(
  { worths, failures, wrong }: { worths: readonly Worth[]; failures: Failures; wrong: readonly string[] },
  policy: JudgePolicy,
): Standing {
  const common = [
    ...worths.flatMap((worth) => [itemsOf(worth, policy), consistencyOf(worth, policy)]),
    {
      text: `replies without a verdict: ${shareText({ count: failures.failed, of: failures.asked }) ?? "none was asked for"}; allowed: ${percent(policy.failures)}`,
      met: failures.asked > 0 && failures.failed / failures.asked <= policy.failures,
    },
    ...wrong.map((text) => ({ text: `its card: ${text}`, met: false })),
  ];
  const steps = (["presort", "label"] as const).map((role) => ({
    role,
    requirements: [...agreements(worths, policy, policy[role]), ...common],
  }));
  const reached = steps.filter(({ requirements }) => requirements.every(({ met }) => met));
  return { role: reached.at(-1)?.role ?? "advise", steps };
}

const names = { kappa: "Cohen’s κ", ac: "Gwet’s AC" } as const;

function agreements(worths: readonly Worth[], { measure }: JudgePolicy, asked: number | null): Requirement[] {
  if (asked === null) return [{ text: "no judge may, as this project has it", met: false }];
  if (worths.length === 0)
    return [
      { text: "nothing tells how far it agrees with people: there is no figure beside them", met: false },
    ];
  return worths.map(({ label, besidePeople }) => {
    const found = besidePeople[measure];
    const bounds = found.estimate !== null && found.low === null ? ", and no interval of it is known" : "";
    return {
      text: `${of(label)}${names[measure]} with people ${coefficientText(found).replace(/\.$/, "")}${bounds}; asked: surely ${asked.toFixed(2)} or more`,
      met: found.low !== null && found.low >= asked,
    };
  });
}

function itemsOf({ label, besidePeople: { items }, trainedOn }: Worth, policy: JudgePolicy): Requirement {
  const aside = trainedOn > 0 ? `, without ${trainedOn} of prompts that it was trained on` : "";
  return {
    text: `${of(label)}${items} items judged beside people${aside}; asked: ${policy.items}`,
    met: items >= policy.items,
  };
}

function consistencyOf({ label, consistency }: Worth, policy: JudgePolicy): Requirement {
  if (consistency === null)
    return { text: `${of(label)}its verdict does not depend on the order`, met: true };
  const asked = `asked: surely ${percent(policy.consistency)} or more`;
  const found = shareText({ ...consistency, interval: consistency });
  return {
    text: `${of(label)}says the same with the sides swapped: ${found ?? "it judged nothing in both orders"}; ${asked}`,
    met: consistency.low !== null && consistency.low >= policy.consistency,
  };
}

const of = (label: string) => (label === "" ? "" : `${label}: `);
const percent = (share: number) => `${Math.round(1000 * share) / 10} %`;
