/** A look at a run before it starts: the first batch as the engine will see it, and what the run will take. */
import type { Tree } from "../rows/packing";
import type { RunSpec } from "../spec/spec";
import { openTokenizer } from "../tokenize/tokenizer";
import { openRun } from "./run";

interface PreviewToken {
  readonly text: string;
  readonly part: "prompt" | "completion";
  /** Whether the token's own probability enters the loss. A reward model reads one pooled token instead. */
  readonly loss: boolean;
}

export interface Preview {
  readonly rows: number;
  readonly dropped: readonly { readonly file: string; readonly row: number; readonly reason: string }[];
  readonly steps: number;
  /** Estimated peak of the process, and how it is reached. */
  readonly memoryBytes: number;
  readonly memoryNote: string;
  /** The sequences of the first micro-batch, each under what it is: chosen, rejected, completion … */
  readonly batch: readonly { readonly role: string; readonly tokens: readonly PreviewToken[] }[];
}

/** @throws EngineError for whatever would stop the run before its first step. */
export function previewRun(spec: RunSpec): Preview {
  const { plan, objective, fitted, dropped } = openRun(spec);
  const tokenizer = openTokenizer(spec.model, spec.chat_template_path);
  const textOf = (id: number) => tokenizer.decode([id]);
  return {
    rows: objective.trees.length,
    dropped: dropped.flatMap(({ file, rows }) => rows.map(({ row, reason }) => ({ file, row, reason }))),
    steps: plan.steps,
    memoryBytes: fitted.bytes,
    memoryNote: fitted.message,
    batch: plan.group(0)[0].flatMap((index) => sequencesOf(objective.trees[index], spec, textOf)),
  };
}

function sequencesOf(tree: Tree, { method }: RunSpec, textOf: (id: number) => string) {
  const roles =
    tree.responses.length === 1
      ? ["completion"]
      : tree.responses.length === 2 && method !== "kto"
        ? ["chosen", "rejected"]
        : tree.responses.map((_, i) => `response ${i + 1}`);
  const prompt = tree.prompt.map(
    (id, i): PreviewToken => ({ text: textOf(id), part: "prompt", loss: tree.scorePrompt === true && i > 0 }),
  );
  return tree.responses.map(({ ids, scored }, r) => ({
    role: roles[r],
    tokens: [
      ...prompt,
      ...ids.map((id, i): PreviewToken => {
        const loss = method !== "reward" && (scored ? scored[i] : prompt.length + i > 0);
        // A row of SFT is one sequence: what is not learnt was given.
        const part = scored && !scored[i] ? "prompt" : "completion";
        return { text: textOf(id), part, loss };
      }),
    ],
  }));
}
