import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { type Actor, audit } from "../audit/audit";
import { makeSearchable } from "../content/search";
import { invalid } from "../errors";
import { projectChanged } from "../event/changed";
import { log } from "../log";
import { orderNewSeats } from "../seat/selection";
import { type CorrectionFinder, correctionProblems, openCorrections, writeCorrections } from "./corrections";
import type { KeyedRecord } from "./merge";
import { readImport } from "./read";
import type { ImportCounts, ImportSeats, ImportSpec, ImportSurvey } from "./schema";
import { SeatForecast, seatsEach } from "./seats";
import type { SourceFile } from "./source/file";
import type { Surveyor } from "./survey";
import { ImportWriter } from "./write";

/** Records looked up, and written, by one statement of each kind. */
const BATCH = 1000;

/**
 * Adds records to those that wait, and takes whole batches of them. A file that is one object brings all of its rows at
 * once, hundreds of thousands.
 */
function* batchesOf(pending: KeyedRecord[], more: readonly KeyedRecord[]): Generator<KeyedRecord[]> {
  for (const record of more) pending.push(record);
  while (pending.length >= BATCH) yield pending.splice(0, BATCH);
}

export interface ImportInput {
  projectId: string;
  runId: string;
  spec: Omit<ImportSpec, "files">;
  sources: readonly SourceFile[];
  /** Collects what was found, also when the import is refused in the end. */
  surveyor: Surveyor;
  onProgress(rows: number, bytes: number): void;
  signal: AbortSignal;
}

/**
 * Refuses an import that a person should look at first.
 * @throws BAD_REQUEST naming the first problem and what to do
 */
function requireImportable(survey: ImportSurvey, badRows: ImportSpec["badRows"]): void {
  const first = survey.firstProblems.find(({ severity }) => severity === "error");
  if (survey.errors > 0 && first && (badRows === "refuse" || survey.records === 0)) {
    const { file, line, row, field, message } = first;
    const place = [file, line ? `line ${line}` : row ? `row ${row}` : "", field ?? ""]
      .filter(Boolean)
      .join(", ");
    const count =
      survey.errors === 1 ? "One problem keeps" : `${survey.errors.toLocaleString("en")} problems keep`;
    const way = survey.records > 0 ? ", or import again and skip the bad rows" : "";
    throw invalid(
      `${count} the files from being imported; nothing was changed. The first is in ${place}: ${message} ` +
        `Correct what problems.jsonl lists${way}.`,
    );
  }
  if (survey.records === 0) throw invalid("The files hold nothing to import.");
}

/** Reads everything and changes nothing. @returns what an import would leave for experts to judge */
export async function checkFiles(db: Db, input: ImportInput): Promise<ImportSeats> {
  const { projectId, sources, spec, surveyor, onProgress, signal } = input;
  const forecast = await SeatForecast.open(db, { projectId, seats: spec.seats });
  const correctionsIn = await openCorrections(db, projectId);
  const lookUp = async (records: readonly KeyedRecord[]) => {
    await forecast.add(records);
    await surveyor.note(correctionProblems(await correctionsIn(records), spec.options));
  };
  const pending: KeyedRecord[] = [];
  for await (const batch of readImport(sources, spec.options)) {
    signal.throwIfAborted();
    await surveyor.add(batch);
    onProgress(surveyor.survey.rows, batch.bytes);
    for (const full of batchesOf(pending, batch.records)) await lookUp(full);
  }
  await lookUp(pending);
  return forecast.result();
}

/**
 * Imports all files in one transaction: either everything is there afterwards, or nothing has changed.
 * @returns what was added, and what it leaves for experts to judge
 */
export async function importFiles(
  db: Db,
  actor: Actor,
  input: ImportInput,
): Promise<{ counts: ImportCounts; seats: ImportSeats }> {
  const { projectId, runId, spec, sources, surveyor } = input;
  const done = await db.transaction(async (tx) => {
    // Two imports into one project one after the other: each sees what the other added.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`import ${projectId}`}, 0))`);
    // Plans are made while the tables are still small, and must not read them whole for every later batch.
    await tx.execute(sql`set local enable_seqscan = off`);
    const seats = await seatsEach(tx, { projectId, seats: spec.seats });
    const forecast = await SeatForecast.open(tx, { projectId, seats: spec.seats });
    const correctionsIn = await openCorrections(tx, projectId);
    const writer = await ImportWriter.open(tx, actor, { projectId, runId, seats });
    await readAndWrite(tx, { writer, forecast, correctionsIn }, input);
    await orderNewSeats(tx, projectId);
    requireImportable(surveyor.survey, spec.badRows);
    await audit(tx, actor, {
      action: "import.start",
      target: { kind: "run", id: runId },
      projectId,
      after: { files: sources.map(({ name }) => name), ...writer.counts },
    });
    return { counts: writer.counts, seats: await forecast.result() };
  });
  projectChanged(db, projectId);
  // Nobody waits for it: it takes longer than the import.
  makeSearchable(db).catch((cause) => log.warn({ cause }, "New texts are searched without the index."));
  return done;
}

/**
 * Reads on while the database writes. Once the import is bound to be refused, nothing more is written, and the rest
 * is read for its problems only.
 */
async function readAndWrite(
  tx: Db,
  {
    writer,
    forecast,
    correctionsIn,
  }: { writer: ImportWriter; forecast: SeatForecast; correctionsIn: CorrectionFinder },
  { projectId, sources, spec, surveyor, onProgress, signal }: ImportInput,
): Promise<void> {
  const { options } = spec;
  const write = async (records: readonly KeyedRecord[]) => {
    await forecast.add(records);
    const corrections = await correctionsIn(records);
    await surveyor.note(correctionProblems(corrections, options));
    await writer.write(records);
    writer.counts.revised += await writeCorrections(tx, { projectId, corrections, options });
  };
  const pending: KeyedRecord[] = [];
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const batch of readImport(sources, spec.options)) {
      signal.throwIfAborted();
      await surveyor.add(batch);
      onProgress(surveyor.survey.rows, batch.bytes);
      if (spec.badRows === "refuse" && surveyor.survey.errors > 0) continue;
      for (const full of batchesOf(pending, batch.records)) {
        await writing;
        writing = write(full);
        // Its failure is thrown where it is awaited, at the latest below.
        writing.catch(() => {});
      }
    }
  } finally {
    await writing;
  }
  if (pending.length > 0) await write(pending);
}
