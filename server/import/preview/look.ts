import { writeJson } from "../../../db/shape/written-json";
import { inspectFile } from "../inspect";
import { readImport } from "../read";
import type { FilePreview, ImportOptions, ImportRecord, ShownRow } from "../schema";
import { shapes } from "../shapes/registry";
import type { SourceFile } from "../source/file";
import { jsonOf, type RowValue } from "../source/row";
import { guessMapping, placeIn, withPlace } from "./guess";
import { placesIn } from "./places";

const SHOWN_ROWS = 20;
const SHOWN_TEXT = 2000;
const SHOWN_COLUMNS = 300;
/** Rows of a file that are converted for the preview, so that its columns can be told what becomes of them. */
const CONVERTED_ROWS = 200;
/** Texts are shown in full, as the desk shows them; of long ones there are fewer rows. */
const SHOWN_BYTES = 2_000_000;

/** The first rows of files: as they stand there, what they are taken for, and what they become. */
export async function lookAt(sources: readonly SourceFile[], options: ImportOptions): Promise<FilePreview[]> {
  const looks = [];
  for (const source of sources) looks.push({ source, ...(await inspectFile(source, options)) });
  const became = await convertFirstRows(sources, options);
  return looks.map(({ source, plan, format, columns, sample, problems }) => {
    const places = placesIn(sample);
    const guess = plan?.shape.companion ? null : guessMapping(places);
    const mapping = options.mapping ?? guess;
    const file = became.get(source.name);
    return {
      name: source.name,
      size: source.size,
      format,
      shape: plan && { id: plan.shape.id, title: plan.shape.title },
      reason: plan?.reason ?? problems[0]?.message ?? "",
      columns,
      rows: sample.slice(0, SHOWN_ROWS).map(shortened),
      problems,
      alternatives: shapes
        .filter((shape) => shape.id !== plan?.shape.id && !shape.companion && isFitting(shape, sample))
        .map(({ id, title, looksLike }) => ({ id, title, looksLike })),
      places,
      guess,
      unused: (file?.unused ?? []).flatMap(({ name, rows, looksLike }) => {
        const place = looksLike && placeIn(name, places);
        if (!looksLike || !mapping || !place) return [];
        const using = withPlace(mapping, looksLike, place, places);
        return [{ name, rows, looksLike, mapping: using === mapping ? null : using }];
      }),
      shown: file?.shown ?? [],
    };
  });
}

function isFitting(shape: (typeof shapes)[number], sample: readonly RowValue[]): boolean {
  return sample.length > 0 && sample.filter((row) => shape.recognises(row)).length >= sample.length * 0.8;
}

interface Became {
  shown: ShownRow[];
  unused: { name: string; rows: number; looksLike?: FilePreview["unused"][number]["looksLike"] }[];
}

/** What the first rows of each file become, by its name. */
async function convertFirstRows(
  sources: readonly SourceFile[],
  options: ImportOptions,
): Promise<Map<string, Became>> {
  const files = new Map<string, Became>(sources.map(({ name }) => [name, { shown: [], unused: [] }]));
  let bytesLeft = SHOWN_BYTES;
  const shownRow = (name: string, row: number | undefined): ShownRow | null => {
    const shown = files.get(name)?.shown;
    if (!shown || row === undefined || row > SHOWN_ROWS) return null;
    const known = shown.find((one) => one.row === row);
    if (known) return known;
    const fresh: ShownRow = { row, records: [], problems: [] };
    shown.push(fresh);
    return fresh;
  };
  for await (const { records, problems, columns } of readImport(
    sources,
    options,
    undefined,
    CONVERTED_ROWS,
  )) {
    for (const { place, ...record } of records) {
      const shown = shownRecord(record);
      const size = writeJson(shown).length;
      if (size > bytesLeft) continue;
      const row = shownRow(place.file, place.row);
      if (!row) continue;
      bytesLeft -= size;
      row.records.push(shown);
    }
    for (const problem of problems)
      if (problem.code !== "unused-column") shownRow(problem.file, problem.row)?.problems.push(problem);
    for (const { file, ...use } of columns) files.get(file)?.unused.push(use);
  }
  for (const { shown } of files.values()) shown.sort((a, b) => a.row - b.row);
  return files;
}

function shownRecord({ prompt, responses, judgements }: ImportRecord): ShownRow["records"][number] {
  const { messages, tools, language, domain } = prompt;
  return {
    prompt: { messages, tools: tools ?? null, language: language ?? null, domain: domain ?? null },
    responses: responses.map(({ content, source }) => ({ content, source: source ?? null })),
    judgements: judgements.map(({ rater, questions, answers, at }) => ({
      rater,
      questions,
      answers,
      at: at?.toISOString() ?? null,
    })),
  };
}

function shortened(row: RowValue): RowValue {
  const columns = Object.entries(row).slice(0, SHOWN_COLUMNS);
  return Object.fromEntries(columns.map(([name, value]) => [name, shorten(value)]));
}

function shorten(value: unknown): unknown {
  if (typeof value === "string") return value.length > SHOWN_TEXT ? `${value.slice(0, SHOWN_TEXT)}…` : value;
  const text = jsonOf(value) ?? "";
  return text === "" || text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : value;
}
