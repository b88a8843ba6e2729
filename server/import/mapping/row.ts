import { parseRowJson } from "../../../db/shape/written-json";
import { RowRefused } from "../problems";
import type { RowValue } from "../source/row";
import { valueAt } from "./path";

const place = /\{\{\s*([^{}]+?)\s*\}\}/g;

/** The one column that a template is, where it is nothing else. */
export const wholeColumn = (template: string): string | undefined =>
  /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(template)?.[1];

/** The columns in a template. */
export const columnsIn = (template: string): string[] =>
  [...template.matchAll(place)].map(([, path]) => path);

/** The text in a row at a path; empty where there is nothing. @throws RowRefused for lists and objects */
export function textAt(row: RowValue, path: string): string {
  return textOf(valueAt(row, path), path);
}

/** A template with the row's cells in it. */
export const filled = (row: RowValue, template: string): string =>
  template.replace(place, (_, path: string) => textAt(row, path));

/** @throws RowRefused for lists and objects */
export function textOf(value: unknown, path: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  if (value instanceof Date) return value.toISOString();
  throw new RowRefused({ code: "wrong-type", field: path, message: `${path} is not text.` });
}

/** The list in a row at a path, also as JSON text; undefined where there is none. */
export function listAt(row: RowValue, path: string): unknown[] | undefined {
  const value = valueAt(row, path);
  const list = typeof value === "string" && /^\s*\[/.test(value) ? parsed(value) : value;
  return Array.isArray(list) ? list : undefined;
}

/** What JSON text spells; the text itself where it is none. */
export function parsed(text: string): unknown {
  try {
    return parseRowJson(text);
  } catch {
    return text;
  }
}

/**
 * What a row says of each response: of one column each, or of one column that holds them as a list.
 * @param of which of the mapped responses the row has, by place; `all` of how many
 */
export function ofEach(
  row: RowValue,
  columns: readonly string[],
  { of, all }: { of: readonly number[]; all: number },
): unknown[] {
  const single = columns.length === 1 ? columns[0] : undefined;
  const list = single === undefined ? undefined : listAt(row, single);
  if (single !== undefined && list === undefined && valueAt(row, single) === undefined)
    return of.map(() => undefined);
  const values = list ?? columns.map((column) => valueAt(row, column));
  if (values.length !== all)
    throw new RowRefused({
      code: "wrong-type",
      field: columns[0],
      message: `${columns.join(", ")}: ${values.length} values for ${all} responses.`,
    });
  return of.map((index) => values[index]);
}
