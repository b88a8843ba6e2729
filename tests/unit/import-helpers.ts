import type { KeyedRecord } from "@/server/import/merge";
import { readImport } from "@/server/import/read";
import {
  type ColumnUse,
  type ImportOptionsInput,
  importOptionsSchema,
  type Problem,
} from "@/server/import/schema";
import { fileInMemory, type SourceFile } from "@/server/import/source/file";

export interface ReadResult {
  records: KeyedRecord[];
  problems: Problem[];
  rejected: string[];
  columns: ColumnUse[];
  rows: number;
}

/** The whole import, collected. */
export async function readAll(
  files: SourceFile[],
  options: ImportOptionsInput = {},
  mostRows?: number,
): Promise<ReadResult> {
  const result: ReadResult = { records: [], problems: [], rejected: [], columns: [], rows: 0 };
  for await (const batch of readImport(files, importOptionsSchema.parse(options), mostRows)) {
    result.records.push(...batch.records);
    result.problems.push(...batch.problems);
    result.rejected.push(...batch.rejected);
    result.columns.push(...batch.columns);
    result.rows += batch.rows;
  }
  return result;
}

export function readText(name: string, content: string | Uint8Array, options?: ImportOptionsInput) {
  return readAll([fileInMemory(name, content)], options);
}

export const jsonl = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** How often each problem was named. */
export function counts(problems: readonly Problem[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { code } of problems) result[code] = (result[code] ?? 0) + 1;
  return result;
}
