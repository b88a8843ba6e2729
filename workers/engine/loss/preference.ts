import type { Value } from "../graph/graph";
import * as ops from "../graph/ops";
import type { PreferenceSpec } from "../spec/spec";
import {
  type LossFacts,
  lossesWhere,
  type PairLossName,
  type PreferenceLoss,
  preferenceLosses,
} from "./catalog";
import { average, exceeds, type Metric, meanLoss, type Outcome, once } from "./outcome";

/** One side of B pairs under the policy; every vector is [B]. */
export interface Side {
  /** Σ log π over the completion's tokens; with ld_alpha those beyond the shorter answer weigh α. */
  logp: Value;
  /** The same sum under the frozen reference; zeros where no loss needs it. */
  reference: Value;
  /** Σ log π over the completion's tokens, never weighted. */
  plain: Value;
  /** Completion tokens. */
  length: Value;
  /** Mean over the completion's tokens of log π − log Σ_v π_v², detached; read by WPO only. */
  aligned: Value;
  /** Σ log π and number of tokens of prompt and completion together; read by ORPO only. */
  full: { logp: Value; length: Value };
}

export interface Pairs {
  chosen: Side;
  rejected: Side;
  /** What each pair's loss is multiplied by, [B], where rows have weights. */
  weight?: Value;
}

/** What the formulas are written in: ρ = log π − log π_ref by side, and Δ, the difference of their scores. */
interface Terms extends Pairs {
  rho: { chosen: Value; rejected: Value };
  /** f′(π/π_ref) by side: ρ itself for the reverse KL divergence. */
  score: { chosen: Value; rejected: Value };
  delta: Value;
  spec: PreferenceSpec;
}

/** [B] losses, one a pair (a batch-wide loss repeats itself), and what TRL logs besides. */
interface PairLoss {
  perPair(terms: Terms): Value;
  metrics?(terms: Terms): Record<string, Metric>;
}

const { add, sub, mul, div, neg, exp, relu, square, sigmoid, logSigmoid } = ops;

const scaled = ({ spec: { beta } }: Terms, x: Value) => mul(x, beta);

/** −(1−ε)·logσ(z) − ε·logσ(−z): cross-entropy with labels that are wrong with probability ε. */
function smoothed(z: Value, epsilon: number): Value {
  const right = mul(logSigmoid(z), epsilon - 1);
  return epsilon === 0 ? right : sub(right, mul(logSigmoid(neg(z)), epsilon));
}

/** Mean negative log-likelihood of the chosen completions' tokens in the micro-batch, a scalar. */
const chosenNll = ({ chosen }: Pairs) => neg(div(ops.sum(chosen.plain), ops.sum(chosen.length)));

const perToken = (value: Value, { length }: Side) => div(value, ops.maximum(length, 1));
const meanLogp = (side: Side) => div(side.plain, side.length);
const everywhere = (scalar: Value, { chosen }: Pairs) =>
  mul(ops.expandLike(ops.constant(1), chosen.logp), scalar);

/** log(1 − eˣ) for x < 0, as log(−tanh(x/2)) + log(1 + eˣ), which keeps its digits near 0. */
const log1mexp = (x: Value) => add(ops.log(neg(ops.tanh(mul(x, 0.5)))), ops.softplus(x));

/** log odds(y⁺) − log odds(y⁻) with odds p/(1−p) of the mean token probability. */
function logOddsRatio({ chosen, rejected }: Pairs): Value {
  const [better, worse] = [meanLogp(chosen), meanLogp(rejected)];
  return sub(sub(better, worse), sub(log1mexp(better), log1mexp(worse)));
}

const promptAndChosenNll = ({ chosen: { full } }: Pairs) =>
  neg(div(ops.sum(full.logp), ops.sum(full.length)));

const cpoAlpha = (spec: PreferenceSpec, { pooled }: { pooled: number }) => spec.cpo_alpha ?? pooled;

function withNll(terms: Terms, perPair: Value, weight: number): Value {
  return weight === 0 ? perPair : add(perPair, everywhere(mul(chosenNll(terms), weight), terms));
}

const nllMetric = (terms: Terms, weight: number): Record<string, Metric> =>
  weight === 0 ? {} : { nll_loss: once(chosenNll(terms)) };

