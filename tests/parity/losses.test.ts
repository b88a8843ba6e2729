import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { gradients } from "@/workers/engine/graph/gradients";
import type { Value } from "@/workers/engine/graph/graph";
import * as ops from "@/workers/engine/graph/ops";
import { Session, type TensorData } from "@/workers/engine/graph/session";
import {
  ktoLoss,
  type Outcome,
  type Pairs,
  preferenceLoss,
  rankedLoss,
  rankedRewardLoss,
  rewardLoss,
  type Side,
  sftLoss,
} from "@/workers/engine/loss";
import { type PreferenceSpec, parseRunSpec } from "@/workers/engine/spec/spec";

/**
 * TRAINING.md's golden batch: logits 2·sin(0.1b + 0.7t + 1.3v), two chosen and two rejected sequences, and what
 * TRL 1.16's own loss methods make of it.
 */
const vocabulary = 7;
const ids = [
  [1, 2, 3, 4, 5, 0, 0],
  [0, 3, 1, 2, 6, 0, 0],
  [1, 2, 6, 5, 0, 0, 0],
  [0, 3, 1, 4, 4, 1, 0],
];
const completions = [
  { start: 2, length: 3 },
  { start: 3, length: 2 },
  { start: 2, length: 2 },
  { start: 3, length: 4 },
].map(({ start, length }, b) => ({ start, length: Math.min(length, (ids[b]?.length ?? 0) - start) }));
const reference = [-5, -4, -4.5, -9.5];

function row(b: number, t: number): number[] {
  return Array.from({ length: vocabulary }, (_, v) => Math.fround(2 * Math.sin(0.1 * b + 0.7 * t + 1.3 * v)));
}
const logSum = (values: readonly number[], scale = 1) =>
  Math.log(values.reduce((total, value) => total + Math.exp(scale * value), 0));

/** log π of token t of sequence b, and log Σ π² of the distribution it was drawn from. */
function token(b: number, t: number) {
  const logits = row(b, t - 1);
  const logp = (logits[ids[b]?.[t] ?? 0] ?? 0) - logSum(logits);
  return { logp, collision: logSum(logits, 2) - 2 * logSum(logits) };
}
const sequence = (b: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => token(b, from + i));
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function feedsOf(spec: PreferenceSpec): Record<string, TensorData> {
  const feeds: Record<string, TensorData> = {};
  for (const [name, first] of [
    ["chosen", 0],
    ["rejected", 2],
  ] as const) {
    const put = (key: string, value: (b: number) => number) => {
      feeds[`${name} ${key}`] = { data: Float32Array.of(value(first), value(first + 1)), dims: [2] };
    };
    const tokens = (b: number) => {
      const { start, length } = completions[b] ?? { start: 0, length: 0 };
      return sequence(b, start, start + length);
    };
    const shared = (b: number) =>
      Math.min(completions[b % 2]?.length ?? 0, completions[(b % 2) + 2]?.length ?? 0);
    put("logp", (b) =>
      total(
        tokens(b).map(({ logp }, i) =>
          spec.ld_alpha !== null && i >= shared(b) ? spec.ld_alpha * logp : logp,
        ),
      ),
    );
    put("reference", (b) => reference[b] ?? 0);
    put("plain", (b) => total(tokens(b).map(({ logp }) => logp)));
    put("length", (b) => tokens(b).length);
    put("aligned", (b) => total(tokens(b).map(({ logp, collision }) => logp - collision)) / tokens(b).length);
    const whole = (b: number) => sequence(b, 1, (completions[b]?.start ?? 0) + (completions[b]?.length ?? 0));
    put("full logp", (b) => total(whole(b).map(({ logp }) => logp)));
    put("full length", (b) => whole(b).length);
  }
  return feeds;
}

function side(name: string): Side {
  const vector = (key: string) => ops.input(`${name} ${key}`, [2]);
  return {
    logp: vector("logp"),
    reference: vector("reference"),
    plain: vector("plain"),
    length: vector("length"),
    aligned: ops.stopGradient(vector("aligned")),
    full: { logp: vector("full logp"), length: vector("full length") },
  };
}
const pairs: Pairs = { chosen: side("chosen"), rejected: side("rejected") };

function preference(options: Record<string, unknown>): PreferenceSpec {
  const parsed = parseRunSpec({ method: "preference", model: "m", train: "t", output: "o", ...options });
  if (parsed.spec?.method !== "preference") throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
}

async function evaluate(outputs: Record<string, Value>, feeds: Record<string, TensorData>) {
  const session = await Session.open(outputs, { device: "cpu", threads: 1 });
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
}

async function lossOf(outcome: Outcome, feeds: Record<string, TensorData>): Promise<number> {
  const { loss } = await evaluate({ loss: outcome.loss }, feeds);
  return loss?.[0] ?? Number.NaN;
}

