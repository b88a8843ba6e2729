import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import { ktoLoss } from "../loss";
import { ktoLosses } from "../loss/catalog";
import type { KtoSpec } from "../spec/spec";
import type { KtoRow } from "../tokenize/rows";
import type { Objective } from "./objective";
import { inGroups, membership, numbers, over, overTrees, rowWeights, total } from "./parts";

/**
 * KTO's estimate of the divergence reads every prompt with its neighbour's answer: completions move on by one
 * within blocks of the batch size, in the order of the file, as TRL's dataset has them.
 */
export function ktoObjective(rows: readonly KtoRow[], spec: KtoSpec): Objective {
  const block = spec.per_device_train_batch_size;
  const weights = rowWeights(rows);
  const estimates = spec.loss_type.some((loss) => "mismatches" in ktoLosses[loss]);
  const mismatched = (index: number) => {
    const start = index - (index % block);
    const neighbour = index > start ? index - 1 : Math.min(start + block, rows.length) - 1;
    const room = (spec.max_length ?? Number.POSITIVE_INFINITY) - rows[index].prompt_ids.length;
    return rows[neighbour].whole_ids.slice(0, room);
  };
  return {
    ...overTrees(
      rows,
      rows.map(({ prompt_ids, completion_ids }, index) => ({
        prompt: prompt_ids,
        responses: [{ ids: completion_ids }, ...(estimates ? [{ ids: mismatched(index) }] : [])],
      })),
    ),
    tokens: (index) => rows[index].prompt_ids.length + rows[index].completion_ids.length,
    needsReference: true,
    outcome(model, count) {
      const tokens = model.tokens();
      const own = ops.input("own", [count, "scored"]);
      const desirable = ops.input("desirable", [count]);
      const other = ops.input("mismatched", [count, "scored"]);
      const { loss, metrics } = ktoLoss(
        {
          logp: total(own, tokens.logp),
          reference: total(own, model.reference()),
          length: ops.sum(own, { axes: [1] }),
          desirable,
          kl: estimates
            ? {
                logp: ops.stopGradient(total(other, tokens.logp)),
                reference: total(other, model.reference()),
              }
            : undefined,
          weight: weights.input(count),
        },
        spec,
      );
      const tokensOf = (rows: Value) => ops.sum(ops.mul(own, ops.unsqueeze(rows, 1)), { axes: [0] });
      return {
        loss,
        metrics: {
          ...metrics,
          "logits/chosen": over(tokensOf(desirable), tokens.meanLogit),
          "logits/rejected": over(tokensOf(ops.sub(1, desirable)), tokens.meanLogit),
          entropy: over(ops.sum(own, { axes: [0] }), tokens.entropy),
        },
      };
    },
    feeds(indices, { places, scored }) {
      const trees = inGroups(places, estimates ? 2 : 1);
      return {
        own: membership(
          trees.map(([own]) => own.response),
          scored,
        ),
        ...(estimates && {
          mismatched: membership(
            trees.map(([, other]) => other.response),
            scored,
          ),
        }),
        ...weights.feeds(indices),
        desirable: numbers(indices.map((index) => (rows[index].label ? 1 : 0))),
      };
    },
    weight: () => 1,
  };
}