/** One entry a loss of pairs; formulas and citations are in the catalog. β, ε and the rest are options of the spec. */
const pairLosses: Record<PairLossName, PairLoss> = {
  sigmoid: { perPair: (t) => smoothed(scaled(t, t.delta), t.spec.label_smoothing) },

  hinge: { perPair: (t) => relu(sub(1, scaled(t, t.delta))) },

  ipo: {
    perPair({ score, chosen, rejected, spec }) {
      const delta = sub(perToken(score.chosen, chosen), perToken(score.rejected, rejected));
      return square(sub(delta, 1 / (2 * spec.beta)));
    },
  },

  exo_pair: {
    perPair(t) {
      const z = scaled(t, t.delta);
      const epsilon = t.spec.label_smoothing;
      const better = mul(sigmoid(z), sub(logSigmoid(z), Math.log1p(-epsilon)));
      const worse = mul(sigmoid(neg(z)), sub(logSigmoid(neg(z)), Math.log(epsilon)));
      return add(better, worse);
    },
  },

  nca_pair: {
    perPair(t) {
      const [better, worse] = [scaled(t, t.rho.chosen), scaled(t, t.rho.rejected)];
      const pushed = mul(add(logSigmoid(neg(better)), logSigmoid(neg(worse))), 0.5);
      return neg(add(logSigmoid(better), pushed));
    },
  },

  robust: {
    perPair(t) {
      const z = scaled(t, t.delta);
      const epsilon = t.spec.label_smoothing;
      const flipped = sub(mul(logSigmoid(neg(z)), epsilon), mul(logSigmoid(z), 1 - epsilon));
      return div(flipped, 1 - 2 * epsilon);
    },
  },

  bco_pair: {
    perPair: (t) => neg(add(logSigmoid(scaled(t, t.rho.chosen)), logSigmoid(neg(scaled(t, t.rho.rejected))))),
  },

  sppo_hard: {
    perPair({ rho, spec }) {
      const half = 0.5 / spec.beta;
      return add(square(sub(rho.chosen, half)), square(add(rho.rejected, half)));
    },
  },

  aot: {
    perPair(t) {
      const { chosen, rejected } = t;
      const policy = ops.sort(sub(chosen.logp, rejected.logp));
      const reference = ops.sort(sub(chosen.reference, rejected.reference));
      return smoothed(scaled(t, sub(policy, reference)), t.spec.label_smoothing);
    },
  },

  aot_unpaired: {
    perPair: (t) =>
      smoothed(scaled(t, sub(ops.sort(t.rho.chosen), ops.sort(t.rho.rejected))), t.spec.label_smoothing),
  },

  apo_zero: {
    perPair: (t) => add(sub(1, sigmoid(scaled(t, t.rho.chosen))), sigmoid(scaled(t, t.rho.rejected))),
  },

  apo_down: {
    perPair: (t) =>
      add(sigmoid(scaled(t, t.rho.chosen)), sub(1, sigmoid(scaled(t, sub(t.rho.chosen, t.rho.rejected))))),
  },

  discopop: {
    perPair(t) {
      const z = scaled(t, t.delta);
      const blend = sigmoid(div(z, t.spec.discopop_tau));
      return add(mul(neg(logSigmoid(z)), sub(1, blend)), mul(exp(neg(z)), blend));
    },
  },

  sft: { perPair: (t) => everywhere(chosenNll(t), t) },

  sigmoid_norm: {
    perPair: (t) =>
      neg(
        logSigmoid(
          scaled(t, sub(perToken(t.score.chosen, t.chosen), perToken(t.score.rejected, t.rejected))),
        ),
      ),
  },

  cpo: {
    perPair(t) {
      const z = scaled(t, sub(t.chosen.plain, t.rejected.plain));
      return withNll(t, smoothed(z, t.spec.label_smoothing), cpoAlpha(t.spec, preferenceLosses.cpo));
    },
    metrics: (t) => nllMetric(t, cpoAlpha(t.spec, preferenceLosses.cpo)),
  },

  simpo: {
    perPair(t) {
      const z = sub(scaled(t, sub(meanLogp(t.chosen), meanLogp(t.rejected))), t.spec.simpo_gamma);
      return withNll(t, smoothed(z, t.spec.label_smoothing), cpoAlpha(t.spec, preferenceLosses.simpo));
    },
    metrics: (t) => nllMetric(t, cpoAlpha(t.spec, preferenceLosses.simpo)),
  },

  orpo: {
    perPair: (t) => sub(everywhere(promptAndChosenNll(t), t), scaled(t, logSigmoid(logOddsRatio(t)))),
    metrics: (t) => ({
      nll_loss: once(promptAndChosenNll(t)),
      log_odds_ratio: average(logSigmoid(logOddsRatio(t))),
      log_odds_chosen: average(logOddsRatio(t)),
    }),
  },

  slic: {
    perPair({ chosen, rejected, spec }) {
      const calibration = relu(add(sub(rejected.plain, chosen.plain), spec.slic_delta ?? 0));
      return sub(calibration, mul(chosen.plain, spec.slic_lambda ?? 0));
    },
  },
};

