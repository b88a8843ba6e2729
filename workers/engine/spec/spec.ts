import { z } from "zod";
import { type Method, methods, type RunSpec, runShapes, torchOnlyOptions } from "./options";
import { brokenRules } from "./rules";

export type {
  KtoSpec,
  PeftSpec,
  PreferenceSpec,
  RewardSpec,
  RunSpec,
  SftSpec,
} from "./options";

/** What is wrong with one option: `key` as written in run.yaml ("peft.r"), `message` a complete sentence. */
interface SpecProblem {
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

function contradictions(spec: RunSpec, given: Record<string, unknown>): SpecProblem[] {
  const foreign = spec.engine === "onnx" ? torchOnlyOptions.filter((name) => given[name] !== undefined) : [];
  return [
    ...foreign.map((key) => ({
      key,
      message: `${key} is an option of the torch engine: remove it or set engine: torch.`,
    })),
    ...brokenRules(spec, given),
  ];
}
