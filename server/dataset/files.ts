import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { and, asc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { asyncBufferFromFile, parquetMetadataAsync } from "hyparquet";
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import type { Db } from "../../db/client";
import { dataset, datasetRow, datasetVersion, project } from "../../db/schema";
import type { DatasetRow } from "../../db/shape/dataset";
import { type Split, splits } from "../../db/shape/dataset-kinds";
import { writeJson } from "../../db/shape/written-json";
import { notFound } from "../errors";
import { writeCard } from "./card";
import { type Field, fitting, parquetSchema } from "./layout/column";
import { type ExportPlan, planExport, refusal } from "./plan";
import type { ExportFormat, ExportSpec } from "./schema";
import { traitsOf } from "./trait";

/** Rows in one file: about 200 MB of typical preference rows. */
const ROWS_PER_FILE = 100_000;
/** Divides ROWS_PER_FILE, so that a file is whole pages: steps of a page cost far less than steps of a row. */
const ROWS_PER_READ = 1_000;
/** The compressor's pieces: as large as a page, where its own would be many small ones. In bytes. */
const COMPRESSED_CHUNK = 1 << 20;
/** A row group is what Parquet holds in memory while writing. */
const ROWS_PER_GROUP = 5_000;

interface ExportedFile {
  /** Path inside the export, as in a Hub repository. */
  name: string;
  mediaType: string;
}

export interface ExportInput {
  projectId: string;
  spec: ExportSpec;
  /** The files are written below this folder. */
  folder: string;
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
}

export interface Exported {
  files: ExportedFile[];
  rows: number;
  /** Rows that the layout could not hold, by reason. */
  skipped: ExportPlan["skipped"];
}

/**
 * Writes a version as a Hub repository is laid out: `data/<kind>/<split>-00000-of-0000N.<format>`, a card, and
 * `dataset_info.json` for LLaMA-Factory. Reads and writes in small portions: memory does not grow with the rows.
 * @throws when the layout has no place for the rows or the format
 */
export async function writeExport(db: Db, input: ExportInput): Promise<Exported> {
  const { projectId, spec, folder } = input;
  const [found] = await db
    .select({ version: datasetVersion, owner: dataset, home: project })
    .from(datasetVersion)
    .innerJoin(dataset, eq(dataset.id, datasetVersion.datasetId))
    .innerJoin(project, eq(project.id, datasetVersion.projectId))
    .where(and(eq(datasetVersion.id, spec.versionId), eq(datasetVersion.projectId, projectId)));
  if (!found) throw notFound("The dataset version");
  const { version, owner, home } = found;
  const plan = await planExport(db, { version, kind: owner.kind, spec });
  const { layout, format, held, skipped } = plan;
  const columns = layout.columns(held);
  const total = splits.reduce((sum, split) => sum + plan.rows[split], 0);
  const directory = join("data", owner.kind);
  await mkdir(join(folder, directory), { recursive: true });

  const files: (ExportedFile & { split: Split; bytes: number })[] = [];
  let done = 0;
  const onPage = (rows: number) => {
    input.signal.throwIfAborted();
    done += rows;
    input.onProgress(done, total);
  };
  for (const split of splits) {
    const parts = Math.ceil(plan.rows[split] / ROWS_PER_FILE);
    const writeNext = formats[format](new FrozenRows(db, version, split, plan), columns, onPage);
    for (let part = 0; part < parts; part++) {
      const number = (value: number) => String(value).padStart(5, "0");
      const name = join(directory, `${split}-${number(part)}-of-${number(parts)}.${format}`);
      const bytes = await writeNext(join(folder, name));
      files.push({ name, mediaType: mediaTypes[format], split, bytes });
    }
  }

  const others: ExportedFile[] = [];
  if (layout.datasetInfo) {
    const entries = files.map(({ name, split }) => [
      `${slug(owner.name)}_${split}`,
      { file_name: name, ...layout.datasetInfo?.(held) },
    ]);
    await writeFile(
      join(folder, "dataset_info.json"),
      `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`,
    );
    others.push({ name: "dataset_info.json", mediaType: "application/json" });
  }
  await writeFile(
    join(folder, "README.md"),
    writeCard({ project: home, dataset: owner, version, spec, plan, columns, files }),
  );
  return {
    files: [
      { name: "README.md", mediaType: "text/markdown" },
      ...files.map(({ name, mediaType }) => ({ name, mediaType })),
      ...others,
    ],
    rows: total,
    skipped,
  };
}

const slug = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "_");

const mediaTypes: Record<ExportFormat, string> = {
  jsonl: "application/jsonl",
  parquet: "application/vnd.apache.parquet",
  csv: "text/csv",
};

type Written = Record<string, unknown>;
/** Writes the next file of a split. @returns its bytes before compression */
type WriteNext = (path: string) => Promise<number>;

const formats: Record<
  ExportFormat,
  (rows: FrozenRows, columns: readonly Field[], onPage: (rows: number) => void) => WriteNext
> = {
  jsonl: (rows, _, onPage) =>
    filesOf(rows.lines(), onPage, (path, pages) => writeText(path, pages, (page) => `${page.join("\n")}\n`)),
  csv: (rows, columns, onPage) =>
    filesOf(rows.records(), onPage, (path, pages) => {
      let head = `${columns.map(({ name }) => name).join(",")}\n`;
      return writeText(path, pages, (page) => {
        const lines = page.map((row) => `${columns.map(({ name }) => cell(row[name])).join(",")}\n`);
        const text = head + lines.join("");
        head = "";
        return text;
      });
    }),
  parquet: (rows, columns, onPage) =>
    filesOf(rows.records(), onPage, (path, pages) => writeParquet(path, pages, columns)),
};

