import { z } from "zod";
import { preferenceOutcomes } from "../../../db/shape/review";
import { type Kind, type Label, questionBase } from "./kind";

/** Which of two responses is better, and by how much. Asked of tasks with two responses. */
const question = questionBase.extend({
  type: z.literal("preference"),
  /** 2: A or B. 4: much/slightly. 7: much/clearly/slightly, with "about the same" in the middle. */
  points: z.union([z.literal(2), z.literal(4), z.literal(7)]).default(7),
  tie: z.boolean().default(true),
  bothBad: z.boolean().default(true),
});

const answer = z.object({
  type: z.literal("preference"),
  outcome: z.enum(preferenceOutcomes),
  /** How far from the middle: 1 … 1, 2 or 3 for 2, 4 and 7 points. Absent for tie and both bad. */
  level: z.number().int().min(1).max(3).optional(),
  /** The strength that an imported file states, of which the level is the nearest step; absent: what the level says. */
  strength: z.number().gt(0).max(1).optional(),
});

/** The number of steps on each side of the middle. */
export const preferenceLevels = { 2: 1, 4: 2, 7: 3 } as const;

export const preference: Kind<typeof question, typeof answer> = {
  question,
  answer,
  asked: (_, k) => k === 2,
  problem({ points, tie, bothBad }, { outcome, level, strength }) {
    if (outcome === "tie") return tie ? null : "a tie is not offered.";
    if (outcome === "both_bad") return bothBad ? null : "both bad is not offered.";
    const levels = preferenceLevels[points];
    if (level === undefined || level > levels) return `level must be 1 to ${levels}.`;
    const nearest = strength === undefined ? level : Math.max(1, Math.round(strength * levels));
    return nearest === level ? null : `strength ${strength} is nearest to level ${nearest}, not ${level}.`;
  },
  permute(_, given, { swapped }) {
    if (!swapped || (given.outcome !== "a" && given.outcome !== "b")) return given;
    return { ...given, outcome: given.outcome === "a" ? "b" : "a" };
  },
  facts({ points }, { outcome, level, strength }) {
    const decided = outcome === "a" || outcome === "b";
    const lead = decided ? (strength ?? (level ?? 1) / preferenceLevels[points]) : 0;
    return { preferences: [{ a: 0, b: 1, outcome, strength: lead }], marks: [] };
  },
  scales: ({ points, tie, bothBad }) => [
    {
      by: "pairs",
      outcomes: ["a", "b", ...(tie ? (["tie"] as const) : []), ...(bothBad ? (["both_bad"] as const) : [])],
      levels: preferenceLevels[points],
    },
  ],
  change: (before, after) =>
    before.points === after.points ? null : `has ${before.points} points and cannot get ${after.points}`,
  compares: true,
  general: true,
  accepts: (own, other) => (own.tie || !other.tie) && (own.bothBad || !other.bothBad),
  texts: () => [],
  judging: {
    ask({ points, tie, bothBad }, _, degrees) {
      const labels = [
        ...(degrees ? byDegrees(preferenceLevels[points]) : byLetters),
        ...(tie ? [labelOf(degrees ? "A=B" : "C", "they are about the same", "tie")] : []),
        ...(bothBad ? [labelOf(degrees ? "neither" : "D", "neither is acceptable", "both_bad")] : []),
      ];
      return { task: "Decide which of the two responses, A or B, is better.", labels };
    },
    settle({ tie }, orders) {
      const said = orders.map(majorityOf);
      const [first] = said;
      if (said.every(({ outcome }) => outcome === first.outcome)) return byMeanDegree(first.outcome, said);
      return tie ? { type: "preference", outcome: "tie" } : null;
    },
    byScores({ tie }, [a, b]) {
      if (a !== b) return { type: "preference", outcome: a > b ? "a" : "b", level: 1 };
      return tie ? { type: "preference", outcome: "tie" } : null;
    },
  },
};

type Preference = z.infer<typeof answer>;

const labelOf = (
  label: string,
  means: string,
  outcome: Preference["outcome"],
  level?: number,
): Label<Preference> => ({
  label,
  means,
  answer: { type: "preference", outcome, ...(level === undefined ? {} : { level }) },
});

const byLetters = [labelOf("A", "A is better", "a", 1), labelOf("B", "B is better", "b", 1)];

const DEGREES = { 1: [""], 2: ["slightly ", "much "], 3: ["slightly ", "clearly ", "much "] } as const;

/** As Arena-Hard writes them: A>>B much, A>B slightly better. */
const byDegrees = (levels: 1 | 2 | 3): Label<Preference>[] =>
  (["a", "b"] as const).flatMap((outcome) => {
    const [better, worse] = outcome === "a" ? ["A", "B"] : ["B", "A"];
    return DEGREES[levels].map((much, index) =>
      labelOf(`${better}${">".repeat(index + 1)}${worse}`, `${better} is ${much}better`, outcome, index + 1),
    );
  });

/** What most say of those asked in one order, by the mean degree; a tie where as many say another thing. */
function majorityOf(said: readonly Preference[]): Preference {
  const count = (outcome: string) => said.filter((each) => each.outcome === outcome).length;
  const [most, next] = [...preferenceOutcomes].sort((one, other) => count(other) - count(one));
  if (count(most) === count(next)) return { type: "preference", outcome: "tie" };
  return byMeanDegree(
    most,
    said.filter(({ outcome }) => outcome === most),
  );
}

/** An outcome by the mean of the degrees in which it was said, if any were given. */
function byMeanDegree(outcome: Preference["outcome"], said: readonly Preference[]): Preference {
  const levels = said.flatMap(({ level }) => level ?? []);
  if (levels.length === 0) return { type: "preference", outcome };
  const level = Math.round(levels.reduce((sum, each) => sum + each, 0) / levels.length);
  return { type: "preference", outcome, level };
}
