import type { Message } from "../../../db/shape/content";
import type {
  DatasetRow,
  PreferenceRow,
  RankedRow,
  RowTrait,
  SftRow,
  UnpairedRow,
} from "../../../db/shape/dataset";
import type { DatasetKind } from "../../../db/shape/dataset-kinds";
import type { ExportFormat } from "../schema";
import type { Column, ColumnType, Field } from "./column";

interface Rows {
  preference: PreferenceRow;
  reward: PreferenceRow;
  sft: SftRow;
  unpaired: UnpairedRow;
  ranked: RankedRow;
}

/** Which optional keys occur in the rows of an export; a key that never does gets no column. */
export interface Held {
  tools: boolean;
  calls: boolean;
  names: boolean;
  thoughts: boolean;
  margin: boolean;
  weights: boolean;
}

/** How rows of one kind are written for one trainer. */
export interface RowLayout<Row> {
  /** What the trainer cannot read, or would read as something else without a word. */
  cannot: readonly RowTrait[];
  columns(held: Held): Column<Row>[];
  /** Its columns are the keys of our own rows, with what stands in them: a row's text is its record's. */
  asFrozen?: true;
  /** The trainer refuses a null: a key without a value is left out of its record. */
  sparse?: true;
  /** How the trainer is told to read the files: its own options. */
  use: string;
  /** The entry of LLaMA-Factory's `dataset_info.json`, where the trainer is LLaMA-Factory. */
  datasetInfo?(held: Held): Record<string, unknown>;
}

/** A trainer's formats: of the kinds of rows that it has a place for. */
export interface Layout {
  title: string;
  formats: readonly [ExportFormat, ...ExportFormat[]];
  /** Keeps the weights of rows. Without, weighted rows would be read as equal ones, and are not written. */
  weights?: true;
  kinds: { readonly [Kind in DatasetKind]?: RowLayout<Rows[Kind]> };
}

/** The layout of a kind as one that takes any row; a row of another kind is a mistake of ours. */
export function layoutFor(layout: Layout, kind: DatasetKind): RowLayout<DatasetRow> | null {
  const { preference, reward, sft, unpaired, ranked } = layout.kinds;
  const any = <Row extends DatasetRow>(
    found: RowLayout<Row> | undefined,
    isOfKind: (row: DatasetRow) => row is Row,
  ): RowLayout<DatasetRow> | null =>
    found
      ? {
          ...found,
          columns: (held) =>
            found.columns(held).map(({ of, ...column }) => ({
              ...column,
              of: (row) => {
                if (!isOfKind(row)) throw new Error(`Row ${row.id} is no ${kind} row.`);
                return of(row);
              },
            })),
        }
      : null;
  const isPair = (row: DatasetRow): row is PreferenceRow => "chosen" in row;
  switch (kind) {
    case "preference":
      return any(preference, isPair);
    case "reward":
      return any(reward, isPair);
    case "sft":
      return any(sft, (row): row is SftRow => "completion" in row);
    case "unpaired":
      return any(unpaired, (row): row is UnpairedRow => "label" in row);
    case "ranked":
      return any(ranked, (row): row is RankedRow => "completions" in row);
  }
}

/** A conversation with the keys that occur in this export. */
export const messages = (held: Held): ColumnType => ({ list: message(held) });

export const message = ({ calls, names, thoughts }: Held): ColumnType => {
  const fields: Field[] = [
    { name: "role", type: "string" },
    { name: "content", type: "string" },
  ];
  if (names) fields.push({ name: "name", type: "string" });
  if (thoughts) fields.push({ name: "reasoning_content", type: "string" });
  if (calls)
    fields.push({ name: "tool_calls", type: { list: "json" } }, { name: "tool_call_id", type: "string" });
  return { struct: fields };
};

export const column = <Row>(name: string, type: ColumnType, of: (row: Row) => unknown): Column<Row> => ({
  name,
  type,
  of,
});

/** What every layout that takes further columns begins with. */
export const identity: readonly Column<DatasetRow>[] = [
  column("id", "string", ({ id }) => id),
  column("annotators", "integer", ({ annotators }) => annotators),
];

/** The tools a prompt offers, as JSON text, in exports where a prompt offers any. */
export const toolsText = ({ tools }: Held): Column<DatasetRow>[] =>
  tools ? [column("tools", "string", (row) => row.tools)] : [];

export const marginOf = ({ margin }: Held): Column<PreferenceRow>[] =>
  margin ? [column("margin", "number", (row) => row.margin)] : [];

export const weightOf = ({ weights }: Held): Column<DatasetRow>[] =>
  weights ? [column("weight", "number", (row) => row.weight)] : [];

/** The prompt as a conversation of its own, with the tools that it offers. */
export const promptColumns = (held: Held): Column<DatasetRow>[] => [
  ...identity,
  ...toolsText(held),
  column("prompt", messages(held), ({ prompt }) => prompt),
];

/** A pair's two replies, and by how far one is better. */
export const pairColumns = (held: Held): Column<PreferenceRow>[] => [
  column("chosen", messages(held), ({ chosen }) => chosen),
  column("rejected", messages(held), ({ rejected }) => rejected),
  ...marginOf(held),
];

/** The whole conversation of a row with one reply. */
export const conversation = ({ prompt, completion }: SftRow): Message[] => [...prompt, ...completion];

/** The text of the system turn that a prompt begins with, empty where it has none. */
export const systemText = ({ prompt: [first] }: DatasetRow): string =>
  first?.role === "system" ? first.content : "";

/** The text of the last turn: of prompts and replies that have one turn, the only one. */
export const lastText = (turns: readonly Message[]): string => turns.at(-1)?.content ?? "";

/** What flat columns of text cannot hold: they have a place for one turn of the user and one reply. */
export const beyondText = [
  "late_system_turn",
  "starts_with_reply",
  "several_turn_prompt",
  "several_turn_reply",
  "reasoning",
  "tools",
  "tool_calls",
] as const satisfies readonly RowTrait[];
