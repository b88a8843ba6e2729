import { createHash } from "node:crypto";
import { promptKey, responseKey, taskKey } from "../content/keys";
import { languageSchema } from "../content/schema";
import { checkRecord } from "./check";
import { FileRefused, type Finding, problem, RowRefused } from "./problems";
import type { ImportOptions, ImportRecord, Judgement, Place, Problem } from "./schema";
import { mappedShape } from "./shapes/mapped";
import { detectShape, shapes } from "./shapes/registry";
import { type Conversion, ImportSession, type Shape } from "./shapes/shape";
import type { SourceFile } from "./source/file";
import { type OpenedFile, openFile } from "./source/open";
import type { RowValue, SourceRow } from "./source/row";

/** A record ready to be stored: checked, with its place in the files and the keys under which it is merged. */
export interface KeyedRecord extends ImportRecord {
  place: Place;
  promptKey: string;
  responseKeys: string[];
  taskKey: string;
}

/** What a stretch of rows gave. */
export interface ImportBatch {
  records: KeyedRecord[];
  problems: Problem[];
  /** Rows that were left out, as JSON (or as they stand in the file), to be corrected and imported again. */
  rejected: string[];
  /** Rows read in this batch. */
  rows: number;
  /** Bytes read of all files so far. */
  bytes: number;
}

/** What is known about a file before its rows are converted. */
export interface FilePlan {
  file: string;
  format: string;
  shape: Shape;
  reason: string;
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
    if (!decided) throw new FileRefused({ file }, unrecognised(firstRows, columns));
    const plan = { ...decided, file, format, findings, rows: opened.rows };
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

function unrecognised(rows: SourceRow[], columns: string[]): Finding {
  const unreadable = rows.find((row) => "finding" in row);
  if (columns.length === 0 && unreadable && "finding" in unreadable) return unreadable.finding;
  const shown = columns.slice(0, 12).join(", ");
  const more = columns.length > 12 ? ` and ${columns.length - 12} more` : "";
  return { code: "unrecognised-shape", message: `No known shape has the columns ${shown}${more}.` };
}

/** The first rows. A file that breaks off after some has them all the same; reading it will say so. */
async function take(rows: AsyncGenerator<SourceRow[]>, count: number): Promise<SourceRow[]> {
  const taken: SourceRow[] = [];
  try {
    for await (const batch of rows) {
      taken.push(...batch);
      if (taken.length >= count) break;
    }
  } catch (error) {
    if (!(error instanceof FileRefused) || taken.length === 0) throw error;
  }
  return taken.slice(0, count);
}

/**
 * Reads all files of an import as one stream of records and problems, in the memory of one batch. Files that
 * complete others come first, so that votes find their texts whatever the order of upload.
 */
export async function* readImport(
  sources: readonly SourceFile[],
  options: ImportOptions,
): AsyncGenerator<ImportBatch> {
  const counter = { bytes: 0 };
  const session = new ImportSession();
  const merger = new Merger();
  const plans: FilePlan[] = [];
  for (const source of sources) {
    const { plan, problems } = await inspectFile(counting(source, counter), options);
    if (problems.length > 0) yield { ...emptyBatch(), problems };
    if (plan) plans.push(plan);
  }
  counter.bytes = 0;
  plans.sort((a, b) => readingOrder(a.shape) - readingOrder(b.shape));
  const open = plans.map((plan) => new FileConversion(plan, session, options, merger));
  for (const conversion of open)
    for await (const batch of conversion.rows()) yield { ...batch, bytes: counter.bytes };
  for (const conversion of open) {
    const batch = conversion.end();
    if (batch.records.length + batch.problems.length > 0) yield { ...batch, bytes: counter.bytes };
  }
}

function readingOrder(shape: Shape): number {
  const place = shapes.indexOf(shape);
  return (shape.companion ? 0 : shapes.length) + (place < 0 ? shapes.length : place);
}

/** The same file, its bytes counted as they are read. */
function counting(source: SourceFile, counter: { bytes: number }): SourceFile {
  return {
    ...source,
    async *read(start, end) {
      for await (const chunk of source.read(start, end)) {
        counter.bytes += chunk.length;
        yield chunk;
      }
    },
  };
}

function emptyBatch(): ImportBatch {
  return { records: [], problems: [], rejected: [], rows: 0, bytes: 0 };
}

/** The rows of one file, converted. */
class FileConversion {
  private readonly conversion: Conversion<RowValue>;
  private batch = emptyBatch();
  private place: Place;

  constructor(
    private readonly plan: FilePlan,
    session: ImportSession,
    private readonly options: ImportOptions,
    private readonly merger: Merger,
  ) {
    this.place = { file: plan.file };
    this.conversion = plan.shape.open({
      session,
      file: plan.file,
      warn: (finding) => this.batch.problems.push(problem(this.place, finding)),
    });
  }

  async *rows(): AsyncGenerator<ImportBatch> {
    try {
      for await (const rows of this.plan.rows()) {
        this.batch = emptyBatch();
        this.batch.rows = rows.length;
        for (const row of rows) this.convert(row);
        const batch = this.batch;
        this.batch = emptyBatch();
        yield batch;
      }
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      this.batch.problems.push(error.problem);
      yield this.batch;
    }
  }

