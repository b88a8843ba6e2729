import { z } from "zod";
import {
  divergenceLosses,
  type Method,
  methods,
  type RunSpec,
  rankedLosses,
  referenceLosses,
  runShapes,
  smoothedLosses,
  torchOnlyOptions,
} from "./options";

export type {
  KtoSpec,
  Method,
  PeftSpec,
  PreferenceLoss,
  PreferenceSpec,
  RewardSpec,
  RunSpec,
  SftSpec,
} from "./options";

/** What is wrong with one option: `key` as written in run.yaml ("peft.r"), `message` a complete sentence. */
export interface SpecProblem {
  key: string;
  message: string;
}

export type ParsedSpec = { spec: RunSpec; problems: [] } | { spec: null; problems: SpecProblem[] };

/**
 * Checks the content of a run.yaml (parsed YAML or a form's state) and fills in TRL 1.16's defaults.
 * Never throws; every unknown, mistyped or contradictory key becomes a problem that names it.
 * Paths stay as they are: see `readRunSpec` for a file's.
 */
export function parseRunSpec(input: unknown): ParsedSpec {
  const given = z.record(z.string(), z.unknown()).safeParse(input);
  if (!given.success) {
    return failed([
      { key: "method", message: "A run is described by keys and values, starting with method." },
    ]);
  }
  if (given.data.method === "grpo") {
    return failed([
      {
        key: "method",
        message: "grpo draws answers while it trains, which the torch engine alone does: set engine: torch.",
      },
    ]);
  }
  const method = z.enum(methods).safeParse(given.data.method);
  if (!method.success) {
    return failed([{ key: "method", message: `method must be one of ${methods.join(", ")}.` }]);
  }
  const parsed: z.ZodSafeParseResult<RunSpec> = runShapes[method.data].safeParse(given.data);
  if (!parsed.success) {
    return failed(parsed.error.issues.flatMap((issue) => describeIssue(issue, method.data)));
  }
  const problems = contradictions(parsed.data, given.data);
  return problems.length > 0 ? failed(problems) : { spec: parsed.data, problems: [] };
}

/** Defaults of a LoRA adapter that is created by the run, PEFT's own. */
export const loraDefaults = { r: 8, lora_alpha: 8, lora_dropout: 0, use_rslora: false } as const;

/** Number of virtual tokens of a new prefix. */
export const defaultVirtualTokens = 20;

const failed = (problems: SpecProblem[]): ParsedSpec => ({ spec: null, problems });

function describeIssue(issue: z.core.$ZodIssue, method: Method): SpecProblem[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(path === "" ? key : `${path}.${key}`, method));
  }
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return [{ key: path, message: `${path} is missing: ${describeOption(path, method)}` }];
  }
  return [{ key: path, message: `${path}: ${issue.message}. ${describeOption(path, method)}` }];
}

function describeOption(key: string, method: Method): string {
  const schema = Object.entries(runShapes[method].shape).find(([name]) => name === key.split(".")[0])?.[1];
  return schema?.description ?? "It describes the run.";
}

function unknownKey(key: string, method: Method): SpecProblem {
  const owners = methods.filter((other) => key in runShapes[other].shape);
  if (owners.length > 0) {
    return {
      key,
      message: `${key} is an option of ${owners.join(" and ")} runs and has no meaning in a ${method} run: remove it.`,
    };
  }
  const known = key.startsWith("peft.")
    ? ["r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "num_virtual_tokens"].map(
        (k) => `peft.${k}`,
      )
    : Object.keys(runShapes[method].shape);
  const near = nearest(key, known);
  const hint = near === null ? "remove it" : `did you mean ${near}?`;
  return {
    key,
    message: `${key} is not an option of a ${method} run${near === null ? ":" : ";"} ${hint}${near === null ? "." : ""}`,
  };
}

