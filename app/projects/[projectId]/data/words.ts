import type { DataAudit, MethodEntry, StopReason } from "@/server/construction/schema";
import { decidedOf } from "@/server/construction/words";

const shareText = (share: number) => `${(100 * share).toFixed(0)} %`;

/** The share that people passed as it was, with its 95 % interval. */
export const passText = ({ pass }: Pick<DataAudit, "pass">): string =>
  pass ? `${shareText(pass.share)} (${shareText(pass.low)} to ${shareText(pass.high)})` : "—";

/** How many still wait for people. */
export const waitingOf = (audit: DataAudit): number => audit.drawn - decidedOf(audit);

const needWords = {
  prompts: "prompts of the project",
  responses: "prompts with a reply by a person",
  documents: "documents",
} as const;

/** What has to be there for a method: models and inputs, and models that some of its options ask for. */
export function needsOf({ slots, needs }: MethodEntry): string {
  const words = ({ name, says, isMany }: MethodEntry["slots"][number]) =>
    `${isMany ? "models" : "a model"} as ${name}, which ${says}`;
  const optional = slots.filter(({ isUsual }) => !isUsual);
  return [
    ...slots.filter(({ isUsual }) => isUsual).map(words),
    ...needs.map((need) => needWords[need]),
    ...(optional.length > 0 ? [`with some options ${optional.map(words).join(" and ")}`] : []),
  ].join("; ");
}

export const stopWords: Readonly<Record<StopReason, string>> = {
  target: "It kept as many as were asked for.",
  used_up: "It ended before its target: the inputs were used up, or nothing new came any more.",
  budget: "It ended at its budget. The same recipe with more money goes on, and pays for nothing twice.",
  yield: "It ended early: of the last 200 candidates filters kept too few.",
  duplicates: "It ended early: too many of the last 200 candidates were like another.",
  audit: "It ended early: people passed too little of what they looked at.",
  stopped: "A person stopped it. The same recipe goes on where it was, and pays for nothing twice.",
};
