import { z } from "zod";
import { ktoLosses, namesOf, preferenceLosses, rewardLosses, sftLosses } from "../loss/catalog";

/**
 * Every option of a run.yaml: name (TRL's), default (TRL 1.16's), range and a one-sentence explanation.
 * Pure zod, so that the dashboard's form, the documentation and both engines read the same declaration;
 * `z.toJSONSchema(runShapes.sft)` gives defaults, ranges and descriptions as data.
 */

/**
 * YAML authors write `loss_type: sigmoid` as readily as `loss_type: [sigmoid]`. The default lies inside, where
 * JSON Schema finds it.
 */
const listOf = <const Name extends string>(item: z.ZodType<Name>, usual: Name) =>
  z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    z.array(item).min(1).default([usual]),
  );

const ratio = z.number().min(0).max(1);

const peft = z
  .discriminatedUnion("method", [
    z.strictObject({ method: z.literal("none").describe("Train every weight of the model.") }),
    z.strictObject({
      method: z.literal("lora").describe("Train low-rank updates of chosen linear layers."),
      r: z.int().min(1).max(1024).optional().describe("Rank of the update (default 8)."),
      lora_alpha: z
        .number()
        .positive()
        .optional()
        .describe("The update is scaled by lora_alpha / r (default 8)."),
      lora_dropout: z
        .number()
        .min(0)
        .lt(1)
        .optional()
        .describe("Dropout on the input of the update; off for DPO, reward and KTO unless set (default 0)."),
      target_modules: z
        .union([z.literal("all-linear"), z.array(z.string().min(1)).min(1)])
        .optional()
        .describe(
          "Names of the linear layers to adapt, or all-linear for all but the head (default: the family's query and value projections).",
        ),
      use_rslora: z.boolean().optional().describe("Scale by lora_alpha / √r instead (default false)."),
    }),
    z.strictObject({
      method: z.literal("prefix").describe("Train key and value vectors that precede every sequence."),
      num_virtual_tokens: z
        .int()
        .min(1)
        .max(1024)
        .optional()
        .describe("Number of trained positions in front of every sequence (default 20)."),
    }),
  ])
  .describe("What is trained: every weight, a LoRA adapter or a prefix.");
export type PeftSpec = z.infer<typeof peft>;

/**
 * Where a run's files lie. Whoever writes a run.yaml on a machine says so; for a run that was asked for over the
 * network the platform does, and nobody else: a path from a person would read the machine's files to them.
 */
const places = {
  model: z.string().min(1).describe("Directory of the Hugging Face model to start from."),
  adapter: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Directory of a PEFT adapter to start from; DPO and KTO then use the model with it as reference.",
    ),
  train: z.string().min(1).describe("JSONL file with the training rows in TRL's format."),
  eval: z.string().min(1).nullable().default(null).describe("JSONL file with rows for evaluation."),
  output: z.string().min(1).describe("Directory for events, checkpoints and the trained model; created."),
  chat_template_path: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Jinja file with a chat template to use instead of the model's."),
};
const rewardPlaces = {
  reward_model: z
    .string()
    .min(1)
    .describe("Directory of the reward model, or of the model its adapter belongs to."),
  reward_adapter: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Directory of the reward model's PEFT adapter, with its score head."),
};

/** The options that name files and folders. Everything else may come from a person. */
export const placeOptions: readonly string[] = Object.keys({ ...places, ...rewardPlaces });

