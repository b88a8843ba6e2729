import type { SchemaElement } from "hyparquet";
import type { DatasetKind, DatasetRow } from "../../db/shape/dataset";
import { invalid } from "../errors";
import type { ExportSpec } from "./schema";

/** How rows of one kind are written for one trainer. */
export interface Layout {
  /** @throws when the trainer could not read the row */
  toRecord(row: DatasetRow): Record<string, unknown>;
  /** Parquet columns of the records, in order; nested lists and structs as trainers expect them. */
  columns: SchemaElement[][];
  /** The entry of LLaMA-Factory's `dataset_info.json`, where it needs one. */
  datasetInfo?: Record<string, unknown>;
}

/** @throws when a trainer has no format for a kind */
export function layoutOf(kind: DatasetKind, layout: ExportSpec["layout"]): Layout {
  const found = layouts[layout][kind];
  if (!found) throw invalid(`The layout ${layout} has no format for ${kind} rows; use trl.`);
  return found;
}

const string = (name: string, optional = false): SchemaElement[] => [
  { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: optional ? "OPTIONAL" : "REQUIRED" },
];
const integer = (name: string): SchemaElement[] => [{ name, type: "INT32", repetition_type: "REQUIRED" }];
const number = (name: string): SchemaElement[] => [{ name, type: "DOUBLE", repetition_type: "OPTIONAL" }];
const boolean = (name: string): SchemaElement[] => [{ name, type: "BOOLEAN", repetition_type: "REQUIRED" }];
const list = (name: string, element: SchemaElement[]): SchemaElement[] => [
  { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...element,
];
const struct = (name: string, ...fields: SchemaElement[][]): SchemaElement[] => [
  { name, repetition_type: "OPTIONAL", num_children: fields.length },
  ...fields.flat(),
];
const message = (name: string) => struct(name, string("role", true), string("content", true));
const messages = (name: string) => list(name, message("element"));

const shared = [string("id"), integer("annotators"), string("tools", true)];

const asIs = (...columns: SchemaElement[][]): Layout => ({
  toRecord: (row) => row,
  columns: [...shared, messages("prompt"), ...columns],
});

const trlPreference = asIs(messages("chosen"), messages("rejected"), number("margin"));

/** LLaMA-Factory wants an odd number of turns that alternate, user first, after an optional system turn. */
function alternating(row: DatasetRow): DatasetRow["prompt"] {
  const turns = row.prompt[0]?.role === "system" ? row.prompt.slice(1) : row.prompt;
  const fits =
    turns.length % 2 === 1 && turns.every(({ role }, i) => role === (i % 2 === 0 ? "user" : "assistant"));
  if (!fits)
    throw invalid(
      `Row ${row.id}: LLaMA-Factory reads only prompts whose turns alternate between user and assistant and end with the user; this one has ${row.prompt.map(({ role }) => role).join(", ")}. Use the layout trl, or filter such prompts out.`,
    );
  return row.prompt;
}

/** @throws when a reply is more than one plain turn and the format holds no more than that */
function onlyTurn(
  row: DatasetRow,
  reply: DatasetRow["prompt"],
  format: string,
): DatasetRow["prompt"][number] {
  if (reply.length !== 1 || reply[0].tool_calls)
    throw invalid(
      `Row ${row.id}: ${format} holds replies of one turn without tool calls; this one has ${reply.map(({ role }) => role).join(", ")}. Use the layout trl.`,
    );
  return reply[0];
}

const sharegptTags = {
  role_tag: "role",
  content_tag: "content",
  user_tag: "user",
  assistant_tag: "assistant",
  system_tag: "system",
};

const llamaFactoryPreference: Layout = {
  toRecord: (row) => {
    if (!("chosen" in row)) throw new Error("not a preference row");
    return {
      ...row,
      prompt: alternating(row),
      chosen_message: onlyTurn(row, row.chosen, "LLaMA-Factory's ranking format"),
      rejected_message: onlyTurn(row, row.rejected, "LLaMA-Factory's ranking format"),
    };
  },
  columns: [...trlPreference.columns, message("chosen_message"), message("rejected_message")],
  datasetInfo: {
    formatting: "sharegpt",
    ranking: true,
    columns: { messages: "prompt", chosen: "chosen_message", rejected: "rejected_message" },
    tags: sharegptTags,
  },
};

const llamaFactoryMessages = (columns: Record<string, string>, extra: SchemaElement[][]): Layout => ({
  toRecord: (row) => {
    if (!("completion" in row)) throw new Error("not a row with one completion");
    return { ...row, messages: [...alternating(row), ...row.completion] };
  },
  columns: [...shared, messages("messages"), ...extra],
  datasetInfo: { formatting: "sharegpt", columns: { messages: "messages", ...columns }, tags: sharegptTags },
});

/** Axolotl's reward trainer: one user turn, flat texts. */
const axolotlReward: Layout = {
  toRecord: (row) => {
    if (!("chosen" in row)) throw new Error("not a preference row");
    const system = row.prompt[0]?.role === "system" ? row.prompt[0] : undefined;
    const rest = system ? row.prompt.slice(1) : row.prompt;
    if (rest.length !== 1)
      throw invalid(
        `Row ${row.id}: Axolotl's reward format holds one user turn, this prompt has ${rest.length}. Use the layout trl.`,
      );
    return {
      id: row.id,
      ...(system ? { system: system.content } : {}),
      input: rest[0].content,
      chosen: onlyTurn(row, row.chosen, "Axolotl's reward format").content,
      rejected: onlyTurn(row, row.rejected, "Axolotl's reward format").content,
    };
  },
  columns: [string("id"), string("system", true), string("input"), string("chosen"), string("rejected")],
};

/** NeMo-RL: a context and its completions, rank 0 the best. */
const nemoRl: Layout = {
  toRecord: (row) => {
    const completions =
      "chosen" in row
        ? [row.chosen, row.rejected].map((completion, rank) => ({ rank, completion }))
        : "completions" in row
          ? row.completions.map((completion, i) => ({ rank: row.ranks[i] - 1, completion }))
          : [];
    return { id: row.id, context: row.prompt, completions };
  },
  columns: [
    string("id"),
    messages("context"),
    list("completions", struct("element", integer("rank"), messages("completion"))),
  ],
};

const layouts: Record<ExportSpec["layout"], Partial<Record<DatasetKind, Layout>>> = {
  trl: {
    preference: trlPreference,
    reward: trlPreference,
    sft: asIs(messages("completion")),
    unpaired: asIs(messages("completion"), boolean("label")),
    ranked: asIs(list("completions", messages("element")), list("ranks", number("element"))),
  },
  "llama-factory": {
    preference: llamaFactoryPreference,
    reward: llamaFactoryPreference,
    sft: llamaFactoryMessages({}, []),
    unpaired: llamaFactoryMessages({ kto_tag: "label" }, [boolean("label")]),
  },
  axolotl: { preference: trlPreference, reward: axolotlReward },
  "nemo-rl": { preference: nemoRl, reward: nemoRl, ranked: nemoRl },
};
