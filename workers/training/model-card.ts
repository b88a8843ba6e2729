import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { trainingMethods } from "../../db/shape/training";
import { getVersion } from "../../server/dataset/dataset";
import type { datasetVersionSchema } from "../../server/dataset/schema";
import { evaluationsOf } from "../../server/evaluation/blind";
import type { Evaluation } from "../../server/evaluation/schema";
import { type CardLine, cardTable, figureNotes } from "../../server/figure/card";
import { lineageOf } from "../../server/model/model";
import { type Reference, referenceOf, repositoriesOf } from "../../server/model/reference";
import type { Lineage, Model, ModelForm } from "../../server/model/schema";
import { accuracyOf } from "../../server/model/words";
import { runFiles } from "../../server/run/file";
import { getRun } from "../../server/run/run";
import { coefficientText } from "../../server/statistics/estimate";
import { interval, shareText, shareWithInterval } from "../../server/statistics/share";
import { managedKeys } from "../../server/training/schema";
import { runShapes } from "../engine/spec/options";
import { cardText, modelKinds, pythonOf, rounded, table } from "../engine/train/model-card";
import type { Work } from "../run/handler";
import type { RepositoryFile } from "../run/hub";
import { modelIndex } from "./model-index";
import { MODEL_PREFIX } from "./models";

/**
 * Puts the card of a model in the place of the one that its engine wrote, which does not know the judgements.
 * @param into the repository that the model will be pushed to
 * @returns the files with the card among them
 */
export async function writeModelCard(
  { db, folder }: Pick<Work, "db" | "folder">,
  {
    model,
    form,
    licence,
    into,
    files,
  }: {
    model: Model;
    form: ModelForm;
    licence: string;
    into: string | null;
    files: readonly RepositoryFile[];
  },
): Promise<RepositoryFile[]> {
  const { projectId } = model;
  const lineage = await lineageOf(db, { projectId, modelId: model.id });
  const { base, version } = lineage;
  const path = join(folder, "README.md");
  await writeFile(
    path,
    cardOf({
      lineage,
      base: base && { ...(await referenceOf(db, { model: base, into })), weights: await weightsOf(db, base) },
      version: version && (await getVersion(db, { projectId, versionId: version.id })),
      repositories: version ? await repositoriesOf(db, { versionId: version.id }) : [],
      evaluations: (await evaluationsOf(db, { projectId, modelId: model.id })).filter(isOver(model)),
      options: model.runId ? resolvedOptions(await getRun(db, { projectId, runId: model.runId })) : {},
      form,
      licence,
    }),
  );
  return [...files.filter(({ name }) => name !== "README.md"), { name: "README.md", path }];
}

/** Whether all that an evaluation of this model asked people was answered: before, its figures may still change. */
const isOver = (of: Model) => (evaluation: Evaluation) =>
  evaluation.model.id === of.id && evaluation.waiting === 0 && evaluation.winRate.estimate !== null;

/** The weights of a model that a run made, as somebody can check them; nothing of one that lies elsewhere. */
async function weightsOf(
  db: Work["db"],
  { runId, source }: Model,
): Promise<{ name: string; sha256: string }[]> {
  const files = source.kind === "run" && runId ? await runFiles(db, runId) : [];
  return files
    .filter(({ name }) => name.startsWith(MODEL_PREFIX) && name.endsWith(".safetensors"))
    .map(({ name, sha256 }) => ({ name: name.slice(MODEL_PREFIX.length), sha256 }));
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
  /** The model it was trained from, with the weights that are known here; null for a base. */
  base: (Reference & { weights: readonly { name: string; sha256: string }[] }) | null;
  version: z.infer<typeof datasetVersionSchema> | null;
  /** Where the version lies on the Hub. */
  repositories: readonly string[];
  /** Those of this model that are over. */
  evaluations: readonly Evaluation[];
  /** Every option of the training run by TRL's name. */
  options: Record<string, unknown>;
  form: ModelForm;
  licence: string;
}

