/**
 * Which options of a run.yaml cannot hold together: stated once, as data, for both engines. `options.json` carries the
 * rules to the Python package, which has the same few lines to interpret them.
 */
import { lossCatalog, lossesWhere, preferenceLosses } from "../loss/catalog";

/** What is asked of one option; nested options are named by their path ("peft.method"). */
type Condition = { readonly option: string } & (
  | { readonly test: "set" | "unset" } // has a value after defaults, or null
  | { readonly test: "given" } // is written in the file, and neither null nor false
  | { readonly test: "is" | "not"; readonly value: string | number | boolean }
  | { readonly test: "above" | "least"; readonly value: number }
  | { readonly test: "fraction" } // is no whole number
  | { readonly test: "longer"; readonly value: number } // is a list of more than that many
  | { readonly test: "repeats" } // is a list that names something twice
  | { readonly test: "uneven"; readonly with: string } // is a list of another length than the other option's
  | { readonly test: "some" | "none" | "outside"; readonly values: readonly string[] } // has one of, none of, one not of
);

/** All conditions together are a contradiction. */
export interface Rule {
  /** The option to change. */
  readonly key: string;
  readonly when: readonly Condition[];
  /** A sentence; `{option}` is its value, `{#option}` its length, `{culprit}` the entry that "outside" found. */
  readonly message: string;
}

const losses = { option: "loss_type" } as const;
const preference = { option: "method", test: "is", value: "preference" } as const;
const noEvaluation = { option: "eval", test: "unset" } as const;
const withReference = lossesWhere(({ reference }) => reference);
const smoothed = lossesWhere((facts) => "smoothed" in facts);
const divergence = lossesWhere((facts) => "divergence" in facts);
const ranked = lossesWhere(({ rows }) => rows === "ranking");
const sorted = lossesWhere((facts) => "sorted" in facts);

/** Options that act only together with certain losses: naming one without them is a misunderstanding. */
const ownersOf = new Map<string, string[]>();
for (const [name, facts] of Object.entries(preferenceLosses)) {
  for (const option of "options" in facts ? facts.options : [])
    ownersOf.set(option, [...(ownersOf.get(option) ?? []), name]);
}

/** What a loss cannot do without; the first that is missing is named. */
const missing = Object.entries(preferenceLosses).flatMap(([name, facts]): Rule[] => {
  const required = "required" in facts ? facts.required : [];
  return required.map((key, index) => ({
    key,
    when: [
      preference,
      { ...losses, test: "some", values: [name] },
      ...required.slice(0, index).map((option) => ({ option, test: "set" }) as const),
      { option: key, test: "unset" },
    ],
    message: `${name} needs ${required.length > 1 ? "both " : ""}${required.join(" and ")}: set them.`,
  }));
});

const brokenSmoothing = Object.entries(preferenceLosses).flatMap(([name, facts]): Rule[] => {
  if (!("brokenBy" in facts)) return [];
  const { test, value, why } = facts.brokenBy;
  return [
    {
      key: "label_smoothing",
      when: [
        preference,
        { ...losses, test: "some", values: [name] },
        { option: "label_smoothing", test, value },
      ],
      message: `${name} ${why}`,
    },
  ];
});

