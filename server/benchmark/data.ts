/** Rows of a benchmark's data file, whatever its form, as documents with the fields that lm-eval's templates know. */
import { entriesOf } from "../../db/shape/written-json";
import { isRecord } from "../import/source/row";
import { InputError } from "../statistics/estimate";
import type { Document } from "./document";
import { suiteOf, suites } from "./suites";
import { mmluTable } from "./suites/mmlu";

/** What stands in a file. */
export type Contents =
  | { readonly form: "table"; readonly cells: readonly (readonly string[])[] }
  | { readonly form: "rows"; readonly rows: readonly unknown[] }
  /** One object, in the order in which it is written. */
  | { readonly form: "object"; readonly entries: readonly (readonly [string, unknown])[] };

/**
 * @param suite the suite that the task names: its shape is then asked for; else any known shape is recognised
 * @throws InputError naming file, row and field
 */
export function documentsOf(contents: Contents, file: string, suite: string | undefined): Document[] {
  const rows = rowsOf(contents, file);
  if (rows.length === 0) throw new InputError(`${file} has no rows.`);
  const asked =
    suite === undefined
      ? Object.values(suites).find(({ shape }) => shape.fits(rows[0]))
      : suiteOf(suite, "the task");
  const documents = asked?.shape.documents;
  if (!documents) return rows;
  return rows.flatMap((row, index) => documents(row, `${file}, row ${index + 1}`));
}

/** How many rows a file has, and the suites whose rows look like them. @throws InputError for a file without rows */
export function heldIn(contents: Contents, file: string): { rows: number; suites: string[] } {
  const rows = rowsOf(contents, file);
  if (rows.length === 0) throw new InputError(`${file} has no rows.`);
  const like = Object.entries(suites).flatMap(([name, { shape }]) => (shape.fits(rows[0]) ? [name] : []));
  return { rows: rows.length, suites: like };
}

function rowsOf(contents: Contents, file: string): Document[] {
  if (contents.form === "table") return mmluTable(contents.cells, file) ?? tableRows(contents.cells, file);
  if (contents.form === "object") return objectRows(contents.entries, file);
  return contents.rows.map((row, index) => {
    if (!isRecord(row)) throw new InputError(`${file}, row ${index + 1} is no object with fields.`);
    return documentOf(row);
  });
}

function tableRows([header, ...lines]: readonly (readonly string[])[], file: string): Document[] {
  const double = header.find((name, index) => header.indexOf(name) !== index);
  if (double !== undefined)
    throw new InputError(
      `${file}: the first line names the columns, and ${JSON.stringify(double)} is there twice; give each column a name of its own.`,
    );
  return lines.map((cells, index) => {
    if (cells.length !== header.length)
      throw new InputError(
        `${file}, row ${index + 1} has ${cells.length} cells; the first line names ${header.length} columns.`,
      );
    return Object.fromEntries(header.map((name, column) => [name, cells[column]]));
  });
}

/** An object with one list of objects is a list with remarks; one of objects only is a list by their names. */
function objectRows(named: readonly (readonly [string, unknown])[], file: string): Document[] {
  const lists = named.flatMap(([, item]) =>
    Array.isArray(item) && item.length > 0 && item.every(isRecord) ? [item.map(documentOf)] : [],
  );
  if (lists.length === 1) return lists[0];
  const items = named.flatMap(([id, item]) => (isRecord(item) ? [{ id, ...documentOf(item) }] : []));
  if (items.length > 0 && items.length === named.length) return items;
  throw new InputError(
    `${file} is one object that holds neither one list of objects nor objects only; write its rows as JSON Lines.`,
  );
}

const documentOf = (row: object): Document => Object.fromEntries(entriesOf(row));
