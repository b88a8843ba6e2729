import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { and, asc, eq, gt } from "drizzle-orm";
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import type { Db } from "../../db/client";
import { dataset, datasetRow, datasetVersion, project } from "../../db/schema";
import { type DatasetRow, type Split, splits } from "../../db/shape/dataset";
import { invalid, notFound } from "../errors";
import { writeCard } from "./card";
import { type Layout, layoutOf } from "./layout";
import type { ExportSpec } from "./schema";

/** Rows in one file: about 200 MB of typical preference rows. */
const ROWS_PER_FILE = 100_000;
/** Divides ROWS_PER_FILE, so that a file is whole pages: steps of a page cost far less than steps of a row. */
const ROWS_PER_READ = 1_000;
/** A row group is what Parquet holds in memory while writing. */
const ROWS_PER_GROUP = 5_000;

export interface ExportedFile {
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

/**
 * Writes a version as a Hub repository is laid out: `data/<kind>/<split>-00000-of-0000N.<format>`, a card, and
 * `dataset_info.json` for LLaMA-Factory. Reads and writes in small portions: memory does not grow with the rows.
 */
export async function writeExport(db: Db, input: ExportInput): Promise<ExportedFile[]> {
  const { projectId, spec, folder } = input;
  const [found] = await db
    .select({ version: datasetVersion, owner: dataset, home: project })
    .from(datasetVersion)
    .innerJoin(dataset, eq(dataset.id, datasetVersion.datasetId))
    .innerJoin(project, eq(project.id, datasetVersion.projectId))
    .where(and(eq(datasetVersion.id, spec.versionId), eq(datasetVersion.projectId, projectId)));
  if (!found) throw notFound("The dataset version");
  const { version, owner, home } = found;
  const layout = layoutOf(owner.kind, spec.layout);
  const directory = join("data", owner.kind);
  await mkdir(join(folder, directory), { recursive: true });

  const files: ExportedFile[] = [];
  let done = 0;
  for (const split of splits) {
    const count = version.manifest.rows[split] ?? 0;
    const parts = Math.ceil(count / ROWS_PER_FILE);
    const check = spec.format === "parquet" ? refuseToolCalls : () => {};
    const pages = readPages(db, { versionId: version.id, split, layout, check });
    for (let part = 0; part < parts; part++) {
      const number = (value: number) => String(value).padStart(5, "0");
      const name = join(directory, `${split}-${number(part)}-of-${number(parts)}.${spec.format}`);
      const counted = (async function* () {
        for (let n = 0; n < ROWS_PER_FILE; n += ROWS_PER_READ) {
          const next = await pages.next();
          if (next.done) return;
          input.signal.throwIfAborted();
          done += next.value.length;
          input.onProgress(done, version.rows);
          yield next.value;
        }
      })();
      await writers[spec.format](join(folder, name), counted, layout);
      files.push({ name, mediaType: mediaTypes[spec.format] });
    }
  }

  if (layout.datasetInfo) {
    const entries = files.map((file) => {
      const split = splits.find((candidate) => file.name.includes(`/${candidate}-`));
      return [`${slug(owner.name)}_${split}`, { file_name: file.name, ...layout.datasetInfo }];
    });
    await writeFile(
      join(folder, "dataset_info.json"),
      `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`,
    );
    files.push({ name: "dataset_info.json", mediaType: "application/json" });
  }
  await writeFile(
    join(folder, "README.md"),
    writeCard({ project: home, dataset: owner, version, spec, files: files.map(({ name }) => name) }),
  );
  return [{ name: "README.md", mediaType: "text/markdown" }, ...files];
}

const slug = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "_");

const mediaTypes = { jsonl: "application/jsonl", parquet: "application/vnd.apache.parquet" };

type Page = Record<string, unknown>[];
type Pages = AsyncIterable<Page>;

const writers: Record<ExportSpec["format"], (path: string, pages: Pages, layout: Layout) => Promise<void>> = {
  async jsonl(path, pages) {
    const lines = async function* () {
      for await (const page of pages) yield page.map((row) => `${JSON.stringify(row)}\n`).join("");
    };
    await pipeline(Readable.from(lines()), createWriteStream(path));
  },
  async parquet(path, pages, { columns }) {
    const rows = async function* () {
      for await (const page of pages) yield* page;
    };
    await parquetWriteRows({
      writer: fileWriter(path),
      rows: rows(),
      columns: columns.map(([{ name }]) => ({ name })),
      schema: [{ name: "root", num_children: columns.length }, ...columns.flat()],
      rowGroupSize: ROWS_PER_GROUP,
    });
  },
};

/** The rows of a split in frozen order, as the layout writes them. The next page is read while one is written. */
async function* readPages(
  db: Db,
  {
    versionId,
    split,
    layout,
    check,
  }: { versionId: string; split: Split; layout: Layout; check: (row: DatasetRow) => void },
): AsyncGenerator<Page> {
  const pageAfter = (index: number) =>
    db
      .select({ index: datasetRow.index, row: datasetRow.row })
      .from(datasetRow)
      .where(
        and(eq(datasetRow.versionId, versionId), eq(datasetRow.split, split), gt(datasetRow.index, index)),
      )
      .orderBy(asc(datasetRow.index))
      .limit(ROWS_PER_READ);
  let page = await pageAfter(-1);
  while (page.length > 0) {
    const last = page[page.length - 1].index;
    const following = page.length < ROWS_PER_READ ? Promise.resolve([]) : pageAfter(last).execute();
    // Awaited below; until then a failure belongs to nobody.
    following.catch(() => {});
    yield page.map(({ row }) => {
      check(row);
      return layout.toRecord(row);
    });
    page = await following;
  }
}

/** A Parquet column has one shape, and the arguments of tool calls have any: leaving them out would go unseen. */
function refuseToolCalls(row: DatasetRow): void {
  const replies =
    "chosen" in row ? [row.chosen, row.rejected] : "completions" in row ? row.completions : [row.completion];
  const calls = [row.prompt, ...replies].some((messages) =>
    messages.some(({ tool_calls, tool_call_id }) => tool_calls || tool_call_id),
  );
  if (calls)
    throw invalid(`Row ${row.id}: its messages call tools, which Parquet cannot hold. Export JSONL instead.`);
}
