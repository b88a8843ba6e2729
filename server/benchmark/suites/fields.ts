import { plainNumbers } from "../../../db/shape/written-json";
import { isRecord } from "../../import/source/row";
import { InputError } from "../../statistics/estimate";
import type { Document } from "../document";

/** Fields of a row, asked for by their kind. @throws InputError naming row and field */

export function textField(row: Document, field: string, place: string): string {
  const value = row[field];
  if (typeof value === "string") return value;
  throw new InputError(`${place}: ${field} is ${said(value)}; it must be a text.`);
}

export function objectField(row: Document, field: string, place: string): Document {
  const value = row[field];
  if (isRecord(value)) return { ...value };
  throw new InputError(`${place}: ${field} is ${said(value)}; it must be an object.`);
}

export function listField(row: Document, field: string, place: string): unknown[] {
  const value = row[field];
  if (Array.isArray(value)) return value;
  throw new InputError(`${place}: ${field} is ${said(value)}; it must be a list.`);
}

const said = (value: unknown) =>
  value === undefined ? "missing" : (JSON.stringify(plainNumbers(value)) ?? typeof value).slice(0, 60);

/** Whether a row has all these fields. */
export const has = (row: Document, ...fields: string[]) => fields.every((field) => row[field] !== undefined);
