import { EngineError } from "../errors";
import * as ops from "../graph/ops";
import { joinsPairs, needs, preferenceLoss, type Side } from "../loss";
import type { Place, Span } from "../rows/packing";
import type { PreferenceSpec } from "../spec/spec";
import type { PreferenceRow } from "../tokenize/rows";
import type { Objective } from "./objective";
import { inGroups, membership, over, overTrees, rowWeights, total } from "./parts";

/** Pairs of a better and a worse answer, which share their prompt. */
export function preferenceObjective(rows: readonly PreferenceRow[], spec: PreferenceSpec): Objective {
  const { reference: needsReference, aligned, prompt: scorePrompt } = needs(spec);
  const { ld_alpha } = spec;
  const weights = rowWeights(rows);
  const joins = joinsPairs(spec);
  if (weights.given && joins !== null)
    throw new EngineError(
      `${spec.train}: its rows have weights, and ${joins} takes the pairs of a micro-batch together, so that no pair has a loss of its own to weigh. Choose another loss, such as sigmoid, or remove weight from the rows.`,
    );
  return {
    ...overTrees(
      rows,
      rows.map(({ prompt_ids, chosen_ids, rejected_ids }) => ({
        prompt: prompt_ids,
        responses: [{ ids: chosen_ids }, { ids: rejected_ids }],
        scorePrompt,
      })),
    ),
    needsReference,
    outcome(model, count) {
      const tokens = model.tokens();
      const members = (name: string) => ops.input(name, [count, "scored"]);
      const side = (name: "chosen" | "rejected"): Side => {
        const own = members(name);
        const weighted = ld_alpha === null ? own : members(`${name} weighted`);
        const length = ops.sum(own, { axes: [1] });
        const whole = scorePrompt ? ops.add(own, members("prompts")) : own;
        return {
          logp: total(weighted, tokens.logp),
          reference: needsReference ? total(weighted, model.reference()) : ops.zerosLike(length),
          plain: total(own, tokens.logp),
          length,
          aligned: aligned
            ? ops.stopGradient(ops.div(total(own, ops.sub(tokens.logp, tokens.logCollision)), length))
            : ops.zerosLike(length),
          full: { logp: total(whole, tokens.logp), length: ops.sum(whole, { axes: [1] }) },
        };
      };
      const { loss, metrics } = preferenceLoss(
        { chosen: side("chosen"), rejected: side("rejected"), weight: weights.input(count) },
        spec,
      );
      const chosen = ops.sum(members("chosen"), { axes: [0] });
      const rejected = ops.sum(members("rejected"), { axes: [0] });
      return {
        loss,
        metrics: {
          ...metrics,
          "logits/chosen": over(chosen, tokens.meanLogit),
          "logits/rejected": over(rejected, tokens.meanLogit),
          entropy: over(ops.add(chosen, rejected), tokens.entropy),
          mean_token_accuracy: over(chosen, tokens.correct),
        },
      };
    },
    feeds(indices, { places, scored }) {
      const pairs = inGroups(places, 2);
      const members = (pick: (pair: readonly Place[]) => Span) => membership(pairs.map(pick), scored);
      const sides = {
        ...weights.feeds(indices),
        chosen: members(([chosen]) => chosen.response),
        rejected: members(([, rejected]) => rejected.response),
        ...(scorePrompt && { prompts: members(([chosen]) => chosen.prompt) }),
      };
      if (ld_alpha === null) return sides;
      const shared = pairs.map((pair) =>
        Math.min(...pair.map(({ response }) => response.end - response.start)),
      );
      return {
        ...sides,
        "chosen weighted": membership(
          pairs.map(([{ response }]) => response),
          scored,
          shared,
          ld_alpha,
        ),
        "rejected weighted": membership(
          pairs.map(([, { response }]) => response),
          scored,
          shared,
          ld_alpha,
        ),
      };
    },
    weight: () => 1,
  };
}
