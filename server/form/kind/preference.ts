import { z } from "zod";
import { preferenceOutcomes } from "../../../db/shape/judgement";
import { type Kind, questionBase } from "./kind";

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
};
