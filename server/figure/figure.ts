/** What a number is: an entry of the catalogue in `figure/schema`. */
export interface Figure {
  name: string;
  /** What it is, and of what it is a share. */
  is: string;
  /** Which rows count. */
  counts: string;
  /** Which do not, and why. */
  leftOut: string;
  /** How its interval is made; null where it has none, and `is` says why where one would be expected. */
  interval: string | null;
  /** The function that computes it: its file and name. */
  by: `${string}.ts ${string}`;
  /** The same number asked of the database: `:project`, `:version` and `:run` are ids. Absent where no query alone gives it. */
  query?: string;
  /** Where programs read it: procedure and field, or file and column. */
  fields: readonly string[];
}

/** Whose votes a figure counts, and whose it does not. */
export const VOTES =
  "Votes of people: judgements in force, not excluded or sent back, of raters whose consent stands. Each question by itself.";
export const NO_VOTES =
  "Adjudications, whose authors have seen the votes; models; work that was undone, replaced, excluded or sent back; raters who withdrew consent.";
