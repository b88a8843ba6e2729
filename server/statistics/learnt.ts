import type { LossCourse } from "../../db/shape/model";

/** A change of the held-out loss by less than this share of it is none. */
const MOVED = 0.01;

type Learnt = "fell" | "flat" | "rose" | "passed";

/**
 * Whether training taught something that shows on rows it has not seen. By the held-out loss of the weights that were
 * kept, against the first evaluation: more than 1 % lower it `fell`, more than 1 % higher it `rose`, between the two it
 * stayed `flat`; where it fell and is more than 1 % above its lowest, training went on too long and it is `passed`.
 * Both losses are means over the same rows, so that the difference is not one between two draws.
 */
export function learntFrom({ first, lowest, kept }: LossCourse): Learnt {
  const moved = MOVED * Math.abs(first.loss);
  if (kept.loss > first.loss + moved) return "rose";
  if (kept.loss >= first.loss - moved) return "flat";
  return kept.loss > lowest.loss + MOVED * Math.abs(lowest.loss) ? "passed" : "fell";
}

const at = (step: number) => (step === 0 ? "before the first step" : `at step ${step}`);
const figure = (loss: number) => loss.toPrecision(4);

/** What a person is told where something is wrong, with the next step; null where the loss fell. */
export function warningOf(course: LossCourse): string | null {
  const { first, lowest, kept } = course;
  const change = `${figure(first.loss)} ${at(first.step)}, ${figure(kept.loss)} ${at(kept.step)}`;
  switch (learntFrom(course)) {
    case "fell":
      return null;
    case "flat":
      return `The held-out loss did not move: ${change}, which is less than 1 %. Nothing that was learnt shows on unseen rows. Raise learning_rate, train more steps, or train every weight where the base was made from nothing.`;
    case "rose":
      return `The held-out loss rose: ${change}. On unseen rows the model is worse than before. Lower learning_rate, or train fewer steps.`;
    case "passed":
      return `The held-out loss was ${figure(lowest.loss)} ${at(lowest.step)} and has risen to ${figure(kept.loss)} since: training went on too long. Train fewer steps, or set load_best_model_at_end to keep the best.`;
  }
}

/** The same in a word, for lists. */
export const learntWords: Readonly<Record<Exclude<Learnt, "fell">, string>> = {
  flat: "held-out loss did not move",
  rose: "held-out loss rose",
  passed: "held-out loss rose again",
};

/** The course that a run's result tells of; undefined where it tells none, or another version wrote it. */
export function lossCourseIn(result: unknown): LossCourse | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const [first, lowest, kept] = ["first", "lowest", "kept"].map((name) =>
    measuredIn(Object.entries(result).find(([key]) => key === name)?.[1]),
  );
  return first && lowest && kept ? { first, lowest, kept } : undefined;
}

const measuredIn = (value: unknown): LossCourse["first"] | undefined =>
  typeof value === "object" &&
  value !== null &&
  "step" in value &&
  "loss" in value &&
  typeof value.step === "number" &&
  typeof value.loss === "number"
    ? { step: value.step, loss: value.loss }
    : undefined;
