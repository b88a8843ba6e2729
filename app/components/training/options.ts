import { z } from "zod";

/** One option as the engine describes it: the part of JSON Schema that a form needs. */
const optionSchema = z.looseObject({
  /** Two names, of which one is null, where the option can be left out. */
  type: z
    .union([z.string(), z.array(z.string())])
    .transform((type) => (typeof type === "string" ? type : type.find((name) => name !== "null")))
    .optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  get anyOf() {
    return z.array(optionSchema).optional();
  },
  get items() {
    return optionSchema.optional();
  },
});
type OptionSchema = z.infer<typeof optionSchema>;

const methodSchema = z.object({ properties: z.record(z.string(), optionSchema) });

type OptionKind = "number" | "whole" | "yes_no" | "choice" | "choices" | "text";

export interface Option {
  name: string;
  kind: OptionKind;
  description: string;
  /** What the engine does when the option is left alone. */
  standard: unknown;
  choices: readonly string[];
  minimum: number | undefined;
  maximum: number | undefined;
  /** What it may be, in words; empty where anything goes. */
  range: string;
}

/** The options of a method, the common ones first; those the platform fills in are left out. */
export function optionsOf(described: unknown, managed: readonly string[]): Option[] {
  const parsed = methodSchema.safeParse(described);
  if (!parsed.success) return [];
  return Object.entries(parsed.data.properties)
    .filter(([name]) => !managed.includes(name) && name !== "peft")
    .map(([name, schema]) => toOption(name, schema))
    .sort((a, b) => placeOf(a) - placeOf(b));
}

/** The common ones first, in their order. */
const placeOf = ({ name }: Option) => (common.indexOf(name) + 1 || common.length + 1) - 1;

function toOption(name: string, schema: OptionSchema): Option {
  // `null` beside a type only says that the option can be left out.
  const real = schema.anyOf?.find(({ type }) => type !== "null" && type !== undefined) ?? schema;
  const choices = (real.enum ?? real.items?.enum ?? []).map(String);
  const minimum = real.minimum ?? real.exclusiveMinimum;
  return {
    name,
    kind: kindOf(real, choices),
    description: schema.description ?? "",
    standard: schema.default ?? real.default,
    choices,
    minimum,
    maximum: real.maximum,
    range: rangeOf(minimum, real.maximum, real.exclusiveMinimum !== undefined),
  };
}

/** Whole numbers carry JavaScript's own bounds, which say nothing. */
function rangeOf(minimum: number | undefined, maximum: number | undefined, above: boolean): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (low === undefined) return high === undefined ? "" : `At most ${high}.`;
  if (high === undefined) return above ? `Above ${low}.` : `${low} or more.`;
  return `${low} to ${high}.`;
}

function kindOf({ type }: OptionSchema, choices: readonly string[]): OptionKind {
  if (type === "array" && choices.length > 0) return "choices";
  if (choices.length > 0) return "choice";
  if (type === "integer") return "whole";
  if (type === "number") return "number";
  if (type === "boolean") return "yes_no";
  return "text";
}

/** What most people set; everything else waits behind "All options". */
export const common = [
  "learning_rate",
  "num_train_epochs",
  "max_steps",
  "per_device_train_batch_size",
  "gradient_accumulation_steps",
  "max_length",
  "loss_type",
  "beta",
  "eval_steps",
  "save_steps",
  "logging_steps",
  "seed",
  "engine",
  "device",
];

/** Options that need held-out rows: a version without them trains without these. */
export const evaluating = [
  "eval_steps",
  "eval_on_start",
  "early_stopping_patience",
  "early_stopping_threshold",
  "metric_for_best_model",
  "load_best_model_at_end",
];

export type Values = Readonly<Record<string, unknown>>;
