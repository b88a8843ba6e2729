import { stringify } from "yaml";
import type { dataset, datasetVersion, project } from "../../db/schema";
import { type Proportion, type StoredRecipe, splits, storedRecipeSchema } from "../../db/shape/dataset";
import { type ExportSpec, leftOutLines, ordersReplies } from "./schema";

export interface CardInput {
  project: typeof project.$inferSelect;
  dataset: typeof dataset.$inferSelect;
  version: typeof datasetVersion.$inferSelect;
  spec: ExportSpec;
  files: readonly string[];
}

const tasks = {
  preference: "Preference pairs",
  reward: "Preference pairs with margin",
  unpaired: "Completions with a good/bad label",
  ranked: "Ranked completions",
  sft: "Demonstrations",
} as const;

/** The README of an exported version: front matter for the Hub, then what a reader must know before training. */
export function writeCard({ project, dataset, version, spec, files }: CardInput): string {
  const { manifest } = version;
  const recipe = storedRecipeSchema.parse(version.recipe);
  const dataFiles = splits
    .filter((split) => files.some((file) => file.includes(`/${split}-`)))
    .map((split) => ({ split, path: `data/${dataset.kind}/${split}-*` }));
  const languages = Object.keys(manifest.languages).filter((language) => language !== "unknown");
  const front = {
    license: spec.card.licence,
    ...(languages.length > 0 ? { language: languages } : {}),
    pretty_name: `${dataset.name} v${version.version}`,
    tags: [
      "human-feedback",
      "concord",
      ...(dataset.kind === "preference" ? ["dpo", "preference"] : [dataset.kind]),
    ],
    size_categories: [sizeCategory(version.rows)],
    configs: [{ config_name: dataset.kind, default: true, data_files: dataFiles }],
    dataset_info: {
      config_name: dataset.kind,
      splits: dataFiles.map(({ split }) => ({ name: split, num_examples: manifest.rows[split] })),
    },
  };
  const lines = [
    "---",
    stringify(front).trimEnd(),
    "---",
    "",
    `# ${dataset.name}, version ${version.version}`,
    "",
    ...(spec.card.description ? [spec.card.description, ""] : []),
    `${tasks[dataset.kind]} from the project “${project.name}”, frozen ${version.createdAt.toISOString()}.`,
    "",
    "| | |",
    "|---|---|",
    `| Rows | ${splits.map((split) => `${split} ${manifest.rows[split] ?? 0}`).join(", ")} |`,
    `| Prompts | ${manifest.prompts} |`,
    `| Annotators | ${manifest.raters} |`,
    `| Annotations behind the rows | ${manifest.annotations} |`,
    `| Raw agreement of two votes | ${percent(manifest.agreement)} |`,
    ...(manifest.questions ?? []).map(({ label }) => `| Question | ${cell(label)} |`),
    `| Label source | ${labelSource(recipe)} |`,
    `| Aggregation | ${recipe.aggregation}, at least ${recipe.minVotes} vote(s), ties: ${recipe.ties} |`,
    `| Margin | ${recipe.margin} |`,
    ...(dataset.kind === "unpaired" ? [`| Label | ${labelNotes[recipe.label ?? "before"]} |`] : []),
    ...(manifest.oppositeReplies?.of
      ? [`| Replies with opposite verdicts | ${percent(manifest.oppositeReplies)} |`]
      : []),
    ...(manifest.oppositeTexts?.of
      ? [`| Same texts of several sources with opposite verdicts | ${percent(manifest.oppositeTexts)} |`]
      : []),
    ...(ordersReplies(dataset.kind, recipe)
      ? [`| Order of replies | ${orderNotes[recipe.order ?? "before"]} |`]
      : []),
    `| Split | by prompt, seed ${recipe.split.seed}: no prompt is in two splits |`,
    `| First-shown response wins | ${percent(manifest.firstShownWins)} |`,
    `| Chosen longer than rejected | ${percent(manifest.chosenLonger)} |`,
    `| Content hash | sha256:${version.sha256} |`,
    "",
    "## Left out",
    "",
    ...leftOutTable(manifest.dropped),
    "",
    "## Columns",
    "",
    ...columnNotes(dataset.kind, spec.layout),
    "",
    "## Recipe",
    "",
    "```json",
    JSON.stringify(version.recipe, null, 2),
    "```",
    "",
  ];
  return lines.join("\n");
}

function columnNotes(kind: CardInput["dataset"]["kind"], layout: ExportSpec["layout"]): string[] {
  const notes = {
    preference: "`prompt`, `chosen`, `rejected`: lists of messages; `margin`: the lead of the chosen reply.",
    reward: "`prompt`, `chosen`, `rejected`: lists of messages; `margin`: the lead of the chosen reply.",
    unpaired: "`prompt`, `completion`: lists of messages; `label`: whether the completion is good.",
    ranked: "`prompt`: a list of messages; `completions`: best first; `ranks`: 1 is best, equal numbers tie.",
    sft: "`prompt`, `completion`: lists of messages.",
  } as const;
  return [
    `- ${notes[kind]}`,
    "- `id`: stable across versions; `annotators`: raters behind the row; `tools`: JSON text where the prompt has tools.",
    ...(layout === "trl" ? [] : [`- Written in the layout of ${layout}.`]),
  ];
}

const labelNotes = {
  majority: "one a reply: good if it won more of its comparisons than it lost, left out if as many",
  unanimous: "one a reply, left out as soon as two of its comparisons differ",
  before: "one a comparison, so that a reply may be labelled both good and bad",
} as const;

const orderNotes = {
  determined: "Bradley–Terry within a prompt, where comparisons leave no two replies open",
  complete: "Bradley–Terry within a prompt, where every two replies were compared",
  before: "Borda count, also where not all replies were compared",
} as const;

function labelSource({ filters }: StoredRecipe): string {
  if (filters.raters.length > 0) return `${filters.raters.length} named rater(s), people or models`;
  return { people: "people", models: "models", all: "people and models" }[filters.judges];
}

function leftOutTable(dropped: Readonly<Record<string, number>>): string[] {
  const lines = leftOutLines(dropped);
  if (lines.length === 0) return ["Nothing that the recipe's filters admit."];
  return [
    "| Why | Left out | Of what |",
    "|---|---|---|",
    ...lines.map(({ of, why, count }) => `| ${why} | ${count} | ${of} |`),
  ];
}

/** A text as it may stand in a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");

function percent({ of, count }: Proportion): string {
  return of === 0 ? "not known" : `${((100 * count) / of).toFixed(1)} % of ${of}`;
}

/** The Hub's size tags. */
function sizeCategory(rows: number): string {
  const steps = [
    [1_000, "n<1K"],
    [10_000, "1K<n<10K"],
    [100_000, "10K<n<100K"],
    [1_000_000, "100K<n<1M"],
  ] as const;
  return steps.find(([limit]) => rows < limit)?.[1] ?? "1M<n<10M";
}