/** @param onPage told how many rows come next */
function filesOf<Item>(
  rows: AsyncIterable<Item[]>,
  onPage: (rows: number) => void,
  write: (path: string, pages: AsyncIterable<Item[]>) => Promise<number>,
): WriteNext {
  const pages = pagesOf(rows);
  const ofOneFile = async function* () {
    for (let n = 0; n < ROWS_PER_FILE; n += ROWS_PER_READ) {
      const next = await pages.next();
      if (next.done) return;
      onPage(next.value.length);
      yield next.value;
    }
  };
  return (path) => write(path, ofOneFile());
}

async function writeParquet(
  path: string,
  pages: AsyncIterable<Written[]>,
  columns: readonly Field[],
): Promise<number> {
  const rows = async function* () {
    for await (const page of pages) yield* page;
  };
  const schema = columns.map(parquetSchema);
  await parquetWriteRows({
    writer: fileWriter(path),
    rows: rows(),
    columns: columns.map(({ name }) => ({ name })),
    schema: [{ name: "root", num_children: columns.length }, ...schema.flat()],
    rowGroupSize: ROWS_PER_GROUP,
    // Native, and so a fraction of the time that Snappy takes in JavaScript; every reader of Parquet has it.
    codec: "GZIP",
    compressors: { GZIP: (bytes) => gzipSync(bytes, { level: 1, chunkSize: COMPRESSED_CHUNK }) },
  });
  const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return row_groups.reduce((sum, { total_byte_size }) => sum + Number(total_byte_size), 0);
}

async function writeText<Item>(
  path: string,
  pages: AsyncIterable<Item[]>,
  textOf: (page: Item[]) => string,
): Promise<number> {
  let bytes = 0;
  const lines = async function* () {
    for await (const page of pages) {
      const text = Buffer.from(textOf(page));
      bytes += text.length;
      yield text;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
  return bytes;
}

/** A cell of RFC 4180; lists and structs stand in it as JSON text. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? writeJson(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Items in pages of one size, which a file is made of, whatever was left out between them. */
async function* pagesOf<Item>(rows: AsyncIterable<Item[]>): AsyncGenerator<Item[]> {
  let pending: Item[] = [];
  for await (const page of rows) {
    pending = pending.length === 0 ? page : [...pending, ...page];
    while (pending.length >= ROWS_PER_READ) {
      yield pending.slice(0, ROWS_PER_READ);
      pending = pending.slice(ROWS_PER_READ);
    }
  }
  if (pending.length > 0) yield pending;
}

/** The rows of a split in frozen order, without those that the layout cannot hold, as an export writes them. */
class FrozenRows {
  private readonly versionId: string;
  /** Of all splits: a row's index is below it. */
  private readonly frozenRows: number;

  constructor(
    private readonly db: Db,
    { id, rows }: Pick<typeof datasetVersion.$inferSelect, "id" | "rows">,
    private readonly split: Split,
    private readonly plan: ExportPlan,
  ) {
    this.versionId = id;
    this.frozenRows = rows;
  }

  /** As lines of JSON. */
  async *lines(): AsyncGenerator<string[]> {
    if (isFrozenAsWritten(this.plan)) yield* this.read(sql`${datasetRow.row}`.mapWith(String));
    else for await (const page of this.records()) yield page.map((record) => writeJson(record));
  }

  async *records(): AsyncGenerator<Written[]> {
    const { layout, format, held, skipped } = this.plan;
    const parts = layout
      .columns(held)
      .map(({ name, type, of }) => ({ name, of, shape: fitting(type, format) }));
    for await (const page of this.read(this.parsed()))
      yield page.flatMap((row) => {
        if (skipped.length > 0 && refusal(layout, traitsOf(row))) return [];
        const record: Written = {};
        for (const { name, of, shape } of parts) {
          const value = shape(of(row));
          if (value !== null || !layout.sparse) record[name] = value;
        }
        return [record];
      });
  }

  /** Calls of tools are the documents of a row, whose numbers are read as they were written: that takes its time. */
  private parsed(): SQL<DatasetRow> {
    const row = sql<DatasetRow>`${datasetRow.row}`;
    return this.plan.held.calls ? row.mapWith(datasetRow.row) : row.mapWith(JSON.parse);
  }

  /**
   * The next page is read while one is written. A page is a range of indexes: asked for its first thousand rows after
   * the last, the planner sorts all that follow, page after page, until a version just frozen has been analysed.
   */
  private async *read<Item>(item: SQL<Item>): AsyncGenerator<Item[]> {
    const { db, versionId, split } = this;
    const pageFrom = (index: number) =>
      db
        .select({ item })
        .from(datasetRow)
        .where(
          and(
            eq(datasetRow.versionId, versionId),
            eq(datasetRow.split, split),
            gte(datasetRow.index, index),
            lt(datasetRow.index, index + ROWS_PER_READ),
          ),
        )
        .orderBy(asc(datasetRow.index));
    let page = pageFrom(0).execute();
    for (let index = 0; index < this.frozenRows; index += ROWS_PER_READ) {
      const rows = await page;
      page = pageFrom(index + ROWS_PER_READ).execute();
      // Awaited by the next step; until then a failure belongs to nobody.
      page.catch(() => {});
      if (rows.length > 0) yield rows.map(({ item }) => item);
    }
  }
}

/**
 * Whether the records of an export are its rows as they were frozen, key by key. A key that only some rows have would
 * be missing in the others, where a record has a null.
 */
const isFrozenAsWritten = ({ layout, held, skipped }: ExportPlan): boolean =>
  layout.asFrozen === true &&
  skipped.length === 0 &&
  !(held.tools || held.calls || held.names || held.thoughts);
