/** README.md of a trained model: what it is, what it learnt from and how, in the form the Hub reads. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { writeText } from "../file/files";
import type { AdapterSettings } from "../model/adapter/peft";
import type { RunSpec } from "../spec/spec";
import { eventsFile, type RunEvent, runEvent } from "./events";

export interface CardFacts {
  readonly spec: RunSpec;
  /** null: all weights were trained. */
  readonly adapter: AdapterSettings | null;
  readonly rows: { readonly train: number; readonly eval: number | null };
}

/** Writes README.md into `output/output` of a run, from its spec and from what its events tell so far. */
export function writeModelCard(facts: CardFacts): void {
  const events = readEvents(eventsFile(facts.spec.output));
  writeText(join(facts.spec.output, "output", "README.md"), modelCard(facts, events));
}

export function modelCard({ spec, adapter, rows }: CardFacts, events: readonly RunEvent[]): string {
  const training = events.findLast((event) => event.type === "metrics");
  const evaluation = events.findLast((event) => event.type === "eval");
  const warnings = events.flatMap((event) =>
    event.type === "log" && event.level === "warning" ? [event.message] : [],
  );
  const front = stringify({
    base_model: spec.model,
    library_name: adapter ? "peft" : "transformers",
    pipeline_tag: spec.method === "reward" ? "text-classification" : "text-generation",
    tags: [
      "concord",
      spec.method,
      ...(spec.method === "sft" ? [] : spec.loss_type),
      ...(adapter ? [adapter.method] : []),
    ],
  });
  const data = [
    `Training: \`${basename(spec.train)}\`, ${plural(rows.train, "row")}.`,
    ...(spec.eval !== null && rows.eval !== null
      ? [`Held out: \`${basename(spec.eval)}\`, ${plural(rows.eval, "row")}.`]
      : []),
    ...warnings,
  ];
  return [
    `---\n${front}---`,
    `# ${basename(spec.output)}`,
    `${kinds[spec.method]} made from \`${basename(spec.model)}\` ${adapter ? adapterNames[adapter.method] : "by training all weights"}. Trained with Concord.`,
    `## Data\n\n${data.map((line) => `- ${line}`).join("\n")}`,
    `## Options\n\n${table(["Option", "Value"], optionsOf(spec, adapter))}`,
    ...(training
      ? [`## Metrics\n\nAfter ${plural(training.step, "step")}.\n\n${metricsTable(training, evaluation)}`]
      : []),
    `## Use\n\n\`\`\`python\n${pythonOf(spec, adapter)}\n\`\`\``,
    "",
  ].join("\n\n");
}

const kinds: Readonly<Record<RunSpec["method"], string>> = {
  sft: "A model fine-tuned on demonstrations,",
  reward: "A reward model (it scores an answer to a prompt; higher is better),",
  preference: "A model tuned on preferences,",
  kto: "A model tuned on good and bad answers,",
};

const adapterNames: Readonly<Record<AdapterSettings["method"], string>> = {
  lora: "with a LoRA adapter",
  prefix: "with a tuned prefix",
};

/** What does not belong among the hyper-parameters: places, and what has a section of its own. */
const elsewhere = new Set([
  "model",
  "adapter",
  "train",
  "eval",
  "output",
  "chat_template_path",
  "method",
  "engine",
  "peft",
]);

function optionsOf(spec: RunSpec, adapter: AdapterSettings | null): [string, string][] {
  const shown = (options: object) =>
    Object.entries(options).flatMap(([name, value]): [string, string][] =>
      value === null || value === undefined || elsewhere.has(name) ? [] : [[name, [value].flat().join(", ")]],
    );
  return [...shown(spec), ...(adapter ? shown(adapter) : [])];
}

type Measured = Extract<RunEvent, { type: "metrics" | "eval" }>;

function metricsTable(training: Measured, evaluation: Measured | undefined): string {
  const numbers = (event: Measured) =>
    Object.entries(event).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  const held = new Map(evaluation ? numbers(evaluation) : []);
  const rows = numbers(training)
    .filter(([name]) => name !== "step")
    .map(([name, value]) => [name, rounded(value), rounded(held.get(`eval_${name}`))]);
  return evaluation
    ? table(["Metric", "Training", "Held out"], rows)
    : table(
        ["Metric", "Training"],
        rows.map((row) => row.slice(0, 2)),
      );
}

const rounded = (value: number | undefined) =>
  value === undefined ? "" : String(Number(value.toPrecision(5)));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function pythonOf(spec: RunSpec, adapter: AdapterSettings | null): string {
  const isReward = spec.method === "reward";
  const model = isReward ? "AutoModelForSequenceClassification" : "AutoModelForCausalLM";
  const labels = isReward ? ", num_labels=1" : "";
  return adapter
    ? [
        "from peft import PeftModel",
        `from transformers import ${model}`,
        "",
        `base = ${model}.from_pretrained(${JSON.stringify(spec.model)}${labels})`,
        'model = PeftModel.from_pretrained(base, "path/to/this/directory")',
      ].join("\n")
    : [
        `from transformers import ${model}`,
        "",
        `model = ${model}.from_pretrained("path/to/this/directory")`,
      ].join("\n");
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function readEvents(file: string): RunEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => runEvent.parse(JSON.parse(line)));
}
