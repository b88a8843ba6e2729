/** Files of benchmarks' data. */
import { existsSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { parse as parseCsv } from "csv-parse/sync";
import { entriesOf, parseJson } from "../../db/shape/written-json";
import { fileOnDisk, type SourceFile } from "../import/source/file";
import { readParquet } from "../import/source/parquet";
import { limits } from "../limits";
import { InputError } from "../statistics/estimate";
import type { Contents } from "./data";

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
  for await (const batch of readParquet(source)) {
    for (const row of batch) {
      if ("finding" in row) throw new InputError(`${source.name}, row ${row.row}: ${row.finding.message}`);
      rows.push(row.value);
    }
  }
  return rows;
}
