import { stringify } from "yaml";
import type { dataset, datasetVersion, project } from "../../db/schema";
import { type Proportion, splits } from "../../db/shape/dataset";
import type { ExportSpec } from "./schema";

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
    `| Label source | human raters and, where the project has them, imported or model raters |`,
    `| Aggregation | ${version.recipe.aggregation}, at least ${version.recipe.minVotes} vote(s), ties: ${version.recipe.ties} |`,
    `| Margin | ${version.recipe.margin} |`,
    `| Split | by prompt, seed ${version.recipe.split.seed}: no prompt is in two splits |`,
    `| First-shown response wins | ${percent(manifest.firstShownWins)} |`,
    `| Chosen longer than rejected | ${percent(manifest.chosenLonger)} |`,
    `| Content hash | sha256:${version.sha256} |`,
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