const lengthNormalized: readonly PreferenceLoss[] = lossesWhere(({ perToken }) => perToken);
const isOfPairs = (name: PreferenceLoss): name is PairLossName => preferenceLosses[name].rows === "pair";

/** What in a spec joins the pairs of a micro-batch, so that none has a loss of its own to weigh; null where nothing does. */
export function joinsPairs({ loss_type, cpo_alpha, rpo_alpha }: PreferenceSpec): string | null {
  if (rpo_alpha !== null && rpo_alpha !== 0) return "rpo_alpha";
  for (const name of loss_type) {
    const facts: LossFacts = preferenceLosses[name];
    if (facts.sorted) return name;
    const adjustable = facts.options?.includes("cpo_alpha") && facts.pooled !== undefined;
    if (adjustable && (cpo_alpha ?? facts.pooled) !== 0) return `${name} with cpo_alpha above 0`;
    if (!adjustable && facts.pooled) return name;
  }
  return null;
}

/** What the losses of a spec read besides the policy's log-probabilities. */
export function needs({ loss_type, use_weighting }: PreferenceSpec) {
  return {
    reference: loss_type.some((loss) => preferenceLosses[loss].reference),
    aligned: use_weighting,
    prompt: loss_type.some((loss) => "readsPrompt" in preferenceLosses[loss]),
  };
}

/** The weighted sum of a spec's pair losses over a micro-batch of B pairs, averaged, with TRL's metrics. */
export function preferenceLoss(pairs: Pairs, spec: PreferenceSpec): Outcome {
  const terms = termsOf(pairs, spec);
  const { aligned } = needs(spec);
  const weight = aligned ? exp(add(pairs.chosen.aligned, pairs.rejected.aligned)) : null;
  const entries = spec.loss_type.flatMap((name, i) =>
    isOfPairs(name) ? [{ entry: pairLosses[name], share: spec.loss_weights?.[i] ?? 1 }] : [],
  );
  let loss: Value = ops.constant(0);
  let metrics = pairMetrics(terms);
  for (const { entry, share } of entries) {
    const perPair = entry.perPair(terms);
    loss = add(loss, mul(meanLoss(weight === null ? perPair : mul(perPair, weight), pairs.weight), share));
    metrics = { ...metrics, ...entry.metrics?.(terms) };
  }
  // RPO, Pang et al. 2024 (2404.19733) eq. 1: the better answer's NLL on top.
  if (spec.rpo_alpha !== null) loss = add(loss, mul(chosenNll(pairs), spec.rpo_alpha));
  return { loss, metrics };
}

function termsOf(pairs: Pairs, spec: PreferenceSpec): Terms {
  const { chosen, rejected } = pairs;
  const rho = {
    chosen: sub(chosen.logp, chosen.reference),
    rejected: sub(rejected.logp, rejected.reference),
  };
  const score = { chosen: divergenceScore(rho.chosen, spec), rejected: divergenceScore(rho.rejected, spec) };
  return { ...pairs, rho, score, delta: sub(score.chosen, score.rejected), spec };
}

/** f′(u) with u = e^ρ for the f-divergences of f-DPO, Wang et al. 2023 (2309.16240) table 1. */
function divergenceScore(rho: Value, spec: PreferenceSpec): Value {
  switch (spec.f_divergence_type) {
    case "reverse_kl":
      return rho;
    case "forward_kl":
      return sub(1, exp(neg(rho)));
    case "js_divergence":
      return add(logSigmoid(rho), Math.LN2);
    case "alpha_divergence": {
      const order = spec.f_alpha_divergence_coef - 1;
      // At α = 1 the limit is ρ; beyond e⁸⁰ float32 would overflow, TRL clamps there too.
      return Math.abs(order) < 1e-6 ? rho : div(sub(exp(ops.minimum(mul(rho, order), 80)), 1), order);
    }
  }
}

/** `rewards/*` and `logps/*`: β·ρ and log π as DPO logs them; without a reference β·log π, on means where the loss is. */
function pairMetrics(terms: Terms): Record<string, Metric> {
  const { chosen, rejected, rho, spec } = terms;
  const free = !needs(spec).reference;
  const means = free && spec.loss_type.some((loss) => lengthNormalized.includes(loss));
  const logps = (side: Side) => (means ? meanLogp(side) : side.logp);
  const better = scaled(terms, free ? logps(chosen) : rho.chosen);
  const worse = scaled(terms, free ? logps(rejected) : rho.rejected);
  return {
    "rewards/chosen": average(better),
    "rewards/rejected": average(worse),
    "rewards/accuracies": average(exceeds(better, worse)),
    "rewards/margins": average(sub(better, worse)),
    "logps/chosen": average(logps(chosen)),
    "logps/rejected": average(logps(rejected)),
  };
}
