import { stringify } from "yaml";
import type { z } from "zod";
import type { datasetVersionSchema } from "../dataset/schema";
import { wilsonInterval } from "../statistics/wilson";
import { accuracyOf, type Lineage, type Model, type ModelForm } from "./schema";

export interface ModelCardInput {
  lineage: Lineage;
  /** The full model it was trained from; null for a base. */
  base: Model | null;
  version: z.infer<typeof datasetVersionSchema> | null;
  /** Every option of the training run by TRL's name. */
  options: Record<string, unknown>;
  form: ModelForm;
  licence: string;
}

/** The README of a model: front matter for the Hub, then data, agreement, hyper-parameters and held-out metrics. */
export function modelCard({ lineage, base, version, options, form, licence }: ModelCardInput): string {
  const { model } = lineage;
  const isReward = model.method === "reward";
  const front = {
    license: licence,
    ...(base?.source.kind === "hub" ? { base_model: base.source.repository } : {}),
    library_name: form === "peft" ? "peft" : form === "onnx" ? "onnx" : "transformers",
    pipeline_tag: isReward ? "text-classification" : "text-generation",
    tags: ["concord", "human-feedback", model.method],
  };
  return [
    `---\n${stringify(front).trimEnd()}\n---`,
    `# ${model.name}`,
    `${origins[model.method]}${base ? ` Trained from ${nameOf(base)}.` : ""} ${uses[form]}`,
    ...(version && lineage.version ? [dataSection(lineage, version)] : []),
    ...(Object.keys(options).length > 0
      ? [
          `## Hyper-parameters\n\nNames and meaning are TRL's.\n\n\`\`\`yaml\n${stringify(options).trimEnd()}\n\`\`\``,
        ]
      : []),
    ...(Object.keys(model.metrics).length > 0 ? [metricsSection(model)] : []),
    "",
  ].join("\n\n");
}

const origins = {
  base: "A base model.",
  sft: "A model fine-tuned on replies that experts wrote or preferred.",
  reward: "A reward model: it scores a reply to a prompt, and higher is better.",
  preference: "A model tuned on the preferences of experts.",
  kto: "A model tuned on replies that experts marked good or bad.",
} as const;

const uses = {
  peft: "The files are a PEFT adapter: `PeftModel.from_pretrained(base, directory)`.",
  full: "The files are a Hugging Face directory: `from_pretrained(directory)`.",
  onnx: "`model.onnx` reads its weights from the safetensors beside it. Inputs: `input_ids` and `position_ids`, int64 [tokens], one sequence, positions from 0. Output: `logits` [tokens, vocabulary], or `rewards` [tokens, 1] of a reward model, of which the last counts.",
} as const;

const nameOf = ({ name, source }: Model) => (source.kind === "hub" ? source.repository : `“${name}”`);

function dataSection(
  { version: of, raters }: Lineage,
  { manifest, sha256, version }: NonNullable<ModelCardInput["version"]>,
) {
  const { agreement } = manifest;
  return [
    "## Data",
    "",
    "| | |",
    "|---|---|",
    `| Dataset | ${of?.dataset}, version ${version} (${manifest.kind}) |`,
    `| Rows | ${Object.entries(manifest.rows)
      .map(([split, rows]) => `${split} ${rows}`)
      .join(", ")} |`,
    `| Prompts | ${manifest.prompts} |`,
    `| Annotators | ${manifest.raters} |`,
    `| Annotations behind the rows | ${manifest.annotations} |`,
    `| Raw agreement of two votes | ${agreement.of > 0 ? withInterval(agreement.count, agreement.of) : "not known"} |`,
    `| Chosen longer than rejected | ${manifest.chosenLonger.of > 0 ? withInterval(manifest.chosenLonger.count, manifest.chosenLonger.of) : "not known"} |`,
    `| Content hash | sha256:${sha256} |`,
    ...(raters.some(({ withdrawn }) => withdrawn)
      ? ["", "Consent to the use of part of these annotations was withdrawn after the model was trained."]
      : []),
  ].join("\n");
}

function metricsSection({ metrics, heldOutRows, ...model }: Model): string {
  const accuracy = accuracyOf({ metrics });
  const lines = Object.entries(metrics)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `| ${name} | ${Number(value.toPrecision(5))} |`);
  return [
    `## Held-out metrics`,
    "",
    `Measured by “${model.name}” on ${heldOutRows ?? "an unknown number of"} rows that training did not see.`,
    ...(accuracy !== undefined && heldOutRows
      ? [
          `Accuracy with its 95 % Wilson interval: ${withInterval(Math.round(accuracy * heldOutRows), heldOutRows)}.`,
        ]
      : []),
    "",
    "| Metric | Value |",
    "|---|---|",
    ...lines,
  ].join("\n");
}

function withInterval(count: number, of: number): string {
  const { share, low, high } = wilsonInterval(count, of);
  const percent = (value: number) => (100 * value).toFixed(1);
  return `${percent(share)} % [${percent(low)}, ${percent(high)}] of ${of}`;
}
