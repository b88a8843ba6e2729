import { type CsvError, parse } from "csv-parse";
import { parse as parseNow } from "csv-parse/sync";
import { FileRefused } from "../problems";
import { type Bytes, requireUtf8 } from "./bytes";
import { maxRowBytes } from "./json";
import type { RowStream, SourceRow } from "./row";

export interface Dialect {
  delimiter: string;
  /** Column names; when the file has no header they are `column1`, `column2`, … */
  columns: string[];
  header: boolean;
  /** What stands before a quote inside a quoted cell: another quote, or Spark's backslash. */
  quoteEscape: '"' | "\\";
}

const delimiters = [",", "\t", ";", "|"];

/** Quotes are also accepted inside unquoted cells, as in tables written without any quoting. */
const parsing = { skip_empty_lines: true, relax_column_count: true, relax_quotes: true } as const;

/**
 * How a table is written, judged by its first complete lines.
 * @returns null when the text is no table
 */
export function detectDialect(name: string, head: string): Dialect | null {
  const named = /\.tsv(\.gz)?$/i.test(name) ? "\t" : undefined;
  const candidates = (named ? [named] : delimiters).flatMap((delimiter) => {
    const quoteEscape = escapeIn(head, delimiter);
    const rows = sample(head, delimiter, quoteEscape);
    const width = rows[0]?.length ?? 0;
    const even = rows.filter((row) => row.length === width).length;
    const isTable = width > 1 && even >= rows.length * 0.6;
    return isTable || (width === 1 && /\.[ct]sv(\.gz)?$/i.test(name))
      ? [{ delimiter, quoteEscape, rows, width }]
      : [];
  });
  const best = candidates.sort((a, b) => b.width - a.width)[0];
  if (!best) return null;
  const [first, ...others] = best.rows;
  const header = looksLikeHeader(first, others);
  const columns = header
    ? first.map((cell, index) => cell.trim() || `column${index + 1}`)
    : first.map((_, index) => `column${index + 1}`);
  return { delimiter: best.delimiter, quoteEscape: best.quoteEscape, columns, header };
}

/**
 * A backslash before a quote that ends no cell escapes it, in a table that doubles no quote. A quote that is followed
 * by the delimiter may end its cell, which then ends in a backslash: that alone says nothing.
 */
function escapeIn(head: string, delimiter: string): Dialect["quoteEscape"] {
  const inside = head.split('\\"').slice(1);
  const escapes = inside.some((rest) => !/^[\r\n"]/.test(rest) && rest !== "" && !rest.startsWith(delimiter));
  const doubles = /[^",;|\t\r\n\\]""|""[^",;|\t\r\n]/.test(head);
  return escapes && !doubles ? "\\" : '"';
}

/** The first rows, up to the first that cannot be read. */
function sample(head: string, delimiter: string, quoteEscape: Dialect["quoteEscape"]): string[][] {
  const rows: string[][] = [];
  const keep = (row: string[]) => {
    rows.push(row);
    return row;
  };
  try {
    parseNow(head, { ...parsing, delimiter, escape: quoteEscape, to: 50, on_record: keep });
  } catch (error) {
    if (!isCsvError(error)) throw error;
  }
  return rows;
}

/** A header names columns: short, different from each other, no sentences, no numbers, no value of its own column. */
function looksLikeHeader(first: readonly string[], others: readonly string[][]): boolean {
  const names = first.map((cell) => cell.trim());
  return (
    new Set(names).size === names.length &&
    names.every(
      (name, index) =>
        name.length <= 60 &&
        !/[?!:]$/.test(name) &&
        (name === "" || !Number.isFinite(Number(name))) &&
        (name === "" || !others.some((row) => row[index]?.trim() === name)),
    )
  );
}

export async function* readCsv(file: string, bytes: Bytes, dialect: Dialect): RowStream {
  const { columns, delimiter, quoteEscape, header } = dialect;
  let row = header ? -1 : 0;
  let line = 1;
  let batch: SourceRow[] = [];
  // Rows are taken as they are recognised: the parser's output stream would drop those before an error.
  const parser = parse({
    ...parsing,
    delimiter,
    escape: quoteEscape,
    max_record_size: maxRowBytes,
    on_record(cells: string[], { lines }) {
      if (++row > 0) batch.push(toRow(cells, columns, row, line));
      line = lines + 1;
      return null;
    },
  });
  let failure: Error | null | undefined;
  parser.on("error", (error) => {
    failure = error;
  });
  const flush = () => {
    const rows = batch;
    batch = [];
    return rows;
  };
  for await (const chunk of requireUtf8(file, bytes)) {
    await new Promise((resolve) => parser.write(chunk, resolve));
    yield flush();
    if (failure) break;
  }
  if (!failure) await new Promise((resolve) => parser.end(resolve));
  yield flush();
  if (failure) throw isCsvError(failure) ? refusal(file, row + 1, line, failure) : failure;
}

function toRow(cells: string[], columns: string[], row: number, line: number): SourceRow {
  if (cells.length === columns.length)
    return { row, line, value: Object.fromEntries(columns.map((column, index) => [column, cells[index]])) };
  const message = `The row has ${cells.length} cells, the header ${columns.length}.`;
  return { row, line, finding: { code: "column-count", message }, raw: JSON.stringify(cells) };
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && "code" in error && String(error.code).startsWith("CSV_");
}

function refusal(file: string, row: number, line: number, error: CsvError): FileRefused {
  const tooLong = error.code === "CSV_MAX_RECORD_SIZE";
  return new FileRefused(
    { file, row, line },
    {
      code: "bad-quoting",
      message: tooLong
        ? `The row that starts here has no end within ${maxRowBytes.toLocaleString("en")} bytes; a quote is probably never closed.`
        : `The row that starts here opens a quote that is never closed.`,
    },
  );
}
