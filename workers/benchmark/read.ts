/** Files of benchmarks' data. */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse as parseCsv } from "csv-parse/sync";
import { entriesOf, parseJson } from "../../db/shape/written-json";
import type { Contents } from "../../server/benchmark/data";
import { fileOnDisk } from "../../server/import/source/file";
import { readParquet } from "../../server/import/source/parquet";
import { InputError } from "../../server/statistics/estimate";

/** @throws InputError naming the file, and the row where it cannot be read */
export async function readContents(file: string): Promise<Contents> {
  if (!existsSync(file)) throw new InputError(`${file} does not exist.`);
  const [kind] = /(?:jsonl|ndjson|json|csv|tsv|parquet)(?=(?:\.gz)?$)/.exec(file) ?? [];
  if (kind === "parquet") return { form: "rows", rows: await parquetRows(file) };
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").replace(/^\uFEFF/, "");
  switch (kind) {
    case "csv":
      return { form: "table", cells: table(file, text, ",") };
    case "tsv":
      return { form: "table", cells: table(file, text, "\t") };
    case "json": {
      const value = json(text, file);
      if (Array.isArray(value)) return { form: "rows", rows: value };
      if (typeof value === "object" && value !== null) return { form: "object", entries: entriesOf(value) };
      throw new InputError(`${file} is neither a list nor an object.`);
    }
    case "jsonl":
    case "ndjson": {
      const lines = text.split("\n").map((line, index) => ({ line, row: index + 1 }));
      const full = lines.filter(({ line }) => line.trim() !== "");
      return { form: "rows", rows: full.map(({ line, row }) => json(line, `${file}, row ${row}`)) };
    }
  }
  throw new InputError(
    `${file}: data is read from .jsonl, .json, .csv, .tsv (each may end in .gz) and .parquet.`,
  );
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

async function parquetRows(file: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of readParquet(await fileOnDisk(file))) {
    for (const row of batch) {
      if ("finding" in row) throw new InputError(`${file}, row ${row.row}: ${row.finding.message}`);
      rows.push(row.value);
    }
  }
  return rows;
}
