/** What a run optimises: how its rows become trees of tokens, and its loss as a function of the model's scores. */
import type { Dim, Value } from "./graph";
import type { TokenScores } from "./head";
import {
  ktoLoss,
  type Metric,
  needs,
  type Outcome,
  preferenceLoss,
  rankedLoss,
  rankedRewardLoss,
  rewardLoss,
  type Side,
  sftLoss,
} from "./losses";
import * as ops from "./ops";
import { type Packed, type Place, type Span, type Tree, vector } from "./packing";
import type { TensorData } from "./session";
import type { KtoSpec, PreferenceSpec, RewardSpec, RunSpec } from "./spec";
import type { Dataset } from "./tokenize/dataset";
import type { KtoRow, PreferenceRow, RankedRow, RewardRow, SftRow } from "./tokenize/rows";

/** The model as a loss reads it. */
export interface Reading {
  /** The scored tokens under the policy. */
  readonly tokens: () => TokenScores;
  /** Their log-probabilities under the frozen reference, [scored]. */
  readonly reference: () => Value;
  /** The reward head at the pooled tokens, [responses]. */
  readonly rewards: (responses: Dim) => Value;
}

export interface Objective {
  /** One tree a row, and the row's line in its file. */
  readonly trees: readonly Tree[];
  readonly lines: readonly number[];
  readonly needsReference: boolean;
  /** Loss and metrics of a micro-batch of `rows` rows. */
  readonly outcome: (model: Reading, rows: number) => Outcome;
  /** What `outcome` reads besides the model: for the rows at these indices, packed in this order. */
  readonly feeds: (indices: readonly number[], packed: Packed) => Readonly<Record<string, TensorData>>;
  /** The micro-batch's share in the loss of its step: label tokens for SFT, else one (TRL's reductions). */
  readonly weight: (indices: readonly number[]) => number;
  /** Tokens that the reference implementation counts for a row: each response with its prompt. */
  readonly tokens: (index: number) => number;
}

/** The objective of `spec` over the rows of `dataset`. */
export function objectiveOf(spec: RunSpec, dataset: Dataset): Objective {
  if (dataset.kind === "sft") return sftObjective(dataset.rows);
  if (dataset.kind === "preference" && spec.method === "preference")
    return preferenceObjective(dataset.rows, spec);
  if (dataset.kind === "kto" && spec.method === "kto") return ktoObjective(dataset.rows, spec);
  if (dataset.kind === "reward" && spec.method === "reward") return rewardObjective(dataset.rows, spec);
  if (dataset.kind === "ranked" && spec.method === "preference") return rankedObjective(dataset.rows, spec);
  if (dataset.kind === "ranked" && spec.method === "reward") return rankedRewardObjective(dataset.rows, spec);
  throw new Error(`a ${spec.method} run does not read ${dataset.kind} rows`);
}

function sftObjective(rows: readonly SftRow[]): Objective {
  return {
    ...overTrees(
      rows,
      rows.map(({ input_ids, labels, segments }) => ({
        prompt: [],
        responses: [{ ids: input_ids, scored: labels, lengths: segments }],
      })),
    ),
    needsReference: false,
    outcome(model) {
      const tokens = model.tokens();
      const { loss, metrics } = sftLoss({ logp: tokens.logp });
      const all = ops.expandLike(ops.constant(1), tokens.logp);
      return {
        loss,
        metrics: {
          ...metrics,
          entropy: over(all, tokens.entropy),
          mean_token_accuracy: over(all, tokens.correct),
        },
      };
    },
    feeds: () => ({}),
    weight: (indices) =>
      indices.reduce((total, index) => total + rows[index].labels.filter(Boolean).length, 0),
  };
}