const golden: [string, Record<string, unknown>, number][] = [
  ["sigmoid", {}, 0.941248],
  ["hinge", { loss_type: ["hinge"] }, 1.444402],
  ["ipo", { loss_type: ["ipo"] }, 49.758373],
  ["exo_pair", { loss_type: ["exo_pair"], label_smoothing: 0.001 }, 3.539425],
  ["nca_pair", { loss_type: ["nca_pair"] }, 1.531528],
  ["robust", { loss_type: ["robust"], label_smoothing: 0.1 }, 0.996799],
  ["bco_pair", { loss_type: ["bco_pair"] }, 1.633079],
  ["sppo_hard", { loss_type: ["sppo_hard"] }, 114.24041],
  ["aot", { loss_type: ["aot"] }, 0.941248],
  ["aot with label smoothing", { loss_type: ["aot"], label_smoothing: 0.1 }, 0.896808],
  ["aot_unpaired", { loss_type: ["aot_unpaired"] }, 0.941248],
  ["aot_unpaired with label smoothing", { loss_type: ["aot_unpaired"], label_smoothing: 0.1 }, 0.896808],
  ["apo_zero", { loss_type: ["apo_zero"] }, 1.109537],
  ["apo_down", { loss_type: ["apo_down"] }, 1.006035],
  ["discopop", { loss_type: ["discopop"] }, 0.941573],
  ["sft", { loss_type: ["sft"] }, 3.471882],
  ["sigmoid_norm", { loss_type: ["sigmoid_norm"] }, 0.801093],
  ["ld_alpha", { ld_alpha: 0.5 }, 1.047171],
  ["forward_kl", { f_divergence_type: "forward_kl" }, 6.812996],
  ["js_divergence", { f_divergence_type: "js_divergence" }, 0.876725],
  ["alpha_divergence", { f_divergence_type: "alpha_divergence", f_alpha_divergence_coef: 0.5 }, 1.638687],
  ["WPO", { use_weighting: true }, 0.106381],
  ["MPO", { loss_type: ["sigmoid", "bco_pair", "sft"], loss_weights: [0.8, 0.2, 1] }, 4.551497],
  ["CPO", { loss_type: ["cpo"], cpo_alpha: 0 }, 0.815641],
  ["SimPO", { loss_type: ["simpo"], beta: 2, simpo_gamma: 0.5 }, 3.674447],
  ["RPO adds the chosen answer's NLL", { rpo_alpha: 0.5 }, 0.941248 + 0.5 * 3.471882],
];

describe("losses on the golden batch", () => {
  it.each(golden)("%s", async (_name, options, expected) => {
    const spec = preference(options);
    const loss = await lossOf(preferenceLoss(pairs, spec), feedsOf(spec));
    expect(Math.abs(loss - expected)).toBeLessThan(1e-5 * Math.max(1, expected));
  });

  it("ORPO is its NLL minus the odds-ratio term", async () => {
    const spec = preference({ loss_type: ["orpo"] });
    const { loss, metrics } = preferenceLoss(pairs, spec);
    const nll = metrics.nll_loss?.sum ?? loss;
    const term = await evaluate({ term: ops.sub(loss, nll) }, feedsOf(spec));
    expect(term.term?.[0]).toBeCloseTo(0.188435, 5);
  });

  it("logs TRL's metrics", async () => {
    const spec = preference({});
    const { metrics } = preferenceLoss(pairs, spec);
    const values = await evaluate(
      Object.fromEntries(
        Object.entries(metrics).map(([name, { sum, count }]) => [name, ops.div(sum, count)]),
      ),
      feedsOf(spec),
    );
    expect(values["rewards/chosen"]?.[0]).toBeCloseTo(-0.41797, 5);
    expect(values["rewards/rejected"]?.[0]).toBeCloseTo(0.026432, 5);
    expect(values["rewards/margins"]?.[0]).toBeCloseTo(-0.444402, 5);
    expect(values["rewards/accuracies"]?.[0]).toBe(0);
  });
});

describe("reward loss", () => {
  const scores = {
    chosen: ops.input("chosen", [2]),
    rejected: ops.input("rejected", [2]),
    margin: ops.input("margin", [2]),
  };
  it.each([
    ["plain", {}, [0, 0], 0.478771],
    ["margin", {}, [0.5, 0], 0.576247],
    ["centering", { center_rewards_coefficient: 0.01 }, [0, 0], 0.500871],
  ] as const)("%s", async (_name, options, margin, expected) => {
    const parsed = parseRunSpec({ method: "reward", model: "m", train: "t", output: "o", ...options });
    if (parsed.spec?.method !== "reward") throw new Error("not a reward spec");
    const loss = await lossOf(rewardLoss(scores, parsed.spec), {
      chosen: { data: Float32Array.of(0.3, 1.2), dims: [2] },
      rejected: { data: Float32Array.of(-0.4, 0.9), dims: [2] },
      margin: { data: Float32Array.from(margin), dims: [2] },
    });
    expect(loss).toBeCloseTo(expected, 5);
  });
});

