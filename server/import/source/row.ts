import { WrittenNumber, writeJson } from "../../../db/shape/written-json";
import { isTooDeep } from "../../errors";
import type { Finding } from "../problems";

/** A row as its file spells it, before any shape is known. */
export type RowValue = Record<string, unknown>;

interface Position {
  /** From 1, header not counted. */
  row: number;
  line?: number;
}
interface GoodRow extends Position {
  value: RowValue;
  /** The row as it stands in the file, in one line of JSON; absent where the file is none. */
  raw?: string;
}
interface UnreadableRow extends Position {
  finding: Finding;
  /** The row as it stands in the file, absent when it is too long to keep. */
  raw?: string;
}
export type SourceRow = GoodRow | UnreadableRow;

/** Rows come in batches, as chunks of the file give them: an await for each row would cost more than parsing it. */
export type RowStream = AsyncGenerator<SourceRow[]>;

/** A value of a row as JSON; undefined where it is nested deeper than can be written. */
export function jsonOf(value: unknown): string | undefined {
  try {
    return writeJson(value);
  } catch (error) {
    if (isTooDeep(error)) return undefined;
    throw error;
  }
}

/** An object with fields, which a number kept as it was written is not. */
export function isRecord(value: unknown): value is RowValue {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber)
  );
}
