import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** A spreadsheet would run a cell that begins like this as a formula (OWASP: CSV injection). */
const FORMULA = /^[=+@\t\r-]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One line of a CSV file (RFC 4180). Texts that a spreadsheet would take for a formula get an apostrophe in front;
 * numbers stay as they are.
 */
export function csvLine(cells: readonly (string | number | boolean | null | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One of these expressions, which say the same to PostgreSQL. */
const pattern = (...any: RegExp[]): SQL => sql.raw(`'${any.map(({ source }) => source).join("|")}'`);

/**
 * Cells as PostgreSQL writes them, the same as `csvLine`'s: for files of so many lines that reading their values would
 * take most of the time.
 */
export const csvCells = {
  text(value: SQLWrapper): SQL {
    const safe = sql`case when ${value} ~ ${pattern(FORMULA)} then '''' || ${value} else ${value} end`;
    return sql`case
      when ${value} !~ ${pattern(FORMULA, NEEDS_QUOTES)} then ${value}
      when ${value} ~ ${pattern(NEEDS_QUOTES)} then '"' || replace(${safe}, '"', '""') || '"'
      else ${safe} end`;
  },
  /** A number below 1e15. PostgreSQL alone writes 0.00005 as 5e-05, and 1e-7 as 1e-07. */
  number: (value: SQLWrapper): SQL => sql`case
    when ${value} = 0 or abs(${value}) >= 1e-4 then ${value}::text
    when abs(${value}) >= 1e-6 then ${value}::text::numeric::text
    else replace(${value}::text, 'e-0', 'e-') end`,
  /** An id, a count, a name of an enum: nothing in it needs quotes. */
  plain: (value: SQLWrapper): SQL => sql`${value}::text`,
  /** As `Date.toISOString` has it. */
  time: (value: SQLWrapper): SQL =>
    sql`to_char(${value} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
};

/** One line of a file, of cells as above; null is an empty one. */
export const csvLineOf = (cells: readonly SQL[]): SQL =>
  sql`concat(${sql.join([...cells], sql`, ',', `)}, ${"\r\n"}::text)`;
