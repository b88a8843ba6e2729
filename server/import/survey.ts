import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { limits } from "../limits";
import { inspectFile } from "./inspect";
import type { ImportBatch } from "./read";
import type { ImportOptions, ImportSurvey, Problem } from "./schema";
import type { SourceFile } from "./source/file";

/** Problems kept in the result; the file of problems has them all. */
const SHOWN_PROBLEMS = 500;

/**
 * Keeps account of an import, and writes problems and rows left out to files, one a line: as many as anybody will
 * read. The rest is counted.
 */
export class Surveyor {
  readonly survey: ImportSurvey = {
    files: [],
    rows: 0,
    records: 0,
    judgements: 0,
    columns: [],
    problems: {},
    errors: 0,
    firstProblems: [],
    rejectedRows: 0,
    unreported: 0,
  };
  private readonly problems: Report;
  private readonly rejected: Report;

  private constructor(paths: { problems: string; rejected: string }) {
    this.problems = new Report(paths.problems, limits.reportBytes, limits.reportedProblems);
    this.rejected = new Report(paths.rejected, limits.rejectedBytes);
  }

  static async open(
    sources: readonly SourceFile[],
    options: ImportOptions,
    paths: { problems: string; rejected: string },
  ): Promise<Surveyor> {
    const surveyor = new Surveyor(paths);
    for (const source of sources) surveyor.survey.files.push(await describe(source, options));
    return surveyor;
  }

  async add({ rows, records, rejected, problems, columns }: ImportBatch): Promise<void> {
    const { survey } = this;
    survey.rows += rows;
    survey.records += records.length;
    survey.rejectedRows += rejected.length;
    survey.columns.push(...columns);
    for (const { judgements } of records) survey.judgements += judgements.length;
    await this.note(problems);
    for (const row of rejected) if (!(await this.rejected.write(row))) survey.unreported++;
  }

  /** What was found about rows that were read. */
  async note(problems: readonly Problem[]): Promise<void> {
    const { survey } = this;
    for (const problem of problems) {
      survey.problems[problem.code] = (survey.problems[problem.code] ?? 0) + 1;
      if (problem.severity === "error") survey.errors++;
      if (survey.firstProblems.length < SHOWN_PROBLEMS) survey.firstProblems.push(problem);
      if (!(await this.problems.write(problem))) survey.unreported++;
    }
  }

  /** Ends the files, so that they can be read. */
  async close(): Promise<void> {
    await Promise.all([this.problems.close(), this.rejected.close()]);
  }
}

async function describe(source: SourceFile, options: ImportOptions): Promise<ImportSurvey["files"][number]> {
  const { plan, format, problems } = await inspectFile(source, options);
  return {
    name: source.name,
    format,
    shape: plan && { id: plan.shape.id, title: plan.shape.title },
    reason: plan?.reason ?? problems[0]?.message ?? "",
  };
}

/** Lines of a file, up to a size and a number. */
class Report {
  private readonly stream: WriteStream;

  constructor(
    path: string,
    private bytesLeft: number,
    private linesLeft = Number.POSITIVE_INFINITY,
  ) {
    this.stream = createWriteStream(path);
  }

  /** @param what a line as it stands, or what becomes one as JSON @returns false when there is no room for it */
  async write(what: string | Problem): Promise<boolean> {
    if (this.linesLeft === 0) return false;
    const line = `${typeof what === "string" ? what : JSON.stringify(what)}\n`;
    const size = Buffer.byteLength(line);
    if (size > this.bytesLeft) return false;
    this.bytesLeft -= size;
    this.linesLeft--;
    if (!this.stream.write(line)) await once(this.stream, "drain");
    return true;
  }

  async close(): Promise<void> {
    this.stream.end();
    await finished(this.stream);
  }
}