describe("losses that TRL has not equal torch, gradients included", () => {
  const file = z
    .object({
      logp: z.array(z.number()),
      length: z.array(z.number()),
      score: z.array(z.number()),
      rows: z.array(z.array(z.int())),
      cases: z.record(z.string(), z.object({ loss: z.number(), gradient: z.array(z.number()) })),
    })
    .parse(JSON.parse(readFileSync(join(import.meta.dirname, "golden/losses.json"), "utf8")));
  const count = file.logp.length;
  const logp = ops.input("logp", [count]);
  const ranking = {
    score: ops.constant(file.score),
    same: ops.constant(
      file.score.flatMap((_, i) =>
        file.score.map((_, j) => (file.rows.some((row) => row.includes(i) && row.includes(j)) ? 1 : 0)),
      ),
      [count, count],
    ),
  };
  const ranked = { logp, length: ops.constant(file.length), ...ranking };
  const run = (options: Record<string, unknown>) => {
    const parsed = parseRunSpec({ model: "m", train: "t", output: "o", ...options });
    if (parsed.spec === null) throw new Error(JSON.stringify(parsed.problems));
    return parsed.spec;
  };
  const reward = run({ method: "reward", loss_type: "plackett_luce" });
  const kto = run({ method: "kto", desirable_weight: 1.2, undesirable_weight: 0.8 });
  const head = (from: number) => ops.slice(logp, 0, from, from + 2, 2);
  const slicSide = (from: number): Side => ({
    ...side("chosen"),
    logp: head(from),
    plain: head(from),
    reference: ops.constant([0, 0]),
  });
  const outcomes: Record<string, Outcome> = {
    rrhf: rankedLoss(ranked, preference({ loss_type: "rrhf" })),
    "rrhf penalty 0.5": rankedLoss(ranked, preference({ loss_type: "rrhf", rrhf_length_penalty: 0.5 })),
    pro: rankedLoss(ranked, preference({ loss_type: "pro" })),
    slic: preferenceLoss(
      { chosen: slicSide(0), rejected: slicSide(2) },
      preference({ loss_type: "slic", slic_delta: 1, slic_lambda: 0.1 }),
    ),
    ...(reward.method === "reward" && {
      plackett_luce: rankedRewardLoss({ reward: logp, ...ranking }, reward),
    }),
    ...(kto.method === "kto" && {
      kto: ktoLoss(
        {
          logp,
          reference: ops.constant([-9, -11, -9.5, -19, -4]),
          length: ops.constant(file.length),
          desirable: ops.constant([1, 0, 1, 0, 0]),
          kl: {
            logp: ops.constant([-7, -9, -8, -6, -5]),
            reference: ops.constant([-7.5, -9.25, -8.5, -6, -5.5]),
          },
        },
        kto,
      ),
    }),
  };

  it.each(Object.entries(file.cases))("%s", async (name, expected) => {
    const outcome = outcomes[name];
    if (outcome === undefined) throw new Error(`no loss for ${name}`);
    const [gradient = outcome.loss] = gradients(outcome.loss, [logp]);
    const found = await evaluate(
      { loss: outcome.loss, gradient },
      { logp: { data: Float32Array.from(file.logp), dims: [count] } },
    );
    expect(found.loss?.[0]).toBeCloseTo(expected.loss, 4);
    for (const [i, value] of expected.gradient.entries()) expect(found.gradient?.[i]).toBeCloseTo(value, 5);
  });
});

it("apo_zero_unpaired is APO's equation 7, one answer at a time", async () => {
  const parsed = parseRunSpec({
    method: "kto",
    loss_type: "apo_zero_unpaired",
    model: "m",
    train: "t",
    output: "o",
  });
  if (parsed.spec?.method !== "kto") throw new Error("not a KTO spec");
  const rho = [0.5, -1, 0.25, -1, 1];
  const desirable = [1, 0, 1, 0, 0];
  const values = (numbers: readonly number[]) => ops.constant([...numbers]);
  const zero = values(rho.map(() => 0));
  const outcome = ktoLoss(
    { logp: values(rho), reference: zero, length: zero, desirable: values(desirable), kl: undefined },
    parsed.spec,
  );
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const each = rho.map((x, i) => (desirable[i] ? 1 - sigmoid(0.1 * x) : sigmoid(0.1 * x)));
  expect(await lossOf(outcome, {})).toBeCloseTo(each.reduce((sum, x) => sum + x, 0) / rho.length, 5);
});

it("SFT sums the negative log-likelihood of its tokens", async () => {
  const { loss } = sftLoss({ logp: ops.input("logp", [3]) });
  const found = await evaluate({ loss }, { logp: { data: Float32Array.of(-1, -2, -0.5), dims: [3] } });
  expect(found.loss?.[0]).toBeCloseTo(3.5, 6);
});