/** The known name within two edits of a misspelt one. */
function nearest(name: string, known: readonly string[]): string | null {
  const ranked = known.map((other) => ({ other, edits: editDistance(name, other) }));
  const best = ranked.sort((a, b) => a.edits - b.edits)[0];
  return best !== undefined && best.edits <= 2 ? best.other : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Options that act only together with certain losses: naming one without them is a misunderstanding. */
export const optionsOfLosses: Record<string, readonly string[]> = {
  cpo_alpha: ["cpo", "simpo"],
  simpo_gamma: ["simpo"],
  discopop_tau: ["discopop"],
  slic_delta: ["slic"],
  slic_lambda: ["slic"],
  rrhf_length_penalty: ["rrhf"],
  pro_sft_weight: ["pro"],
};

type Given = Record<string, unknown>;

function contradictions(spec: RunSpec, given: Given): SpecProblem[] {
  const problems: SpecProblem[] = [];
  const refuse = (key: string, message: string) => problems.push({ key, message });

  if (spec.engine === "onnx") {
    for (const key of torchOnlyOptions.filter((name) => given[name] !== undefined)) {
      refuse(key, `${key} is an option of the torch engine: remove it or set engine: torch.`);
    }
  }
  if (spec.adapter !== null && spec.peft?.method === "none") {
    refuse(
      "peft",
      "peft.method none trains every weight but adapter names an adapter to train: remove one of them.",
    );
  }
  if (spec.warmup_steps > 1 && !Number.isInteger(spec.warmup_steps)) {
    refuse("warmup_steps", "warmup_steps is a whole number of steps, or a share of all steps below 1.");
  }
  if (spec.eval === null) {
    const needEvaluation = ["eval_steps", "early_stopping_patience"].filter((key) => given[key] != null);
    const wanted = ["load_best_model_at_end", "eval_on_start"].filter((key) => given[key] === true);
    for (const key of [...needEvaluation, ...wanted]) {
      refuse(key, `${key} needs rows to evaluate on: name a file in eval or remove ${key}.`);
    }
  } else if (spec.early_stopping_patience !== null && spec.eval_steps === null) {
    refuse("early_stopping_patience", "early_stopping_patience needs eval_steps: set how often to evaluate.");
  }
  if (spec.method === "sft") refuseSft(spec, refuse);
  if (spec.method === "preference") refusePreference(spec, given, refuse);
  if (spec.method !== "preference" && spec.loss_type.length > 1) {
    refuse(
      "loss_type",
      `loss_type of a ${spec.method} run is a single loss: keep one of ${spec.loss_type.join(", ")}.`,
    );
  }
  return problems;
}

type Refuse = (key: string, message: string) => void;

function refuseSft(spec: Extract<RunSpec, { method: "sft" }>, refuse: Refuse): void {
  if (spec.packing && spec.max_length === null) {
    refuse("packing", "packing fills sequences of max_length tokens: set max_length to a number.");
  }
}

function refusePreference(
  spec: Extract<RunSpec, { method: "preference" }>,
  given: Given,
  refuse: Refuse,
): void {
  const losses: readonly string[] = spec.loss_type;
  const has = (loss: string) => losses.includes(loss);

  if (new Set(losses).size < losses.length) {
    refuse(
      "loss_type",
      "loss_type names the same loss twice: name it once and raise its loss_weights entry.",
    );
  }
  if (spec.loss_weights !== null && spec.loss_weights.length !== losses.length) {
    refuse(
      "loss_weights",
      `loss_weights has ${spec.loss_weights.length} entries for ${losses.length} losses: give one weight for each.`,
    );
  }
  if (losses.length > 1 && rankedLosses.some(has)) {
    refuse(
      "loss_type",
      `loss_type cannot add up ${losses.join(", ")}: rrhf and pro read ranked rows, the others pairs.`,
    );
  }
  for (const [key, owners] of Object.entries(optionsOfLosses)) {
    if (given[key] != null && !owners.some(has)) {
      refuse(key, `${key} acts only with loss_type ${owners.join(" or ")}: remove it or add the loss.`);
    }
  }
  if (has("slic") && (spec.slic_delta === null || spec.slic_lambda === null)) {
    refuse(
      spec.slic_delta === null ? "slic_delta" : "slic_lambda",
      "slic needs both slic_delta and slic_lambda: set them.",
    );
  }
  const free = losses.find((loss) => !referenceLosses.some((known) => known === loss));
  for (const key of ["ld_alpha", "use_weighting", "rpo_alpha"].filter(
    (name) => given[name] != null && given[name] !== false,
  )) {
    if (free !== undefined) {
      refuse(
        key,
        `${key} belongs to losses with a reference model and ${free} has none: remove one of them.`,
      );
    }
  }
  if (has("exo_pair") && spec.label_smoothing === 0) {
    refuse(
      "label_smoothing",
      "exo_pair takes the logarithm of label_smoothing: set it above 0, 0.001 is usual.",
    );
  }
  if (has("robust") && spec.label_smoothing >= 0.5) {
    refuse("label_smoothing", "robust divides by 1 − 2·label_smoothing: set label_smoothing below 0.5.");
  }
  if (spec.label_smoothing > 0 && !losses.some((loss) => smoothedLosses.includes(loss))) {
    refuse("label_smoothing", `label_smoothing has no place in ${losses.join(", ")}: remove it.`);
  }
  if (spec.f_divergence_type !== "reverse_kl" && !losses.every((loss) => divergenceLosses.includes(loss))) {
    refuse(
      "f_divergence_type",
      `f_divergence_type ${spec.f_divergence_type} works with ${divergenceLosses.join(", ")} only: use reverse_kl or one of these losses.`,
    );
  }
  if (spec.f_divergence_type !== "alpha_divergence" && given.f_alpha_divergence_coef != null) {
    refuse(
      "f_alpha_divergence_coef",
      "f_alpha_divergence_coef acts only with f_divergence_type alpha_divergence: remove it.",
    );
  }
}