export const rules: readonly Rule[] = [
  {
    key: "peft",
    when: [
      { option: "adapter", test: "set" },
      { option: "peft.method", test: "is", value: "none" },
    ],
    message:
      "peft.method none trains every weight but adapter names an adapter to train: remove one of them.",
  },
  {
    key: "warmup_steps",
    when: [
      { option: "warmup_steps", test: "above", value: 1 },
      { option: "warmup_steps", test: "fraction" },
    ],
    message: "warmup_steps is a whole number of steps, or a share of all steps below 1.",
  },
  ...["eval_steps", "early_stopping_patience", "load_best_model_at_end", "eval_on_start"].map(
    (key): Rule => ({
      key,
      when: [noEvaluation, { option: key, test: "given" }],
      message: `${key} needs rows to evaluate on: name a file in eval or remove ${key}.`,
    }),
  ),
  {
    key: "early_stopping_patience",
    when: [
      { option: "eval", test: "set" },
      { option: "early_stopping_patience", test: "set" },
      { option: "eval_steps", test: "unset" },
    ],
    message: "early_stopping_patience needs eval_steps: set how often to evaluate.",
  },
  {
    key: "packing",
    when: [
      { option: "packing", test: "is", value: true },
      { option: "max_length", test: "unset" },
    ],
    message: "packing fills sequences of max_length tokens: set max_length to a number.",
  },
  ...(
    [
      { option: "assistant_only_loss", test: "is", value: true },
      { option: "feedback", test: "is", value: "chain_of_hindsight" },
    ] as const
  ).map(
    (masking): Rule => ({
      key: "sanitize_control_tokens",
      when: [{ option: "sanitize_control_tokens", test: "is", value: true }, masking],
      message: `sanitize_control_tokens cannot tell what the assistant wrote: remove it or ${masking.option}.`,
    }),
  ),
  {
    key: "loss_type",
    when: [
      { option: "method", test: "not", value: "preference" },
      { ...losses, test: "longer", value: 1 },
    ],
    message: "loss_type of a {method} run is a single loss: keep one of {loss_type}.",
  },
  {
    key: "loss_type",
    when: [preference, { ...losses, test: "repeats" }],
    message: "loss_type names the same loss twice: name it once and raise its loss_weights entry.",
  },
  {
    key: "loss_weights",
    when: [
      { option: "loss_weights", test: "set" },
      { option: "loss_weights", test: "uneven", with: "loss_type" },
    ],
    message: "loss_weights has {#loss_weights} entries for {#loss_type} losses: give one weight for each.",
  },
  {
    key: "loss_type",
    when: [preference, { ...losses, test: "longer", value: 1 }, { ...losses, test: "some", values: ranked }],
    message: `loss_type cannot add up {loss_type}: ${ranked.join(" and ")} read ranked rows, the others pairs.`,
  },
  ...[...ownersOf].map(
    ([key, owners]): Rule => ({
      key,
      when: [preference, { option: key, test: "given" }, { ...losses, test: "none", values: owners }],
      message: `${key} acts only with loss_type ${owners.join(" or ")}: remove it or add the loss.`,
    }),
  ),
  ...missing,
  ...["ld_alpha", "use_weighting", "rpo_alpha"].map(
    (key): Rule => ({
      key,
      when: [
        preference,
        { option: key, test: "given" },
        { ...losses, test: "outside", values: withReference },
      ],
      message: `${key} belongs to losses with a reference model and {culprit} has none: remove one of them.`,
    }),
  ),
  {
    key: "use_weighting",
    when: [
      preference,
      { option: "use_weighting", test: "is", value: true },
      { ...losses, test: "some", values: sorted },
    ],
    message: `use_weighting weighs pairs, and ${sorted.join(" and ")} sort the answers of different pairs against each other: remove it or take another loss.`,
  },
  ...brokenSmoothing,
  {
    key: "label_smoothing",
    when: [
      preference,
      { option: "label_smoothing", test: "above", value: 0 },
      { ...losses, test: "none", values: smoothed },
    ],
    message: "label_smoothing has no place in {loss_type}: remove it.",
  },
  {
    key: "f_divergence_type",
    when: [
      preference,
      { option: "f_divergence_type", test: "not", value: "reverse_kl" },
      { ...losses, test: "outside", values: divergence },
    ],
    message: `f_divergence_type {f_divergence_type} works with ${divergence.join(", ")} only: use reverse_kl or one of these losses.`,
  },
  {
    key: "f_alpha_divergence_coef",
    when: [
      preference,
      { option: "f_divergence_type", test: "not", value: "alpha_divergence" },
      { option: "f_alpha_divergence_coef", test: "given" },
    ],
    message: "f_alpha_divergence_coef acts only with f_divergence_type alpha_divergence: remove it.",
  },
];

/** The losses that TRL has not, by method: the torch engine refuses them by name. */
export const onnxOnlyLosses = Object.fromEntries(
  Object.entries(lossCatalog).map(([method, catalog]) => [
    method,
    Object.entries(catalog).flatMap(([name, facts]) => ("onnxOnly" in facts ? [name] : [])),
  ]),
);

type Values = Readonly<Record<string, unknown>>;

/**
 * The rules that a run breaks.
 * @param spec the run with all defaults
 * @param given what its file says
 */
export function brokenRules(spec: Values, given: Values): { key: string; message: string }[] {
  return rules.flatMap(({ key, when, message }) => {
    if (!when.every((condition) => holds(condition, spec, given))) return [];
    return [{ key, message: filled(message, when, spec) }];
  });
}

function holds(condition: Condition, spec: Values, given: Values): boolean {
  const value = valueAt(spec, condition.option);
  const list = Array.isArray(value) ? value : [];
  switch (condition.test) {
    case "set":
      return value !== null;
    case "unset":
      return value === null;
    case "given": {
      const written = valueAt(given, condition.option);
      return written !== null && written !== false;
    }
    case "is":
      return value === condition.value;
    case "not":
      return value !== condition.value;
    case "above":
      return typeof value === "number" && value > condition.value;
    case "least":
      return typeof value === "number" && value >= condition.value;
    case "fraction":
      return typeof value === "number" && !Number.isInteger(value);
    case "longer":
      return list.length > condition.value;
    case "repeats":
      return new Set(list).size < list.length;
    case "uneven": {
      const other = valueAt(spec, condition.with);
      return list.length !== (Array.isArray(other) ? other.length : 0);
    }
    case "some":
      return list.some((item) => condition.values.includes(item));
    case "none":
      return !list.some((item) => condition.values.includes(item));
    case "outside":
      return list.some((item) => !condition.values.includes(item));
  }
}

function filled(message: string, when: readonly Condition[], spec: Values): string {
  return message.replace(/\{(#?)([\w.]+)\}/g, (_, length: string, name: string) => {
    if (name === "culprit") return String(culprit(when, spec));
    const value = valueAt(spec, name);
    if (!Array.isArray(value)) return String(value);
    return length === "#" ? String(value.length) : value.join(", ");
  });
}

function culprit(when: readonly Condition[], spec: Values): unknown {
  for (const condition of when) {
    const value = valueAt(spec, condition.option);
    if (condition.test === "outside" && Array.isArray(value))
      return value.find((item) => !condition.values.includes(item));
  }
}

/** null for what is not there, as for what is null. */
function valueAt(values: Values, path: string): unknown {
  return (
    path
      .split(".")
      .reduce<unknown>(
        (inner, name) =>
          typeof inner === "object" && inner !== null
            ? Object.entries(inner).find(([key]) => key === name)?.[1]
            : null,
        values,
      ) ?? null
  );
}