const shared = {
  sanitize_control_tokens: z
    .boolean()
    .default(false)
    .describe(
      "In conversations, special tokens that people typed are read as text; only the template's are tokens.",
    ),
  engine: z.enum(["onnx", "torch"]).default("onnx").describe("The engine that executes the run."),
  peft: peft.optional(),
  device: z.enum(["cpu", "webgpu", "cuda"]).default("cpu").describe("Where the onnx engine computes."),
  memory_budget_gb: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      "Memory the run may use, in GiB; activations are recomputed to stay below (default: what is free).",
    ),
  gradient_checkpointing: z
    .boolean()
    .nullable()
    .default(null)
    .describe("Recompute activations in the backward pass (default: only when memory asks for it)."),
  seed: z.int().min(0).default(42).describe("Seed of initialisation, order of rows and dropout."),
  shuffle: z.boolean().default(true).describe("Draw the rows of every epoch in random order."),
  max_steps: z
    .union([z.literal(-1), z.int().min(1)])
    .default(-1)
    .describe("Number of optimizer steps; wins over num_train_epochs; -1 counts epochs instead."),
  num_train_epochs: z.number().positive().default(3).describe("Passes over the training rows."),
  per_device_train_batch_size: z.int().min(1).default(8).describe("Rows (pairs) in a micro-batch."),
  per_device_eval_batch_size: z.int().min(1).default(8).describe("Rows (pairs) in a batch of evaluation."),
  gradient_accumulation_steps: z.int().min(1).default(1).describe("Micro-batches in an optimizer step."),
  lr_scheduler_type: z
    .enum(["linear", "cosine", "constant", "constant_with_warmup"])
    .default("linear")
    .describe("How the learning rate falls after warm-up."),
  warmup_steps: z
    .number()
    .min(0)
    .default(0)
    .describe("Steps of linear warm-up; a value below 1 is a share of all steps, rounded up."),
  weight_decay: z
    .number()
    .min(0)
    .default(0)
    .describe("AdamW's weight decay; norms and biases are never decayed."),
  adam_beta1: z.number().min(0).lt(1).default(0.9).describe("AdamW's decay of the first moment."),
  adam_beta2: z.number().min(0).lt(1).default(0.999).describe("AdamW's decay of the second moment."),
  adam_epsilon: z.number().positive().default(1e-8).describe("AdamW's ε."),
  max_grad_norm: z
    .number()
    .min(0)
    .default(1)
    .describe("Gradients are scaled down to this norm; 0 turns clipping off."),
  max_length: z
    .int()
    .min(1)
    .nullable()
    .default(1024)
    .describe("Longest sequence in tokens; longer rows are cut or dropped as TRL does."),
  logging_steps: z.int().min(1).default(10).describe("Steps between two lines of metrics."),
  eval_steps: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Steps between two evaluations (default: one evaluation, at the end)."),
  eval_on_start: z.boolean().default(false).describe("Evaluate before the first step as well."),
  save_steps: z.int().min(1).default(500).describe("Steps between two checkpoints."),
  save_total_limit: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("How many of the latest checkpoints are kept (default: all)."),
  save_dtype: z
    .enum(["float32", "bfloat16", "float16"])
    .default("float32")
    .describe("Number format of a full model's saved weights."),
  early_stopping_patience: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Stop after this many evaluations without improvement."),
  early_stopping_threshold: z
    .number()
    .min(0)
    .default(0)
    .describe("An evaluation counts as improved only if it is better by more than this."),
  metric_for_best_model: z
    .string()
    .min(1)
    .default("eval_loss")
    .describe("The evaluation metric that early stopping and load_best_model_at_end look at."),
  greater_is_better: z
    .boolean()
    .nullable()
    .default(null)
    .describe("Whether a larger metric is better (default: unless its name ends in loss)."),
  load_best_model_at_end: z
    .boolean()
    .default(false)
    .describe("Write the weights of the best evaluation instead of the last step's."),
};

/** Options that only the torch engine has; an onnx run that names one is refused. */
const torchOnly = {
  devices: z
    .int()
    .min(1)
    .optional()
    .describe("Number of GPUs, one process each; batch sizes are for each of them (torch engine)."),
  distributed: z
    .enum(["ddp", "fsdp2", "deepspeed_zero3"])
    .optional()
    .describe("How several GPUs share the model (torch engine, default ddp)."),
  cluster: z.enum(["ray"]).optional().describe("Cluster that the run is submitted to (torch engine)."),
  num_workers: z
    .int()
    .min(1)
    .optional()
    .describe("Processes on the cluster, one a GPU; batch sizes are for each of them (cluster, default 1)."),
  use_gpu: z
    .boolean()
    .optional()
    .describe("Give each process on the cluster a GPU (cluster, default false)."),
  resources_per_worker: z
    .union([
      z.record(z.string().min(1), z.number().positive()),
      z.string().regex(/^[^=,\s]+=\d+(\.\d+)?(, ?[^=,\s]+=\d+(\.\d+)?)*$/, "write CPU=4, GPU=1"),
    ])
    .optional()
    .describe(
      "What each process reserves, by Ray's names of resources, as a mapping or as CPU=4, GPU=1 (cluster, default one GPU, or one CPU without use_gpu).",
    ),
  bf16: z.boolean().optional().describe("Train in bfloat16 mixed precision (torch engine)."),
  load_in_4bit: z.boolean().optional().describe("Quantise the frozen model to 4 bits, QLoRA (torch engine)."),
  attn_implementation: z
    .enum(["eager", "sdpa", "flash_attention_2", "flash_attention_3"])
    .optional()
    .describe("How transformers computes attention (torch engine, default sdpa)."),
  train_sampling_strategy: z
    .enum(["random", "group_by_length"])
    .optional()
    .describe("group_by_length puts rows of like length into one batch, to pad less (torch engine)."),
  torch_compile: z.boolean().optional().describe("Compile the model with torch.compile (torch engine)."),
  retry_on_out_of_memory: z
    .boolean()
    .optional()
    .describe("After an out-of-memory, retry once with half the micro-batch (torch engine)."),
};