function preferenceObjective(rows: readonly PreferenceRow[], spec: PreferenceSpec): Objective {
  const { reference: needsReference, aligned, prompt: scorePrompt } = needs(spec);
  const { ld_alpha } = spec;
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
      const { loss, metrics } = preferenceLoss({ chosen: side("chosen"), rejected: side("rejected") }, spec);
      const chosen = ops.sum(members("chosen"), { axes: [0] });
      const both = ops.add(chosen, ops.sum(members("rejected"), { axes: [0] }));
      return {
        loss,
        metrics: {
          ...metrics,
          entropy: over(both, tokens.entropy),
          mean_token_accuracy: over(chosen, tokens.correct),
        },
      };
    },
    feeds(_, { places, scored }) {
      const pairs = inGroups(places, 2);
      const members = (pick: (pair: readonly Place[]) => Span) => membership(pairs.map(pick), scored);
      const sides = {
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

/**
 * KTO's estimate of the divergence reads every prompt with its neighbour's answer: completions move on by one
 * within blocks of the batch size, in the order of the file, as TRL's dataset has them.
 */
function ktoObjective(rows: readonly KtoRow[], spec: KtoSpec): Objective {
  const block = spec.per_device_train_batch_size;
  const estimates = !spec.loss_type.includes("apo_zero_unpaired");
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
      const other = ops.input("mismatched", [count, "scored"]);
      const { loss, metrics } = ktoLoss(
        {
          logp: total(own, tokens.logp),
          reference: total(own, model.reference()),
          length: ops.sum(own, { axes: [1] }),
          desirable: ops.input("desirable", [count]),
          kl: estimates
            ? {
                logp: ops.stopGradient(total(other, tokens.logp)),
                reference: total(other, model.reference()),
              }
            : undefined,
        },
        spec,
      );
      return { loss, metrics: { ...metrics, entropy: over(ops.sum(own, { axes: [0] }), tokens.entropy) } };
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
        desirable: numbers(indices.map((index) => (rows[index].label ? 1 : 0))),
      };
    },
    weight: () => 1,
  };
}

function rewardObjective(rows: readonly RewardRow[], spec: RewardSpec): Objective {
  return {
    ...overTrees(
      rows,
      rows.map(({ chosen_ids, rejected_ids }) => sharing([chosen_ids, rejected_ids])),
    ),
    needsReference: false,
    outcome(model, count) {
      const pairs = ops.reshape(model.rewards(2 * count), [count, 2]);
      const side = (column: number) => ops.squeeze(ops.slice(pairs, 1, column, column + 1), 1);
      return rewardLoss({ chosen: side(0), rejected: side(1), margin: ops.input("margin", [count]) }, spec);
    },
    feeds: (indices, { places }) => ({
      pooled: pooled(
        places,
        indices.flatMap((index) => [rows[index].chosen_end, rows[index].rejected_end]),
      ),
      margin: numbers(indices.map((index) => rows[index].margin ?? 0)),
    }),
    weight: () => 1,
  };
}

function rankedObjective(rows: readonly RankedRow[], spec: PreferenceSpec): Objective {
  return {
    ...overTrees(
      rows,
      rows.map(({ prompt_ids, responses }) => ({
        prompt: prompt_ids,
        responses: responses.map((ids) => ({ ids })),
      })),
    ),
    needsReference: false,
    outcome(model) {
      const tokens = model.tokens();
      const members = ops.input("members", ["responses", "scored"]);
      const { loss, metrics } = rankedLoss(
        { logp: total(members, tokens.logp), length: ops.sum(members, { axes: [1] }), ...ranking() },
        spec,
      );
      const all = ops.expandLike(ops.constant(1), tokens.logp);
      return { loss, metrics: { ...metrics, entropy: over(all, tokens.entropy) } };
    },
    feeds: (indices, { places, scored }) => ({
      members: membership(
        places.map(({ response }) => response),
        scored,
      ),
      ...rankingFeeds(indices.map((index) => rows[index].scores)),
    }),
    weight: () => 1,
  };
}

