import type { Db } from "../../db/client";
import { csvLine } from "../csv";
import type { Figure } from "../figure/figure";
import { figures } from "../figure/schema";
import { scaleOf, strengthsSvg } from "../statistics/forest";
import { latexDocument, tex } from "./latex";
import { leaderboardOf } from "./leaderboard";
import { reportOf } from "./report";
import type { Block, conclusionFiles, Leaderboard, Look, Report } from "./schema";

type FileName = (typeof conclusionFiles)[number];

const MEDIA: Record<FileName, string> = {
  "leaderboard.csv": "text/csv; charset=utf-8",
  "leaderboard.svg": "image/svg+xml",
  "report.md": "text/markdown; charset=utf-8",
  "report.tex": "application/x-tex; charset=utf-8",
};

/** A conclusion as a file to keep: the ranking as a table or a picture, the report for a paper. */
export async function conclusionFile(
  db: Db,
  { file, ...of }: Look & { projectId: string; file: FileName },
): Promise<{ name: string; mediaType: string; content: string }> {
  const write: Record<FileName, () => Promise<string>> = {
    "leaderboard.csv": async () => leaderboardCsv(await leaderboardOf(db, of)),
    "leaderboard.svg": async () =>
      strengthsSvg((await leaderboardOf(db, of)).groups, "Points of each source with 95 % intervals"),
    "report.md": async () => reportMarkdown(await reportOf(db, of)),
    "report.tex": async () => reportLatex(await reportOf(db, of)),
  };
  return { name: file, mediaType: MEDIA[file], content: await write[file]() };
}

function leaderboardCsv({ groups }: Leaderboard): string {
  const head = ["group", "rank", "rank_at_worst", "source", "theta", "low", "high", "points", "points_low"];
  return [
    csvLine([...head, "points_high", "won", "lost", "tied", "regularised"]),
    ...groups.flatMap(({ standings, regularised }, i) =>
      standings.map((each) =>
        csvLine([
          ...[i + 1, each.rank, each.rankAtWorst, each.source, each.theta, each.low, each.high, each.points],
          ...[each.pointsLow, each.pointsHigh, each.won, each.lost, each.tied, regularised],
        ]),
      ),
    ),
  ].join("");
}

/** The entries of the catalogue that a report's tables name, each once. */
function entriesOf({ sections }: Report): Figure[] {
  const ids = new Set(
    sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === "table" ? block.figure : []))),
  );
  return Object.entries(figures).flatMap(([id, figure]) => (ids.has(id) ? figure : []));
}

const cell = (text: string) =>
  text.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll(/\s+/g, " ").replaceAll("<", "&lt;");

function blockMarkdown(block: Block, { leaderboard }: Report): string {
  if (block.kind === "text") return block.text;
  if (block.kind === "strengths") {
    const svg = strengthsSvg([leaderboard.groups[block.group]], block.caption);
    return `![${cell(block.caption)}](data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")})`;
  }
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [
    `**${block.caption}**`,
    "",
    line(block.head),
    `|${block.head.map(() => "---|").join("")}`,
    ...block.rows.map(line),
  ].join("\n");
}

/** The report as Markdown, its figures within. */
function reportMarkdown(report: Report): string {
  const { title, at, sections, methods } = report;
  const entries = entriesOf(report).map((entry) =>
    [
      `**${entry.name}.** ${entry.is} *Counts:* ${entry.counts} *Left out:* ${entry.leftOut}${entry.interval ? ` *Interval:* ${entry.interval}` : ""} *Computed by* \`${entry.by}\`.`,
      ...(entry.query ? ["", "```sql", entry.query, "```"] : []),
    ].join("\n"),
  );
  return `${[
    `# ${title}`,
    `Written by Concord on ${at.toISOString()}.`,
    ...sections.flatMap(({ title: name, blocks }) => [
      `## ${name}`,
      ...blocks.map((block) => blockMarkdown(block, report)),
    ]),
    "## Methods",
    methods.map(({ name, by, reference }) => `- **${name}** (${by}): ${reference}.`).join("\n"),
    "## What each number is",
    ...entries,
  ].join("\n\n")}\n`;
}

function blockLatex(block: Block, { leaderboard }: Report): string {
  if (block.kind === "text") return `${tex(block.text)}\n`;
  if (block.kind === "strengths") return strengthsTikz(leaderboard.groups[block.group], block.caption);
  const line = (cells: readonly string[]) => `${cells.map(tex).join(" & ")} \\\\`;
  return [
    "\\begin{table}[ht]\\centering\\small",
    `\\caption{${tex(block.caption)}}`,
    `\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{\\begin{tabular}{${block.head.map(() => "l").join("")}}`,
    "\\hline",
    line(block.head),
    "\\hline",
    ...block.rows.map(line),
    "\\hline",
    "\\end{tabular}}",
    "\\end{table}",
  ].join("\n");
}

function strengthsTikz(group: Leaderboard["groups"][number], caption: string): string {
  const { from, to, marks } = scaleOf(group);
  const x = (value: number) => ((10 * (value - from)) / (to - from)).toFixed(3);
  const rows = group.standings.length;
  return [
    "\\begin{figure}[ht]\\centering",
    "\\begin{tikzpicture}[y=6mm]",
    ...marks.flatMap((mark) => [
      `\\draw[lightgray] (${x(mark)},0.5) -- (${x(mark)},${0.5 - rows});`,
      `\\node[below] at (${x(mark)},${0.4 - rows}) {\\footnotesize ${mark}};`,
    ]),
    ...group.standings.flatMap(({ source, points, pointsLow, pointsHigh }, row) => [
      `\\node[left] at (0,${-row}) {\\small ${tex(source)}};`,
      ...(pointsLow !== null && pointsHigh !== null
        ? [`\\draw[thick] (${x(pointsLow)},${-row}) -- (${x(pointsHigh)},${-row});`]
        : []),
      ...(points !== null ? [`\\fill (${x(points)},${-row}) circle (0.7mm);`] : []),
    ]),
    "\\end{tikzpicture}",
    `\\caption{${tex(caption)}}`,
    "\\end{figure}",
  ].join("\n");
}

/** The report as a LaTeX document. */
export function reportLatex(report: Report): string {
  const { title, at, sections, methods } = report;
  return latexDocument([
    `\\title{${tex(title)}}`,
    `\\date{${at.toISOString().slice(0, 10)}}`,
    "\\maketitle",
    ...sections.flatMap(({ title: name, blocks }) => [
      `\\section{${tex(name)}}`,
      ...blocks.map((block) => blockLatex(block, report)),
    ]),
    "\\section{Methods}",
    "\\begin{itemize}",
    ...methods.map(
      ({ name, by, reference }) => `\\item \\textbf{${tex(name)}} (${tex(by)}): ${tex(reference)}.`,
    ),
    "\\end{itemize}",
    "\\section{What each number is}",
    "\\begin{description}",
    ...entriesOf(report).flatMap(({ name, is, counts, leftOut, interval, by, query }) => [
      `\\item[${tex(name)}] ${tex(is)} Counts: ${tex(counts)} Left out: ${tex(leftOut)}${interval ? ` Interval: ${tex(interval)}` : ""} Computed by \\texttt{${tex(by)}}.`,
      ...(query ? ["\\begin{verbatim}", query, "\\end{verbatim}"] : []),
    ]),
    "\\end{description}",
  ]);
}
