import type { Evaluation } from "../../server/evaluation/schema";
import type { Model } from "../../server/model/schema";
import { pipelineOf } from "../engine/train/model-card";

/** What a model was measured on: the held-out rows of a version. */
export interface HeldOutRows {
  /** The version as the card calls it. */
  name: string;
  split: "validation" | "test";
  /** The version's repository on the Hub; null where it has none. */
  repository: string | null;
}

/** What the Hub wants as a dataset's type where the data is not there: no repository can be called this. */
const NOT_ON_HUB = "concord";

/**
 * The measures of a model as the Hub's `model-index`: held-out ones, and win rates
 * on prompts that neither model was trained on. There is no
 * `.eval_results`: its entries are of tasks of a benchmark that is registered on the Hub, which neither is.
 * @returns nothing where nothing was measured
 */
export function modelIndex({
  model: { name, method, metrics },
  heldOut,
  evaluations,
}: {
  model: Pick<Model, "name" | "method" | "metrics">;
  heldOut: HeldOutRows | null;
  evaluations: readonly Evaluation[];
}): Record<string, unknown> {
  const task = { type: pipelineOf(method) };
  const measures = Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  const results = [
    ...(heldOut && measures.length > 0
      ? [
          {
            task,
            dataset: { name: heldOut.name, type: heldOut.repository ?? NOT_ON_HUB, split: heldOut.split },
            metrics: measures.map(([metric, value]) => ({
              type: metric.replace(/^eval_/, ""),
              value,
              name: metric,
            })),
          },
        ]
      : []),
    ...evaluations.filter(isUnseen).map(({ opponent, winRate }) => ({
      task,
      dataset: {
        name: `Blind comparison with ${opponent.name}, ${winRate.prompts} prompts`,
        type: NOT_ON_HUB,
      },
      metrics: [{ type: "win_rate", value: winRate.estimate, name: "Win rate, a tie half" }],
    })),
  ];
  return results.length > 0 ? { "model-index": [{ name, results }] } : {};
}

const isUnseen = ({ prompts }: Evaluation) => prompts.trained + prompts.unknown === 0;