/** Of the torch engine's options those for losses with a reference model. */
const torchReference = {
  precompute_ref_log_probs: z
    .boolean()
    .optional()
    .describe(
      "Score the reference once, before the first step, and keep the result (torch engine, default true).",
    ),
};

/** Of the torch engine's options those for the trainers that compute a batch without padding. */
const torchPadding = {
  padding_free: z
    .boolean()
    .optional()
    .describe("Compute the sequences of a batch without padding, in one row (torch engine)."),
};
export const torchOnlyOptions: readonly string[] = Object.keys({
  ...torchOnly,
  ...torchReference,
  ...torchPadding,
});

const learningRate = (value: number) =>
  z.number().positive().default(value).describe("Peak learning rate of AdamW.");

const beta = z
  .number()
  .positive()
  .default(0.1)
  .describe("Strength of the pull towards the reference; the temperature of reference-free losses.");

/** One strict shape a method; a key that is not in it is refused. */
export const runShapes = {
  sft: z.strictObject({
    method: z.literal("sft").describe("Supervised fine-tuning on demonstrations."),
    ...places,
    ...shared,
    ...torchOnly,
    ...torchPadding,
    learning_rate: learningRate(2e-5),
    loss_type: listOf(z.enum(namesOf(sftLosses)), "nll").describe(
      "Cross-entropy of the labelled tokens; chunked_nll is TRL's name for the same numbers.",
    ),
    completion_only_loss: z
      .boolean()
      .nullable()
      .default(null)
      .describe("Loss on completions only (default: true for rows with prompt and completion)."),
    assistant_only_loss: z
      .boolean()
      .default(false)
      .describe(
        "Loss on the assistant's turns only; needs a template with {% generation %} or a known family.",
      ),
    packing: z.boolean().default(false).describe("Fill sequences of max_length with several rows."),
    packing_strategy: z
      .enum(["bfd", "bfd_split", "wrapped"])
      .default("bfd")
      .describe("Best fit decreasing with cut or split overflow, or one stream cut at max_length."),
    feedback: z
      .enum(["none", "chain_of_hindsight", "quality_conditioned"])
      .default("none")
      .describe("Turn ranked, rated or criticised rows into demonstrations that state their quality."),
  }),
  reward: z.strictObject({
    method: z.literal("reward").describe("A reward model from comparisons."),
    ...places,
    ...shared,
    ...torchOnly,
    learning_rate: learningRate(1e-4),
    loss_type: listOf(z.enum(namesOf(rewardLosses)), "bradley_terry").describe(
      "Bradley–Terry on pairs or Plackett–Luce on ranked rows.",
    ),
    center_rewards_coefficient: z
      .number()
      .min(0)
      .nullable()
      .default(null)
      .describe("Weight of the term that keeps rewards around zero; 0.01 is usual."),
  }),
  preference: z.strictObject({
    method: z
      .literal("preference")
      .describe("The DPO family: CPO, SimPO, ORPO, SLiC, RRHF and PRO included."),
    ...places,
    ...shared,
    ...torchOnly,
    ...torchReference,
    ...torchPadding,
    learning_rate: learningRate(1e-6),
    beta,
    loss_type: listOf(z.enum(namesOf(preferenceLosses)), "sigmoid").describe(
      "One loss or several that are added up with loss_weights.",
    ),
    loss_weights: z
      .array(z.number().min(0))
      .min(1)
      .nullable()
      .default(null)
      .describe("Weight of each entry of loss_type (default: 1 each)."),
    label_smoothing: z
      .number()
      .min(0)
      .max(0.5)
      .default(0)
      .describe("Assumed share of flipped labels; exo_pair needs one, 0.001 is usual."),
    ld_alpha: ratio
      .nullable()
      .default(null)
      .describe("Weight of the tokens beyond the shorter answer's length (LD-DPO)."),
    f_divergence_type: z
      .enum(["reverse_kl", "forward_kl", "js_divergence", "alpha_divergence"])
      .default("reverse_kl")
      .describe("Divergence between policy and reference."),
    f_alpha_divergence_coef: z.number().default(0.5).describe("α of alpha_divergence."),
    use_weighting: z
      .boolean()
      .default(false)
      .describe("Weigh pairs by how likely the policy finds them (WPO)."),
    rpo_alpha: z
      .number()
      .min(0)
      .nullable()
      .default(null)
      .describe("Weight of the better answer's negative log-likelihood added to the loss (RPO)."),
    discopop_tau: z.number().positive().default(0.05).describe("Temperature of discopop's blend."),
    cpo_alpha: z
      .number()
      .min(0)
      .nullable()
      .default(null)
      .describe("Weight of the better answer's likelihood in cpo (default 1) and simpo (default 0)."),
    simpo_gamma: z.number().min(0).default(0.5).describe("Target margin of simpo."),
    slic_delta: z.number().positive().nullable().default(null).describe("Margin δ of slic; required there."),
    slic_lambda: z
      .number()
      .min(0)
      .nullable()
      .default(null)
      .describe("Weight λ of slic's likelihood of the better answer; required there."),
    rrhf_length_penalty: z
      .number()
      .min(0)
      .default(1)
      .describe("Exponent of the length that divides an answer's log-probability in rrhf."),
    pro_sft_weight: z
      .number()
      .min(0)
      .default(0.05)
      .describe("Weight of the best answer's likelihood in pro."),
  }),
  kto: z.strictObject({
    method: z.literal("kto").describe("Preference tuning from single answers marked good or bad."),
    ...places,
    ...shared,
    ...torchOnly,
    ...torchReference,
    shuffle: z
      .boolean()
      .default(false)
      .describe("Draw rows in random order; off by default, because the mismatched pairs are neighbours."),
    learning_rate: learningRate(1e-6),
    beta,
    loss_type: listOf(z.enum(namesOf(ktoLosses)), "kto").describe(
      "KTO, or the unpaired form of apo_zero, which needs no estimate of the divergence.",
    ),
    desirable_weight: z.number().min(0).default(1).describe("Weight of the good answers."),
    undesirable_weight: z.number().min(0).default(1).describe("Weight of the bad answers."),
  }),
  grpo: z.strictObject({
    method: z
      .literal("grpo")
      .describe(
        "Reinforcement from a reward model: answers are drawn and the better ones of a group favoured.",
      ),
    ...places,
    ...rewardPlaces,
    ...shared,
    ...torchOnly,
    learning_rate: learningRate(1e-6),
    loss_type: listOf(z.enum(["grpo", "dr_grpo", "dapo", "bnpo"]), "dapo").describe(
      "How the tokens of a batch are averaged.",
    ),
    beta: z
      .number()
      .min(0)
      .default(0)
      .describe("Weight of the divergence from the reference; 0 needs no reference."),
    num_generations: z
      .int()
      .min(2)
      .default(8)
      .describe("Answers drawn for each prompt; a batch is a multiple of it."),
    max_completion_length: z.int().min(1).default(512).describe("Longest drawn answer in tokens."),
    temperature: z.number().positive().default(1).describe("Temperature of the drawn answers."),
    top_p: z
      .number()
      .positive()
      .max(1)
      .default(1)
      .describe("Share of probability that tokens are drawn from."),
    top_k: z.int().min(0).default(0).describe("Number of tokens that are drawn from; 0 means all."),
    repetition_penalty: z
      .number()
      .positive()
      .default(1)
      .describe("Penalty of tokens that were drawn before."),
    num_iterations: z.int().min(1).default(1).describe("Optimizer passes over each batch of drawn answers."),
    epsilon: z.number().positive().default(0.2).describe("Clipping of the probability ratio."),
    scale_rewards: z
      .enum(["group", "batch", "none"])
      .default("group")
      .describe("What an advantage is divided by: the deviation of its group, of the batch, or nothing."),
    mask_truncated_completions: z
      .boolean()
      .default(false)
      .describe("Leave answers that reached max_completion_length out of the loss."),
  }),
};

/** What both engines run; grpo, which draws answers while it trains, is the torch engine's alone. */
export const methods = ["sft", "reward", "preference", "kto"] as const;
export type Method = (typeof methods)[number];

export type SftSpec = z.infer<typeof runShapes.sft>;
export type RewardSpec = z.infer<typeof runShapes.reward>;
export type PreferenceSpec = z.infer<typeof runShapes.preference>;
export type KtoSpec = z.infer<typeof runShapes.kto>;
export type RunSpec = SftSpec | RewardSpec | PreferenceSpec | KtoSpec;
