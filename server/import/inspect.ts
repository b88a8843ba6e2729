import { lookOf } from "./columns";
import { FileRefused, type Finding, problem } from "./problems";
import type { ImportOptions, Problem } from "./schema";
import { mappedShape } from "./shapes/mapped";
import { mediaIn, mediaMessage } from "./shapes/media";
import { detectShape, shapes } from "./shapes/registry";
import type { Shape } from "./shapes/shape";
import type { SourceFile } from "./source/file";
import { type OpenedFile, openFile } from "./source/open";
import type { RowValue, SourceRow } from "./source/row";

/** What is known about a file before its rows are converted. */
export interface FilePlan {
  file: string;
  format: string;
  shape: Shape;
  reason: string;
  sample: RowValue[];
  rows(): AsyncIterable<SourceRow[]>;
  findings: Finding[];
}

/** A file about to be imported, for the preview: its first rows, and what it was taken for. */
export interface Inspection {
  plan: FilePlan | null;
  format: string | null;
  columns: string[];
  sample: RowValue[];
  problems: Problem[];
}

const sampleRows = 50;

/** Opens a file, looks at its first rows and decides its shape. Never throws for what a file contains. */
export async function inspectFile(source: SourceFile, options: ImportOptions): Promise<Inspection> {
  const file = source.name;
  let opened: OpenedFile | null = null;
  let sample: RowValue[] = [];
  try {
    opened = await openFile(source, options.encoding);
    const firstRows = await take(opened.rows(), sampleRows);
    sample = firstRows.flatMap((row) => ("value" in row ? [row.value] : []));
    const { format, findings } = opened;
    const columns = [...new Set(sample.flatMap((row) => Object.keys(row)))];
    const problems = findings.map((finding) => problem({ file }, finding));
    if (firstRows.length === 0)
      throw new FileRefused({ file }, { code: "no-rows", message: "The file has no rows." });
    const decided = decide(sample, options);
    if (!decided) throw new FileRefused({ file }, unrecognised(firstRows, columns, sample));
    const plan = { ...decided, file, format, sample, findings, rows: opened.rows };
    return { plan, format, columns, sample, problems };
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    const columns = [...new Set(sample.flatMap((row) => Object.keys(row)))];
    return { plan: null, format: opened?.format ?? null, columns, sample, problems: [error.problem] };
  }
}

function decide(sample: RowValue[], options: ImportOptions): { shape: Shape; reason: string } | null {
  const detected = detectShape(sample);
  if (detected?.shape.companion) return detected;
  if (options.mapping) return { shape: mappedShape(options.mapping), reason: "The columns were chosen." };
  const chosen = shapes.find((shape) => shape.id === options.shape);
  return chosen ? { shape: chosen, reason: "The shape was chosen." } : detected;
}

function unrecognised(rows: SourceRow[], columns: string[], sample: RowValue[]): Finding {
  const unreadable = rows.find((row) => "finding" in row);
  if (columns.length === 0 && unreadable && "finding" in unreadable) return unreadable.finding;
  const media = sample.map(mediaIn).find((field) => field !== null);
  if (media) return { code: "media", field: media, message: mediaMessage(media) };
  const shown = columns.slice(0, 12).join(", ");
  const more = columns.length > 12 ? ` and ${columns.length - 12} more` : "";
  const alike = sample.flatMap((row) =>
    Object.entries(row).flatMap(([name, value]) => {
      const look = lookOf(name, value);
      return look === "reply" || look === "verdict" ? [`"${name}" looks like a ${look}`] : [];
    }),
  );
  const hint = alike.length > 0 ? ` ${[...new Set(alike)].slice(0, 6).join(", ")}.` : "";
  return { code: "unrecognised-shape", message: `No known shape has the columns ${shown}${more}.${hint}` };
}

/** The first rows. A file that breaks off after some has them all the same; reading it will say so. */
async function take(rows: AsyncGenerator<SourceRow[]>, count: number): Promise<SourceRow[]> {
  const taken: SourceRow[] = [];
  try {
    for await (const batch of rows) {
      taken.push(...batch.slice(0, count - taken.length));
      if (taken.length >= count) break;
    }
  } catch (error) {
    if (!(error instanceof FileRefused) || taken.length === 0) throw error;
  }
  return taken;
}
