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
  /** The step that gave the weights. */
  readonly step: number;
}

/** Writes README.md into `output/output` of a run, from its spec and from what its events tell so far. */
export function writeModelCard(facts: CardFacts): void {
  const events = readEvents(eventsFile(facts.spec.output));
  writeText(join(facts.spec.output, "output", "README.md"), modelCard(facts, events));
}

export function modelCard({ spec, adapter, rows, step }: CardFacts, events: readonly RunEvent[]): string {
  const training = events.filter((event) => event.type === "metrics").findLast((event) => event.step <= step);
  const evaluation = events.filter((event) => event.type === "eval").findLast((event) => event.step === step);
  const warnings = events.flatMap((event) =>
    event.type === "log" && event.level === "warning" ? [event.message] : [],
  );
  const data = [
    `Training: \`${basename(spec.train)}\`, ${plural(rows.train, "row")}.`,
    ...(spec.eval !== null && rows.eval !== null
      ? [`Held out: \`${basename(spec.eval)}\`, ${plural(rows.eval, "row")}.`]
      : []),
    ...warnings,
  ];
  return cardText({
    title: basename(spec.output),
    method: spec.method,
    // The Hub takes no card that names a directory of this machine as its base.
    base: existsSync(spec.model) ? null : spec.model,
    library: adapter ? "peft" : "transformers",
    tags: [
      spec.method,
      ...(spec.method === "sft" ? [] : spec.loss_type),
      ...(adapter ? [adapter.method] : []),
    ],
    intro: `${modelKinds[spec.method]} made from \`${basename(spec.model)}\` ${adapter ? adapterNames[adapter.method] : "by training all weights"}. Trained with Concord${spec.engine === "torch" ? " on TRL" : ""}.`,
    sections: [
      ["Data", data.map((line) => `- ${line}`).join("\n")],
      ["Options", table(["Option", "Value"], optionsOf(spec, adapter))],
      ...(training
        ? [
            [
              "Metrics",
              [
                `After ${plural(step, "step")}.`,
                ...countsOf(evaluation),
                metricsTable(training, evaluation),
              ].join("\n\n"),
            ] as const,
          ]
        : []),
      ["Use", pythonOf({ isReward: spec.method === "reward", base: adapter ? spec.model : null })],
    ],
  });
}

/** What every card of a model has: of a run that trained it, and of a model that leaves the platform. */
export interface Card {
  title: string;
  licence?: string;
  method: RunSpec["method"] | "base";
  /** What the Hub should link to as the model it was made from. */
  base: string | null;
  /** What else the Hub reads: the datasets and the measures. */
  metadata?: Readonly<Record<string, unknown>>;
  library: "peft" | "transformers" | "onnx";
  tags: readonly string[];
  intro: string;
  sections: readonly (readonly [title: string, text: string])[];
}

export function cardText(card: Card): string {
  const { title, licence, method, base, library, tags, intro, sections } = card;
  const front = stringify({
    ...(licence === undefined ? {} : { license: licence }),
    ...(base === null ? {} : { base_model: base }),
    library_name: library,
    pipeline_tag: pipelineOf(method),
    tags: ["concord", ...tags],
    ...card.metadata,
  });
  const parts = [
    `---\n${front}---`,
    `# ${title}`,
    intro,
    ...sections.map(([name, text]) => `## ${name}\n\n${text}`),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** What a model does, as the Hub calls it. */
export const pipelineOf = (method: Card["method"]) =>
  method === "reward" ? "text-classification" : "text-generation";

/** What each method makes; the torch engine reads the words from its declaration. */
export const modelKinds: Readonly<Record<RunSpec["method"], string>> = {
  sft: "A model fine-tuned on demonstrations,",
  reward: "A reward model (it scores an answer to a prompt; higher is better),",
  preference: "A model tuned on preferences,",
  kto: "A model tuned on good and bad answers,",
};

export const adapterNames: Readonly<Record<AdapterSettings["method"], string>> = {
  lora: "with a LoRA adapter",
  prefix: "with a tuned prefix",
};

/** What does not belong among the hyper-parameters: places, and what has a section of its own. */
export const elsewhere: ReadonlySet<string> = new Set([
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

type Evaluation = Extract<RunEvent, { type: "eval" }>;
type Measured = Extract<RunEvent, { type: "metrics" }> | Evaluation;

/** What the held-out figures are figures of. */
function countsOf(evaluation: Evaluation | undefined): string[] {
  if (!evaluation?.held_out) return [];
  const { scored, dropped, right, compared } = evaluation.held_out;
  return [
    [
      `Held out: ${plural(scored, "row")} scored, ${dropped} dropped.`,
      ...(right === undefined || compared === undefined
        ? []
        : [`Right in ${right} of ${plural(compared, "pair")}; a tie is not right.`]),
      "The column is of these rows; training's is the mean of the last steps' batches.",
    ].join(" "),
  ];
}

function metricsTable(training: Measured, evaluation: Evaluation | undefined): string {
  const numbers = (event: Measured) =>
    Object.entries(event).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  const held: Record<string, number> = evaluation?.held_out
    ? { loss: evaluation.eval_loss, ...evaluation.held_out.means }
    : {};
  const rows = numbers(training)
    .filter(([name]) => name !== "step")
    .map(([name, value]) => [name, rounded(value), rounded(held[name])]);
  return evaluation
    ? table(["Metric", "Training", "Held out"], rows)
    : table(
        ["Metric", "Training"],
        rows.map((row) => row.slice(0, 2)),
      );
}

export const rounded = (value: number | undefined) =>
  value === undefined ? "" : String(Number(value.toPrecision(5)));

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** How a model is loaded. @param base where the model of an adapter lies; null where all weights are here */
export function pythonOf({
  isReward,
  base,
  revision = null,
}: {
  isReward: boolean;
  base: string | null;
  revision?: string | null;
}): string {
  const model = isReward ? "AutoModelForSequenceClassification" : "AutoModelForCausalLM";
  const options = [
    ...(isReward ? ["num_labels=1"] : []),
    ...(revision === null ? [] : [`revision=${JSON.stringify(revision)}`]),
  ];
  const lines =
    base === null
      ? [
          `from transformers import ${model}`,
          "",
          `model = ${model}.from_pretrained("path/to/this/directory")`,
        ]
      : [
          "from peft import PeftModel",
          `from transformers import ${model}`,
          "",
          `base = ${model}.from_pretrained(${[JSON.stringify(base), ...options].join(", ")})`,
          'model = PeftModel.from_pretrained(base, "path/to/this/directory")',
        ];
  return `\`\`\`python\n${lines.join("\n")}\n\`\`\``;
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