  /** What needed all rows of all files. */
  end(): ImportBatch {
    this.batch = emptyBatch();
    this.place = { file: this.plan.file };
    for (const record of this.conversion.end?.() ?? []) this.keep(record);
    return this.batch;
  }

  private convert(row: SourceRow): void {
    this.place = { file: this.plan.file, row: row.row, line: row.line };
    if ("finding" in row) {
      this.reject([row.finding], row.raw);
      return;
    }
    try {
      if (typeof row.value.canary === "string" && row.row === 1)
        this.batch.problems.push(
          problem(this.place, { code: "benchmark-canary", field: "canary", message: row.value.canary }),
        );
      const kept = this.conversion.row(row.value).map((record) => this.keep(record));
      if (kept.includes(false)) this.batch.rejected.push(JSON.stringify(row.value));
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      const companion = error.findings.find(({ code }) => code === "missing-companion");
      if (companion) throw new FileRefused({ file: this.plan.file }, companion);
      this.reject(error.findings, JSON.stringify(row.value));
    }
  }

  private reject(findings: readonly Finding[], raw: string | undefined): void {
    for (const finding of findings) this.batch.problems.push(problem(this.place, finding));
    if (raw !== undefined) this.batch.rejected.push(raw);
  }

  /** @returns false when the record has an error */
  private keep(converted: ImportRecord): boolean {
    const record = withOptions(converted, this.options);
    const problems = checkRecord(record).map((finding) => problem(this.place, finding));
    this.batch.problems.push(...problems);
    if (problems.some(({ severity }) => severity === "error")) return false;
    if (record.prompt.language !== undefined && !languageSchema.safeParse(record.prompt.language).success) {
      record.prompt.metadata.language = record.prompt.language;
      record.prompt.language = undefined;
    }
    const merged = this.merger.merge(record, this.place);
    if ("finding" in merged) this.batch.problems.push(problem(this.place, merged.finding));
    else this.batch.records.push(merged);
    return true;
  }
}

function withOptions(record: ImportRecord, options: ImportOptions): ImportRecord {
  const prompt = {
    ...record.prompt,
    language: record.prompt.language ?? options.language,
    domain: record.prompt.domain ?? options.domain,
    source: record.prompt.source ?? options.source,
  };
  const [only] = record.judgements;
  const demonstration = only?.rater.kind === "label" ? only.answers.demonstration : undefined;
  if (options.replies === "response" && record.responses.length === 0 && demonstration?.type === "text")
    return {
      prompt,
      responses: [{ content: demonstration.text, metadata: {} }],
      judgements: record.judgements.slice(1),
    };
  return { ...record, prompt, judgements: options.judgements ? record.judgements : [] };
}

/** Finds rows that say again what an earlier row said. Keeps about 200 bytes for each judgement. */
class Merger {
  private readonly firstSeen = new Map<string, Place>();
  /** What each rater said about each task. */
  private readonly said = new Map<string, string>();

  merge(record: ImportRecord, place: Place): KeyedRecord | { finding: Finding } {
    const prompt = promptKey(record.prompt.messages, record.prompt.tools);
    const responses = record.responses.map(responseKey);
    const task = taskKey(prompt, responses);
    const before = this.firstSeen.get(task);
    if (!before) this.firstSeen.set(task, place);
    const known = { repeated: "" };
    const judgements = record.judgements.flatMap((judgement) =>
      this.fresh(task, responses, judgement, known),
    );
    if (before && judgements.length === 0) {
      const where = `row ${before.row ?? "?"} of ${before.file}`;
      return {
        finding: known.repeated
          ? {
              code: "repeated-judgement",
              message: `${known.repeated} judged the same responses in ${where}.`,
            }
          : { code: "duplicate", message: `The row says the same as ${where}.` },
      };
    }
    return { ...record, judgements, place, promptKey: prompt, responseKeys: responses, taskKey: task };
  }

  /** A named rater judges a task once. Labels without a name may differ: they are the words of different people. */
  private fresh(
    task: string,
    responses: readonly string[],
    judgement: Judgement,
    known: { repeated: string },
  ): Judgement[] {
    const { rater, answers } = judgement;
    const words = fingerprint(responses, answers);
    for (let number = 1; ; number++) {
      const id = number === 1 ? rater.id : `${rater.id} ${number}`;
      const key = `${task}/${rater.kind}/${id}`;
      const before = this.said.get(key);
      if (before === undefined) {
        this.said.set(key, words);
        return [number === 1 ? judgement : { ...judgement, rater: { ...rater, id } }];
      }
      if (before === words) return [];
      if (rater.kind !== "label") {
        known.repeated = rater.id;
        return [];
      }
    }
  }
}

/** The answers and the order of the responses they speak about, short enough to keep for every judgement. */
function fingerprint(responses: readonly string[], answers: unknown): string {
  return createHash("sha1")
    .update(JSON.stringify([responses, answers]))
    .digest("base64");
}
