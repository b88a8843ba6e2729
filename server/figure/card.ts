import type { Figure } from "./figure";
import { type FigureId, figures } from "./schema";

/** A line of a card: a number, which has an entry in the catalogue, or a plain fact. */
export interface CardLine {
  figure?: FigureId;
  /** A figure has its name from the catalogue, if no other is given. */
  name?: string;
  value: string;
}

const nameOf = ({ name, figure }: CardLine) => name ?? (figure ? figures[figure].name : "");

/** The lines as a table of Markdown. */
export const cardTable = (lines: readonly CardLine[]): string[] => [
  "| | |",
  "|---|---|",
  ...lines.map((line) => `| ${nameOf(line)} | ${line.value} |`),
];

/** What each figure among the lines is, counts and leaves out, and how its interval is made, as a list of Markdown. */
export function figureNotes(lines: readonly CardLine[]): string[] {
  const ids = new Set(lines.flatMap(({ figure }) => figure ?? []));
  return [...ids].map((id) => {
    const { name, is, counts, leftOut, interval }: Figure = figures[id];
    return `- **${name}**: ${is} Counts: ${counts} Left out: ${leftOut}${interval ? ` Interval: ${interval}` : ""}`;
  });
}
