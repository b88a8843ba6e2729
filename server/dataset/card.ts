import { stringify } from "yaml";
import type { dataset, datasetVersion, project } from "../../db/schema";
import { type Proportion, type StoredRecipe, storedRecipeSchema } from "../../db/shape/dataset";
import { type Split, splits } from "../../db/shape/dataset-kinds";
import { type CardLine, cardTable, figureNotes } from "../figure/card";
import type { FigureId } from "../figure/schema";
import { coefficientText } from "../statistics/estimate";
import { shareText } from "../statistics/share";
import { layouts } from "./layout";
import { type Field, hubFeature } from "./layout/column";
import type { ExportPlan } from "./plan";
import { type ExportSpec, leftOutLines, ordersReplies } from "./schema";

export interface CardInput {
  project: typeof project.$inferSelect;
  dataset: typeof dataset.$inferSelect;
  version: typeof datasetVersion.$inferSelect;
  spec: ExportSpec;
  plan: ExportPlan;
  columns: readonly Field[];
  /** The files of rows, with their bytes before compression. */
  files: readonly { split: Split; name: string; bytes: number }[];
}

const tasks = {
  preference: "Preference pairs",
  reward: "Preference pairs with margin",
  unpaired: "Completions with a good/bad label",
  ranked: "Ranked completions",
  sft: "Demonstrations",
} as const;