/** The card of a model that leaves: data, agreement, hyper-parameters and held-out metrics. */
function cardOf(facts: CardFacts): string {
  const { lineage, base, version, repositories, evaluations, options, form, licence } = facts;
  const { model } = lineage;
  const data = version && lineage.version ? dataLines(lineage, version) : [];
  const measured: CardLine[] =
    Object.keys(model.metrics).length === 0
      ? []
      : [
          ...(accuracyOf(model) ? [{ figure: "accuracy" as const, value: "" }] : []),
          { figure: "heldOutMeasures", value: "" },
        ];
  const compared: CardLine[] =
    evaluations.length > 0
      ? [
          { figure: "winRate", value: "" },
          { figure: "evaluation", value: "" },
        ]
      : [];
  const origin =
    model.method === "base"
      ? "A base model."
      : `${modelKinds[model.method]} made${base ? ` from ${nameOf(base)}` : ""}. Trained with Concord.`;
  return cardText({
    title: model.name,
    licence,
    method: model.method,
    base: base?.onHub ? base.id : null,
    metadata: {
      ...(base?.onHub ? { base_model_relation: form === "peft" ? "adapter" : "finetune" } : {}),
      ...(repositories.length > 0 ? { datasets: repositories } : {}),
      ...modelIndex({
        model,
        heldOut:
          version && lineage.version
            ? {
                name: `${lineage.version.dataset}, version ${version.version}`,
                split: version.manifest.rows.validation > 0 ? "validation" : "test",
                repository: repositories[0] ?? null,
              }
            : null,
        evaluations,
      }),
    },
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
      ...(compared.length > 0 ? [["Blind evaluation", evaluationSection(evaluations)] as const] : []),
      ...(data.length + measured.length + compared.length > 0
        ? [["What the figures are", figureNotes([...data, ...measured, ...compared]).join("\n")] as const]
        : []),
      ...(form === "peft" && base
        ? [["Use", adapterUse(base, { isReward: model.method === "reward" })] as const]
        : []),
    ],
  });
}

const consentWithdrawn =
  "Consent to the use of part of the annotations that this model, or a model it was made from, was trained on has been withdrawn.";

const uses = {
  peft: "The files are a PEFT adapter, to be loaded on the model it was made from.",
  full: "The files are a Hugging Face directory: `from_pretrained(directory)`.",
  onnx: "`model.onnx` reads its weights from the safetensors beside it. Inputs: `input_ids` and `position_ids`, int64 [tokens], one sequence, positions from 0. Output: `logits` [tokens, vocabulary], or `rewards` [tokens, 1] of a reward model, of which the last counts.",
} as const;

const nameOf = ({ id, onHub }: Reference) => (onHub ? id : `“${id}”`);

/** How an adapter is loaded, and which files its base is. */
function adapterUse(
  { id, revision, onHub, weights }: NonNullable<CardFacts["base"]>,
  { isReward }: { isReward: boolean },
): string {
  const python = pythonOf({ isReward, base: onHub ? id : "path/to/the/base", revision });
  if (onHub) return python;
  return [
    `The base is the model that is called “${id}” in Concord, as \`base_model_name_or_path\` in adapter_config.json. It is not on the Hub: have Concord export it as a Hugging Face directory, and name that directory.`,
    ...(weights.length > 0
      ? [
          `Its weights, by which it is known:\n\n${table(
            ["File", "SHA-256"],
            weights.map(({ name, sha256 }) => [name, sha256]),
          )}`,
        ]
      : []),
    python,
  ].join("\n\n");
}

function dataLines(
  { version: of }: Lineage,
  { manifest, sha256, version }: NonNullable<CardFacts["version"]>,
): CardLine[] {
  const { agreement, alpha, chosenLonger } = manifest;
  const rows = Object.entries(manifest.rows).map(([split, count]) => `${split} ${count}`);
  return [
    { name: "Dataset", value: `${of?.dataset}, version ${version} (${manifest.kind})` },
    { figure: "versionRows", value: rows.join(", ") },
    { figure: "versionPrompts", value: String(manifest.prompts) },
    { figure: "versionGround", name: "Annotators", value: String(manifest.raters) },
    { figure: "versionGround", value: String(manifest.annotations) },
    { figure: "versionAgreement", value: shareText(agreement) ?? "not known" },
    ...(alpha ? [{ figure: "versionAlpha" as const, value: coefficientText(alpha) }] : []),
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

function evaluationSection(evaluations: readonly Evaluation[]): string {
  const rows = evaluations.map(({ opponent, won, lost, tied, bothBad, withoutPeople, prompts, winRate }) => [
    // It would end the cell.
    opponent.name.replaceAll("|", "\\|"),
    ...[winRate.prompts, prompts.trained, won, lost, tied, bothBad].map(String),
    ...[withoutPeople.lost, withoutPeople.won, withoutPeople.tied].map(String),
    winRate.estimate === null ? "" : interval(winRate.estimate, winRate),
  ]);
  return [
    "People compared replies of this model and of another one without being told whose they were. Prompts that one of the two was trained on are counted in a column of their own. Comparisons that needed nobody count too: an empty reply loses, equal replies are a tie; the columns before the last say how many.",
    table(
      [
        ...["Against", "Prompts", "Trained on", "Won", "Lost", "Tied", "Both bad"],
        ...["Lost by an empty reply", "Won over an empty reply", "Equal replies", "Win rate"],
      ],
      rows,
    ),
  ].join("\n\n");
}
