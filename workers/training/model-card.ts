import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { getVersion } from "../../server/dataset/dataset";
import type { datasetVersionSchema } from "../../server/dataset/schema";
import { type CardLine, cardTable, figureNotes } from "../../server/figure/card";
import { lineageOf } from "../../server/model/model";
import { accuracyOf, type Lineage, type Model, type ModelForm } from "../../server/model/schema";
import { getRun } from "../../server/run/run";
import { shareText, shareWithInterval } from "../../server/statistics/share";
import { managedKeys, trainingMethods } from "../../server/training/schema";
import { fullModelOf } from "../../server/training/training";
import { runShapes } from "../engine/spec/options";
import { cardText, modelKinds, rounded, table } from "../engine/train/model-card";
import type { Work } from "../run/handler";
import type { RepositoryFile } from "../run/hub";

/**
 * Puts the card of a model in the place of the one that its engine wrote, which does not know the judgements.
 * @returns the files with the card among them
 */
export async function writeModelCard(
  { db, folder }: Pick<Work, "db" | "folder">,
  {
    model,
    form,
    licence,
    files,
  }: { model: Model; form: ModelForm; licence: string; files: readonly RepositoryFile[] },
): Promise<RepositoryFile[]> {
  const { projectId } = model;
  const lineage = await lineageOf(db, { projectId, modelId: model.id });
  const path = join(folder, "README.md");
  await writeFile(
    path,
    cardOf({
      lineage,
      base: model.method === "base" ? null : await fullModelOf(db, model),
      version: lineage.version ? await getVersion(db, { projectId, versionId: lineage.version.id }) : null,
      options: model.runId ? resolvedOptions(await getRun(db, { projectId, runId: model.runId })) : {},
      form,
      licence,
    }),
  );
  return [...files.filter(({ name }) => name !== "README.md"), { name: "README.md", path }];
}

/** Of a spec as it was stored, maybe before options had today's rules. */
const storedSchema = z.object({ options: z.record(z.string(), z.unknown()) });

/** Every option of a training run, those that were left to the engine with its defaults. */
function resolvedOptions({ kind, spec }: { kind: string; spec: unknown }): Record<string, unknown> {
  const method = trainingMethods.find((one) => one === kind);
  if (!method) return {};
  const { options } = storedSchema.parse(spec);
  const resolved: Record<string, unknown> = runShapes[method].parse({
    ...options,
    method,
    model: ".",
    train: ".",
    output: ".",
  });
  return Object.fromEntries(
    Object.entries(resolved).filter(
      ([name, value]) => value !== null && !managedKeys.some((managed) => managed === name),
    ),
  );
}

interface CardFacts {
  lineage: Lineage;
  /** The full model it was trained from; null for a base. */
  base: Model | null;
  version: z.infer<typeof datasetVersionSchema> | null;
  /** Every option of the training run by TRL's name. */
  options: Record<string, unknown>;
  form: ModelForm;
  licence: string;
}

/** The card of a model that leaves: data, agreement, hyper-parameters and held-out metrics. */
function cardOf({ lineage, base, version, options, form, licence }: CardFacts): string {
  const { model } = lineage;
  const data = version && lineage.version ? dataLines(lineage, version) : [];
  const measured: CardLine[] =
    Object.keys(model.metrics).length === 0
      ? []
      : [
          ...(accuracyOf(model) ? [{ figure: "accuracy" as const, value: "" }] : []),
          { figure: "heldOutMeasures", value: "" },
        ];
  const origin =
    model.method === "base"
      ? "A base model."
      : `${modelKinds[model.method]} made${base ? ` from ${nameOf(base)}` : ""}. Trained with Concord.`;
  return cardText({
    title: model.name,
    licence,
    method: model.method,
    base: base?.source.kind === "hub" ? base.source.repository : null,
    library: form === "full" ? "transformers" : form,
    tags: ["human-feedback", model.method],
    intro: `${origin} ${uses[form]}`,
    sections: [
      ...(data.length > 0 ? [["Data", cardTable(data).join("\n")] as const] : []),
      ...(lineage.withdrawn.length > 0 ? [["Consent", consentWithdrawn] as const] : []),
      ...(Object.keys(options).length > 0
        ? [
            [
              "Hyper-parameters",
              `Names and meaning are TRL's.\n\n\`\`\`yaml\n${stringify(options).trimEnd()}\n\`\`\``,
            ] as const,
          ]
        : []),
      ...(Object.keys(model.metrics).length > 0
        ? [["Held-out metrics", metricsSection(model)] as const]
        : []),
      ...(data.length + measured.length > 0
        ? [["What the figures are", figureNotes([...data, ...measured]).join("\n")] as const]
        : []),
    ],
  });
}

const consentWithdrawn =
  "Consent to the use of part of the annotations that this model, or a model it was made from, was trained on has been withdrawn.";

const uses = {
  peft: "The files are a PEFT adapter: `PeftModel.from_pretrained(base, directory)`.",
  full: "The files are a Hugging Face directory: `from_pretrained(directory)`.",
  onnx: "`model.onnx` reads its weights from the safetensors beside it. Inputs: `input_ids` and `position_ids`, int64 [tokens], one sequence, positions from 0. Output: `logits` [tokens, vocabulary], or `rewards` [tokens, 1] of a reward model, of which the last counts.",
} as const;

const nameOf = ({ name, source }: Model) => (source.kind === "hub" ? source.repository : `“${name}”`);

function dataLines(
  { version: of }: Lineage,
  { manifest, sha256, version }: NonNullable<CardFacts["version"]>,
): CardLine[] {
  const { agreement, chosenLonger } = manifest;
  const rows = Object.entries(manifest.rows).map(([split, count]) => `${split} ${count}`);
  return [
    { name: "Dataset", value: `${of?.dataset}, version ${version} (${manifest.kind})` },
    { figure: "versionRows", value: rows.join(", ") },
    { figure: "versionPrompts", value: String(manifest.prompts) },
    { figure: "versionGround", name: "Annotators", value: String(manifest.raters) },
    { figure: "versionGround", value: String(manifest.annotations) },
    { figure: "versionAgreement", value: shareText(agreement) ?? "not known" },
    ...(chosenLonger.of > 0
      ? [{ figure: "chosenLonger" as const, value: shareText(chosenLonger) ?? "" }]
      : []),
    { name: "Content hash", value: `sha256:${sha256}` },
  ];
}

function metricsSection(model: Model): string {
  const { name, metrics, heldOut } = model;
  const accuracy = accuracyOf(model);
  const rows = Object.entries(metrics)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([metric, value]) => [metric, rounded(value)]);
  return [
    heldOut
      ? `Measured by “${name}” on ${heldOut.scored} rows that training did not see; ${heldOut.dropped} more were dropped, because they do not fit into max_length or have nothing to learn. Figures are means over the rows scored.`
      : `Measured by “${name}” on rows that training did not see, as means of micro-batches' means: rows were not counted.`,
    ...(accuracy
      ? [
          accuracy.independent
            ? `Accuracy, ${accuracy.right} right, with its 95 % Wilson interval: ${shareWithInterval(accuracy.right, accuracy.compared)}. A tie is not right.`
            : `Accuracy: ${accuracy.right} of ${accuracy.compared} pairs of answers right; pairs of one row are not independent, so there is no interval.`,
        ]
      : []),
    "",
    table(["Metric", "Value"], rows),
  ].join("\n");
}
