import type { rules } from "@/workers/engine/spec/rules";

const places = { model: "m", train: "t", output: "o" };
const base = { ...places, method: "preference" };
/** Values of options that a loss has to itself. */
const ownOptions: Readonly<Record<string, number>> = {
  cpo_alpha: 1,
  simpo_gamma: 1,
  discopop_tau: 0.1,
  slic_delta: 1,
  slic_lambda: 1,
  rrhf_length_penalty: 1,
  pro_sft_weight: 1,
};

/** Contents of a run.yaml, each of which breaks at least one rule; together they break every rule. */
export const faultyRuns: readonly Record<string, unknown>[] = [
  { ...base, adapter: "a", peft: { method: "none" } },
  { ...base, warmup_steps: 1.5 },
  { ...base, eval_steps: 10, load_best_model_at_end: true, eval_on_start: true, early_stopping_patience: 1 },
  { ...base, eval: "e", early_stopping_patience: 2 },
  { ...places, method: "sft", packing: true, max_length: null },
  { ...places, method: "sft", sanitize_control_tokens: true, assistant_only_loss: true },
  { ...places, method: "sft", sanitize_control_tokens: true, feedback: "chain_of_hindsight" },
  { ...places, method: "kto", loss_type: ["kto", "apo_zero_unpaired"] },
  { ...base, loss_type: ["ipo", "ipo"], loss_weights: [1] },
  { ...base, loss_type: ["rrhf", "pro", "sigmoid"] },
  ...Object.entries(ownOptions).map(([option, value]) => ({ ...base, [option]: value })),
  { ...base, loss_type: "slic", slic_lambda: 0 },
  { ...base, loss_type: "slic", slic_delta: 1 },
  { ...base, loss_type: "slic" },
  { ...base, loss_type: ["sigmoid", "orpo"], ld_alpha: 0.5, use_weighting: true, rpo_alpha: 1 },
  { ...base, loss_type: "aot", use_weighting: true },
  { ...base, loss_type: "aot_unpaired", use_weighting: true },
  { ...base, loss_type: "exo_pair" },
  { ...base, loss_type: "robust", label_smoothing: 0.5 },
  { ...base, loss_type: "hinge", label_smoothing: 0.1 },
  { ...base, loss_type: "nca_pair", f_divergence_type: "forward_kl" },
  { ...base, f_alpha_divergence_coef: 0.3 },
];

/** Whether a sentence is what a rule says, whatever it filled in. */
export function isSentenceOf(rule: (typeof rules)[number], sentence: string): boolean {
  const literal = rule.message
    .split(/\{#?[\w.]+\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".+")}$`).test(sentence);
}
