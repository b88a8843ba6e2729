import type { SchemaElement } from "hyparquet";
import { writeJson } from "../../../db/shape/written-json";
import type { ExportFormat } from "../schema";

/** What a column, or a part of one, holds. `json` is any value: text in Parquet, itself in JSONL. */
export type ColumnType =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "json"
  | { readonly list: ColumnType }
  | { readonly struct: readonly Field[] };

export interface Field {
  readonly name: string;
  readonly type: ColumnType;
}

/** A column and where its value comes from, so that a record never lacks one and a schema never has one more. */
export interface Column<Row> extends Field {
  of(row: Row): unknown;
}

const scalars = {
  string: { parquet: { type: "BYTE_ARRAY", converted_type: "UTF8" }, hub: "string" },
  json: { parquet: { type: "BYTE_ARRAY", converted_type: "UTF8" }, hub: "json" },
  integer: { parquet: { type: "INT32" }, hub: "int32" },
  number: { parquet: { type: "DOUBLE" }, hub: "float64" },
  boolean: { parquet: { type: "BOOLEAN" }, hub: "bool" },
} as const satisfies Record<string, { parquet: Partial<SchemaElement>; hub: string }>;

/** The column in a Parquet schema; lists have the three levels that the format asks for. */
export function parquetSchema({ name, type }: Field): SchemaElement[] {
  if (typeof type === "string") return [{ name, ...scalars[type].parquet, repetition_type: "OPTIONAL" }];
  if ("list" in type)
    return [
      { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...parquetSchema({ name: "element", type: type.list }),
    ];
  return [
    { name, repetition_type: "OPTIONAL", num_children: type.struct.length },
    ...type.struct.flatMap(parquetSchema),
  ];
}

/** The column as `dataset_info.features` of a Hub card names it; without it a loader guesses from the first rows. */
export function hubFeature({ name, type }: Field): Record<string, unknown> {
  if (typeof type === "string") return { name, dtype: scalars[type].hub };
  if ("list" in type) return { name, list: hubElement(type.list) };
  return { name, struct: type.struct.map(hubFeature) };
}

function hubElement(type: ColumnType): unknown {
  if (typeof type === "string") return scalars[type].hub;
  return "list" in type ? { list: hubElement(type.list) } : type.struct.map(hubFeature);
}

type Fit = (value: unknown) => unknown;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Fits a value to its type: every key of a struct in every record, null where the value has none. */
export function fitting(type: ColumnType, format: ExportFormat): Fit {
  if (type === "json")
    return format === "parquet"
      ? (value) => (value === undefined ? null : writeJson(value))
      : (value) => value ?? null;
  if (typeof type === "string") return (value) => value ?? null;
  if ("list" in type) {
    const shape = fitting(type.list, format);
    return (value) => (Array.isArray(value) ? value.map(shape) : null);
  }
  const fields = type.struct.map(({ name, type: part }) => ({ name, shape: fitting(part, format) }));
  const isFlat = type.struct.every(({ type: part }) => part === "string");
  return (value) => {
    if (!isObject(value)) return null;
    // Most messages have their two keys and no other, and go as they are.
    if (isFlat && Object.keys(value).length === fields.length && fields.every(({ name }) => name in value))
      return value;
    const fitted: Record<string, unknown> = {};
    for (const { name, shape } of fields) fitted[name] = shape(value[name]);
    return fitted;
  };
}
