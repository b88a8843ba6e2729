import { languageSchema } from "../content/schema";
import { isTooDeep } from "../errors";
import { limits } from "../limits";
import { checkRecord } from "./check";
import { ColumnLedger } from "./columns";
import { type FilePlan, inspectFile } from "./inspect";
import { type KeyedRecord, Merger } from "./merge";
import { FileRefused, type Finding, problem, RowRefused } from "./problems";
import {
  type ColumnUse,
  type ImportOptions,
  type ImportRecord,
  lookWords,
  type Place,
  type Problem,
} from "./schema";
import { shapes } from "./shapes/registry";
import { type Conversion, ImportSession, type Shape } from "./shapes/shape";
import type { SourceFile } from "./source/file";
import { jsonOf, type RowValue, type SourceRow } from "./source/row";

/** What a stretch of rows gave. */
export interface ImportBatch {
  records: KeyedRecord[];
  problems: Problem[];
  /** Rows that were left out, as JSON (or as they stand in the file), to be corrected and imported again. */
  rejected: string[];
  /** What became of the columns of the files that end with this batch. */
  columns: ColumnUse[];
  /** Rows read in this batch. */
  rows: number;
  /** Bytes read of all files so far. */
  bytes: number;
}

/**
 * Reads all files of an import as one stream of records and problems, in the memory of one batch. Files that
 * complete others come first, so that votes find their texts whatever the order of upload.
 */
export async function* readImport(
  sources: readonly SourceFile[],
  options: ImportOptions,
  mostRows: number = limits.importRows,
  /** A look at the first rows ends each file after so many, but for those that complete others. */
  firstRows: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<ImportBatch> {
  const counter = { bytes: 0 };
  const merger = new Merger();
  const plans: FilePlan[] = [];
  for (const source of sources) {
    const { plan, problems } = await inspectFile(counting(source, counter), options);
    if (problems.length > 0) yield { ...emptyBatch(), problems };
    if (plan) plans.push(plan);
  }
  counter.bytes = 0;
  plans.sort((a, b) => readingOrder(a.shape) - readingOrder(b.shape));
  const session = new ImportSession(plans.some(({ shape }) => shape.refers));
  const open = plans.map((plan) => new FileConversion(plan, session, options, merger));
  let rows = 0;
  for (const conversion of open) {
    let own = 0;
    for await (const batch of conversion.rows()) {
      rows += batch.rows;
      own += batch.rows;
      yield { ...batch, bytes: counter.bytes };
      if (rows > mostRows) {
        const message = `The files have more than ${mostRows.toLocaleString("en")} rows.`;
        yield {
          ...emptyBatch(),
          problems: [problem({ file: conversion.file }, { code: "too-many-rows", message })],
        };
        return;
      }
      if (own >= firstRows && !conversion.isCompanion) break;
    }
  }
  for (const conversion of open) yield { ...conversion.end(), bytes: counter.bytes };
}

function readingOrder(shape: Shape): number {
  const place = shapes.findIndex(({ id }) => id === shape.id);
  const group = shape.companion ? 0 : shape.refers ? 2 : 1;
  return group * (shapes.length + 1) + (place < 0 ? shapes.length : place);
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
  return { records: [], problems: [], rejected: [], columns: [], rows: 0, bytes: 0 };
}

/** The rows of one file, converted. */
class FileConversion {
  private readonly conversion: Conversion<RowValue>;
  private batch = emptyBatch();
  private place: Place;
  private readonly ledger: ColumnLedger;

  constructor(
    private readonly plan: FilePlan,
    private readonly session: ImportSession,
    private readonly options: ImportOptions,
    private readonly merger: Merger,
  ) {
    this.place = { file: plan.file };
    this.ledger = new ColumnLedger(options.mapping !== undefined);
    this.conversion = plan.shape.open({
      session,
      file: plan.file,
      sample: plan.sample,
      warn: (finding) => this.batch.problems.push(problem(this.place, finding)),
    });
  }

  get file(): string {
    return this.plan.file;
  }

  get isCompanion(): boolean {
    return this.plan.shape.companion;
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
    const late = this.conversion.end?.() ?? [];
    for (const record of late) this.keep(record);
    this.batch.columns = this.ledger.end(this.plan.file, late);
    for (const { name, rows, looksLike } of this.batch.columns)
      if (looksLike)
        this.batch.problems.push(
          problem(this.place, {
            code: "unused-column",
            field: name,
            message:
              `"${name}" looks like ${lookWords[looksLike]} and is not used: its ${rows.toLocaleString("en")} ` +
              `${rows === 1 ? "value is" : "values are"} kept as metadata.`,
          }),
        );
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
      // As `server/red-team` marks what it exports.
      if (row.value.neverChosen === true)
        throw new RowRefused({
          ...{ code: "never-chosen", field: "neverChosen" },
          message: "A model wrote this under attack, and its project says that it is never to be chosen.",
        });
      const records = this.conversion.row(row.value);
      const kept = records.map((record) => this.keep(record));
      if (kept.includes(false)) this.reject([], asWritten(row));
      else this.ledger.add(row.value, records);
    } catch (error) {
      if (isTooDeep(error)) {
        const message = "The row is nested deeper than it can be read.";
        this.reject([{ code: "nested-too-deep", message }], asWritten(row));
        return;
      }
      if (!(error instanceof RowRefused)) throw error;
      const companion = error.findings.find(({ code }) => code === "missing-companion");
      if (companion) throw new FileRefused({ file: this.plan.file }, companion);
      this.reject(error.findings, asWritten(row));
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
    const { language } = record.prompt;
    record.prompt.language = languageSchema.safeParse(language).data;
    if (record.prompt.language === undefined && language !== undefined)
      record.prompt.metadata.language = language;
    this.session.remember(record);
    const merged = this.merger.merge(record, this.place, (finding) =>
      this.batch.problems.push(problem(this.place, finding)),
    );
    if ("finding" in merged) this.batch.problems.push(problem(this.place, merged.finding));
    else this.batch.records.push(merged);
    return true;
  }
}

/** A row in one line, as its file spells it where that is JSON: a line end in JSON stands between two tokens. */
const asWritten = ({ value, raw }: Extract<SourceRow, { value: RowValue }>): string | undefined =>
  raw === undefined ? jsonOf(value) : raw.replace(/[\r\n]+\s*/g, " ").trim();

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