/** The README of an exported version: front matter for the Hub, then what a reader must know before training. */
export function writeCard({ project, dataset, version, spec, plan, columns, files }: CardInput): string {
  const { manifest } = version;
  const { data: recipe } = storedRecipeSchema.safeParse(version.recipe);
  if (!recipe)
    throw new Error(
      `The recipe of ${dataset.name} v${version.version} was stored by another release of Concord, and this one cannot read it. Update Concord, then export again.`,
    );
  const dataFiles = splits
    .filter((split) => files.some((file) => file.split === split))
    .map((split) => ({ split, path: `data/${dataset.kind}/${split}-*` }));
  const bytesOf = (split: Split) =>
    files.reduce((sum, file) => sum + (file.split === split ? file.bytes : 0), 0);
  const total = splits.reduce((sum, split) => sum + plan.rows[split], 0);
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
    size_categories: [sizeCategory(total)],
    configs: [{ config_name: dataset.kind, default: true, data_files: dataFiles }],
    dataset_info: {
      config_name: dataset.kind,
      features: columns.map(hubFeature),
      splits: dataFiles.map(({ split }) => ({
        name: split,
        num_bytes: bytesOf(split),
        num_examples: plan.rows[split],
      })),
      dataset_size: files.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  };
  const facts = cardLines({ dataset, version, plan, recipe });
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
    ...cardTable(facts),
    "",
    "## Left out",
    "",
    ...leftOutTable(manifest.dropped),
    ...(plan.skipped.length > 0
      ? [
          "",
          `Of the ${version.rows} rows of the version, ${version.rows - total} are not in these files, because ${layouts[spec.layout].title} could not read them or would read them as something else:`,
          "",
          "| Why | Rows |",
          "|---|---|",
          ...plan.skipped.map(({ why, rows }) => `| ${why} | ${rows} |`),
        ]
      : []),
    "",
    "## What the figures are",
    "",
    ...figureNotes([...facts, { figure: "versionLeftOut", value: "" }]),
    "",
    "## Columns",
    "",
    ...columnNotes(spec.layout, plan, columns),
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

/** What the card states in its table. */
function cardLines({
  dataset,
  version: { manifest, sha256 },
  plan,
  recipe,
}: Pick<CardInput, "dataset" | "version" | "plan"> & { recipe: StoredRecipe }): CardLine[] {
  const share = (figure: FigureId, proportion: Proportion | undefined, always = false): CardLine[] =>
    proportion && (always || proportion.of > 0)
      ? [{ figure, value: shareText(proportion) ?? "not known" }]
      : [];
  return [
    {
      figure: "versionRows",
      value: splits.map((split) => `${split} ${plan.rows[split]}`).join(", "),
    },
    { figure: "versionPrompts", value: String(manifest.prompts) },
    { figure: "versionGround", name: "Annotators", value: String(manifest.raters) },
    { figure: "versionGround", value: String(manifest.annotations) },
    ...share("versionAgreement", manifest.agreement, true),
    ...(manifest.alpha ? [{ figure: "versionAlpha" as const, value: coefficientText(manifest.alpha) }] : []),
    ...(manifest.questions ?? []).map(({ label }) => ({ name: "Question", value: cell(label) })),
    { name: "Label source", value: labelSource(recipe) },
    ...(manifest.judges ?? []).map(({ name, role, lacks }) => ({
      name: "Judge",
      value: cell(`${name}, which ${role === "label" ? "might label" : `might not label: ${lacks}`}`),
    })),
    ...(manifest.despite ? [{ name: "Why it counts all the same", value: cell(manifest.despite) }] : []),
    {
      name: "Aggregation",
      value: `${recipe.aggregation}, at least ${recipe.minVotes} vote(s), ties: ${recipe.ties}`,
    },
    ...(manifest.raterModel ? [{ name: "Model of raters", value: cell(manifest.raterModel) }] : []),
    ...(manifest.effectiveRows === undefined
      ? []
      : [
          {
            name: "Weights of rows",
            value: `${weightNotes[recipe.confidence]}. Concord's engines multiply a row's loss by its weight; TRL's own trainers do not read the column`,
          },
          { figure: "effectiveRows" as const, value: String(manifest.effectiveRows) },
        ]),
    { name: "Margin", value: recipe.margin },
    ...(dataset.kind === "unpaired" ? [{ name: "Label", value: labelNotes[recipe.label ?? "before"] }] : []),
    ...share("labelledGood", manifest.positive),
    ...share("oppositeReplies", manifest.oppositeReplies),
    ...share("oppositeTexts", manifest.oppositeTexts),
    ...(ordersReplies(dataset.kind, recipe)
      ? [{ name: "Order of replies", value: orderNotes[recipe.order ?? "before"] }]
      : []),
    ...(recipe.redTeam === "rejected"
      ? [
          {
            name: "Red team",
            value:
              "what models wrote when people attacked them may stand here as what is rejected or labelled bad; none of it is chosen. Do not train on it as replies",
          },
        ]
      : []),
    { name: "Split", value: `by prompt, seed ${recipe.split.seed}: no prompt is in two splits` },
    ...share("versionFirstShown", manifest.firstShownWins, true),
    ...share("chosenLonger", manifest.chosenLonger),
    { name: "Content hash", value: `sha256:${sha256}` },
  ];
}

/** What a column of any layout holds, by its name. */
const columnMeanings: Readonly<Record<string, string>> = {
  id: "stable across versions",
  annotators: "raters behind the row",
  tools: "the tools that the prompt offers, as JSON text",
  prompt: "the conversation before the reply",
  messages: "the conversation with its reply",
  rejected_messages: "the same conversation with the rejected reply",
  context: "the conversation before the replies",
  input: "the conversation before the replies, with its tools",
  system: "the system turn; empty where there is none",
  chosen: "the better reply",
  rejected: "the worse reply",
  chosen_message: "the better reply as one message",
  rejected_message: "the worse reply as one message",
  preferred_output: "the better reply",
  non_preferred_output: "the worse reply",
  completion: "the reply",
  completions: "the replies, best first",
  ranks: "1 is best, equal numbers tie",
  label: "whether the reply is good",
  margin: "the lead of the better reply",
  weight: "what the row counts in training",
};

function columnNotes(name: ExportSpec["layout"], { layout, format }: ExportPlan, columns: readonly Field[]) {
  return [
    `Written for ${layouts[name].title}: ${layout.use}`,
    "",
    ...columns.map(({ name, type }) => `- \`${name}\` (${typeNote(type)}): ${columnMeanings[name] ?? ""}`),
    ...(format === "jsonl"
      ? [
          "",
          "`datasets` takes texts for timestamps where all texts of a column are dates or times (`2026-01-31`), and writes them otherwise. Parquet keeps them: prefer it where replies are such.",
        ]
      : []),
    ...(format === "csv" ? ["", "Lists stand in their cells as JSON text."] : []),
  ];
}

function typeNote(type: Field["type"]): string {
  if (typeof type === "string") return type === "json" ? "any JSON; text in Parquet" : type;
  if ("list" in type) return `list of ${typeNote(type.list)}`;
  return `{${type.struct.map(({ name }) => name).join(", ")}}`;
}

const weightNotes = {
  none: "",
  weight: "P(chosen is better) − P(rejected is better)",
  soft: "a pair is two rows, one in each direction, weighted by their probabilities",
} as const;

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
