/** Files of benchmarks' data. */
import { existsSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { parse as parseCsv } from "csv-parse/sync";
import { entriesOf, parseJson } from "../../db/shape/written-json";
import { FileRefused } from "../import/problems";
import { fileOnDisk, type SourceFile } from "../import/source/file";
import { openFile } from "../import/source/open";
import type { RowStream } from "../import/source/row";
import { limits } from "../limits";
import { InputError } from "../statistics/estimate";
import { type Contents, documentsOf } from "./data";

/** A file of this machine. @throws InputError as `readContents`, and where it does not exist */
export async function readFileContents(path: string): Promise<Contents> {
  if (!existsSync(path)) throw new InputError(`${path} does not exist.`);
  return readContents(await fileOnDisk(path, path));
}

/** @throws InputError naming the file, and the row where it cannot be read */
export async function readContents(source: SourceFile): Promise<Contents> {
  const { name } = source;
  const [kind] = /(?:jsonl|ndjson|json|csv|tsv|parquet)(?=(?:\.gz)?$)/.exec(name) ?? [];
  if (kind === "parquet") return { form: "rows", rows: await parquetRows(source) };
  if (kind === undefined)
    throw new InputError(
      `${name}: data is read from .jsonl, .json, .csv, .tsv (each may end in .gz) and .parquet.`,
    );
  const bytes = await buffer(source.read());
  const text = (name.endsWith(".gz") ? unpacked(bytes, name) : bytes).toString("utf8").replace(/^\uFEFF/, "");
  switch (kind) {
    case "csv":
      return { form: "table", cells: table(name, text, ",") };
    case "tsv":
      return { form: "table", cells: table(name, text, "\t") };
    case "json": {
      const value = json(text, name);
      if (Array.isArray(value)) return { form: "rows", rows: value };
      if (typeof value === "object" && value !== null) return { form: "object", entries: entriesOf(value) };
      throw new InputError(`${name} is neither a list nor an object.`);
    }
    default: {
      const lines = text.split("\n").map((line, index) => ({ line, row: index + 1 }));
      const full = lines.filter(({ line }) => line.trim() !== "");
      return { form: "rows", rows: full.map(({ line, row }) => json(line, `${name}, row ${row}`)) };
    }
  }
}

function unpacked(bytes: Buffer, name: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.benchmarkBytes });
  } catch (cause) {
    throw new InputError(`${name} cannot be unpacked: ${cause instanceof Error ? cause.message : cause}.`, {
      cause,
    });
  }
}

function json(text: string, place: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new InputError(`${place} is not valid JSON (${cause instanceof Error ? cause.message : cause}).`, {
      cause,
    });
  }
}

function table(file: string, text: string, delimiter: string): string[][] {
  try {
    return parseCsv(text, { delimiter, relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    throw new InputError(`${file}: ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
}

async function parquetRows(source: SourceFile): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const { value } of eachRow(source)) rows.push(value);
  return rows;
}

/**
 * The rows of training data one by one, each with its number from 1: what a model was trained on may be larger than
 * memory, so JSON Lines and Parquet are never held whole.
 * @throws InputError as `readContents`, and for a file without rows
 */
export async function* eachRow(source: SourceFile): AsyncGenerator<NumberedRow> {
  const { name } = source;
  if (!/\.(?:jsonl|ndjson|parquet)(?:\.gz)?$/.test(name)) {
    for (const [index, value] of documentsOf(await readContents(source), name, undefined).entries())
      yield { row: index + 1, value };
    return;
  }
  try {
    const { rows } = await openFile(source);
    let isEmpty = true;
    for await (const row of goodRows(name, rows())) {
      isEmpty = false;
      yield row;
    }
    if (isEmpty) throw new InputError(`${name} has no rows.`);
  } catch (cause) {
    throw cause instanceof FileRefused ? new InputError(`${name}: ${cause.message}`, { cause }) : cause;
  }
}

interface NumberedRow {
  readonly row: number;
  readonly value: unknown;
}

async function* goodRows(name: string, stream: RowStream): AsyncGenerator<NumberedRow> {
  for await (const batch of stream)
    for (const row of batch) {
      if ("finding" in row) throw new InputError(`${name}, row ${row.row}: ${row.finding.message}`);
      yield row;
    }
}