function rankedRewardObjective(rows: readonly RankedRow[], spec: RewardSpec): Objective {
  return {
    ...overTrees(
      rows,
      rows.map(({ prompt_ids, responses }) =>
        sharing(responses.map((response) => [...prompt_ids, ...response])),
      ),
    ),
    needsReference: false,
    outcome: (model) => rankedRewardLoss({ reward: model.rewards("responses"), ...ranking() }, spec),
    feeds: (indices, { places }) => ({
      pooled: pooled(
        places,
        indices.flatMap((index) => rows[index].ends),
      ),
      ...rankingFeeds(indices.map((index) => rows[index].scores)),
    }),
    weight: () => 1,
  };
}

// Rows to trees

function overTrees(rows: readonly { readonly row: number }[], trees: readonly Tree[]) {
  return {
    trees,
    lines: rows.map(({ row }) => row),
    tokens: (index: number) => {
      const { prompt, responses } = trees[index];
      return responses.reduce((total, { ids }) => total + prompt.length + ids.length, 0);
    },
  };
}

/** Whole sequences as a tree: what they have in common at the start is computed once. */
function sharing(sequences: readonly (readonly number[])[]): Tree {
  const [first] = sequences;
  const shortest = Math.min(...sequences.map((ids) => ids.length));
  let shared = 0;
  while (shared < shortest && sequences.every((ids) => ids[shared] === first[shared])) shared++;
  return {
    prompt: first.slice(0, shared),
    responses: sequences.map((ids) => ({
      ids: ids.slice(shared),
      scored: ids.slice(shared).map(() => false),
    })),
  };
}

function inGroups(places: readonly Place[], size: number): (readonly Place[])[] {
  return Array.from({ length: places.length / size }, (_, group) =>
    places.slice(group * size, (group + 1) * size),
  );
}

// What is fed

const numbers = (values: readonly number[]): TensorData => ({
  data: Float32Array.from(values),
  dims: [values.length],
});

/** One row a span: 1 at its tokens. From the token numbered `full` of the span on, `tail` instead. */
function membership(
  spans: readonly Span[],
  scored: number,
  full: readonly number[] = [],
  tail = 1,
): TensorData {
  const data = new Float32Array(spans.length * scored);
  spans.forEach(({ start, end }, row) => {
    data.fill(1, row * scored + start, row * scored + end);
    data.fill(tail, row * scored + Math.min(end, start + (full[row] ?? end)), row * scored + end);
  });
  return { data, dims: [spans.length, scored] };
}

/** Packed indices of each response's `ends`, which count from the start of its prompt. */
function pooled(places: readonly Place[], ends: readonly number[]): TensorData {
  const indices = places.map(({ promptStart, promptLength, responseStart }, response) => {
    const end = ends[response];
    return end < promptLength ? promptStart + end : responseStart + end - promptLength;
  });
  return vector(indices);
}

/** Scores of ranked responses, and which of them answer the same prompt. */
const ranking = () => ({
  score: ops.input("score", ["responses"]),
  same: ops.input("same", ["responses", "responses"]),
});

function rankingFeeds(scores: readonly (readonly number[])[]): Record<string, TensorData> {
  const group = scores.flatMap((row, index) => row.map(() => index));
  const same = Float32Array.from(group.flatMap((mine) => group.map((theirs) => (mine === theirs ? 1 : 0))));
  return { score: numbers(scores.flat()), same: { data: same, dims: [group.length, group.length] } };
}

// Sums on the graph

/** Sums of `values` [scored] over the members [rows, scored] of each row. */
const total = (members: Value, values: Value) =>
  ops.squeeze(ops.matmul(members, ops.unsqueeze(values, 1)), 1);

/** The mean of `values` over the tokens that `mask` counts. */
const over = (mask: Value, values: Value): Metric => ({
  sum: ops.sum(ops.mul(mask, values)),
  count: ops.sum(mask),
});
