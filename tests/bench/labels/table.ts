import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { parse } from "csv-parse/sync";
import { z } from "zod";

/** A file of rows; what is no text or number in a cell is left out. */
export interface Table {
  file: string;
  columns: Set<string>;
  rows: Record<string, string>[];
}

/** A folder that cannot be replayed: names the file and what to do. */
export class SetRefused extends Error {}

const cell = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const row = z.record(z.string(), z.unknown());

/** The tables of a folder: JSON lists, JSON lines, CSV and TSV with a header. Others, and folders within, are left alone. */
export function tablesIn(folder: string): Table[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new SetRefused(`${folder}: no folder; --data names the one that holds the set's files.`);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const rows = rowsOf(join(folder, name));
      if (!rows || rows.length === 0) return [];
      return [{ file: name, columns: new Set(rows.flatMap((each) => Object.keys(each))), rows }];
    });
}

function rowsOf(path: string): Record<string, string>[] | null {
  const name = basename(path);
  const kind = extname(path).toLowerCase();
  if (![".json", ".jsonl", ".csv", ".tsv"].includes(kind)) return null;
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  const values: unknown[] =
    kind === ".json"
      ? listOf(name, text)
      : kind === ".jsonl"
        ? text
            .split("\n")
            .flatMap((line, at) => (line.trim() ? [parsed(`${name}, line ${at + 1}`, line)] : []))
        : parse(text, {
            columns: true,
            skip_empty_lines: true,
            delimiter: kind === ".tsv" ? "\t" : ",",
            relax_quotes: true,
          });
  return values.flatMap((value) => {
    const read = row.safeParse(value);
    if (!read.success) return [];
    const cells = Object.entries(read.data).flatMap(([key, each]) => {
      const found = cell.safeParse(each);
      return found.success ? [[key.trim(), found.data] as const] : [];
    });
    return [Object.fromEntries(cells)];
  });
}

function listOf(name: string, text: string): unknown[] {
  const value = parsed(name, text);
  return Array.isArray(value) ? value : [];
}

function parsed(place: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SetRefused(`${place}: not valid JSON; mend the line or take the file out of the folder.`);
  }
}
