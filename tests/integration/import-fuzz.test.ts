import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { TRPCError } from "@trpc/server";
import { sql } from "drizzle-orm";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, expect, it } from "vitest";
import { run } from "@/db/schema";
import { system } from "@/server/audit/audit";
import { csvLine } from "@/server/csv";
import { checkFiles, importFiles } from "@/server/import/import";
import { importSpecSchema } from "@/server/import/schema";
import { shapes } from "@/server/import/shapes/registry";
import { fileInMemory } from "@/server/import/source/file";
import { isRecord, type RowValue } from "@/server/import/source/row";
import { Surveyor } from "@/server/import/survey";
import { randomOf } from "@/server/statistics/math/random";
import { nightly } from "../nightly";
import { testDatabase } from "./database";
import { newKey, type Study, study } from "./study";

/**
 * Files that nobody wrote, each made from its number alone: rows of every shape, damaged as rows, written into every
 * container, damaged as bytes. Whatever they hold, an import ends with a refusal that names what to do and leaves no
 * row behind, or with exactly what it says it added.
 */
const FILES = nightly ? 10_000 : 120;
/** The first of them: a walk of hours goes on where it was stopped. */
const FIRST = Number(process.env.CONCORD_FUZZ_FROM ?? 0);
/** The one after the last. */
const END = Number(process.env.CONCORD_FUZZ_TO ?? FIRST + FILES);
/** Files of one project: counting what it holds stays quick. */
const FILES_A_PROJECT = 100;

const database = await testDatabase();
const { db } = database;
const folder = await mkdtemp(join(tmpdir(), "concord-fuzz-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

class Dice {
  private readonly random: () => number;
  constructor(seed: number) {
    this.random = randomOf(seed);
  }
  below(count: number): number {
    return Math.floor(this.random() * count);
  }
  hits(probability: number): boolean {
    return this.random() < probability;
  }
  one<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, place: this.random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }
}

/** A list of lists of … of one value. */
const nested = (depth: number): unknown => JSON.parse(`${"[".repeat(depth)}null${"]".repeat(depth)}`);

/** What stands where something else was meant. */
const oddities: ((dice: Dice, value: unknown) => unknown)[] = [
  () => null,
  () => "",
  () => "   ",
  () => 0,
  () => -1.5e308,
  () => true,
  () => [],
  () => ({}),
  () => [null, [null, { a: null }]],
  () => nested(60),
  (_, value) => [value],
  (_, value) => ({ value }),
  (_, value) => JSON.stringify(value) ?? "",
  (_, value) => String(value),
  (dice) => "long ".repeat(1 + dice.below(20_000)),
  () => "nul \u0000 inside",
  () => "half \ud83d of a pair",
  () => "\u202emirrored\u2028line",
  () => "=1+1",
  () => "9007199254740993",
  (dice) => dice.below(10) - 5,
  (dice) => dice.one(["a", "A", "tie", "both", "model_a", "1", "left"]),
];

/** Somewhere in a value, perhaps deep, something else. */
function spoiled(dice: Dice, value: unknown): unknown {
  if (Array.isArray(value) && value.length > 0 && dice.hits(0.7)) {
    const at = dice.below(value.length);
    if (dice.hits(0.15)) return value.filter((_, index) => index !== at);
    if (dice.hits(0.15)) return [...value, value[at]];
    return value.map((item, index) => (index === at ? spoiled(dice, item) : item));
  }
  if (isRecord(value) && dice.hits(0.7)) return spoiledRow(dice, value);
  return dice.one(oddities)(dice, value);
}

function spoiledRow(dice: Dice, row: RowValue): RowValue {
  const entries = Object.entries(row);
  if (entries.length === 0) return row;
  const at = dice.below(entries.length);
  const [name, value] = entries[at];
  const others = entries.filter((_, index) => index !== at);
  switch (dice.below(5)) {
    case 0:
      return Object.fromEntries(others);
    case 1:
      return Object.fromEntries([...others, [dice.one([name.toUpperCase(), `${name} `, "", "id"]), value]]);
    case 2:
      return Object.fromEntries(dice.shuffled(entries));
    default:
      return { ...row, [name]: spoiled(dice, value) };
  }
}

/** The same row with texts of its own, so that rows of one file differ. */
function varied(row: RowValue, mark: number): RowValue {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" && value.includes(" ") ? `${value} ${mark}` : value,
    ]),
  );
}

function rowsOf(dice: Dice): RowValue[] {
  const { example } = dice.one(shapes);
  const rows = Array.from({ length: 1 + dice.below(6) }, (_, index) => varied(example, index));
  if (dice.hits(0.15)) rows.push(dice.one(shapes).example);
  if (dice.hits(0.15)) rows.push(rows[0]);
  const damage = dice.below(4);
  for (let n = 0; n < damage; n++) {
    const at = dice.below(rows.length);
    rows[at] = spoiledRow(dice, rows[at]);
  }
  return rows;
}

const cell = (value: unknown) =>
  typeof value === "string" || value === null || value === undefined ? value : JSON.stringify(value);

function table(rows: readonly RowValue[], delimiter: string): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [names, ...rows.map((row) => names.map((name) => cell(row[name])))]
    .map((cells) =>
      delimiter === "," ? csvLine(cells) : `${cells.map((text) => text ?? "").join(delimiter)}\n`,
    )
    .join("");
}

function parquet(rows: readonly RowValue[]): Uint8Array {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "");
  if (names.length === 0) return new Uint8Array();
  const columnData = names.map((name) => ({ name, data: rows.map((row) => cell(row[name]) ?? null) }));
  return new Uint8Array(
    parquetWriteBuffer({ columnData: columnData.map((column) => ({ ...column, type: "STRING" })) }),
  );
}

const lines = (rows: readonly RowValue[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const containers: Record<string, (rows: readonly RowValue[]) => string | Uint8Array> = {
  "rows.jsonl": lines,
  "rows.json": (rows) => JSON.stringify(rows, null, 1),
  "wrapped.json": (rows) => JSON.stringify({ version: 1, data: rows }),
  "rows.csv": (rows) => table(rows, ","),
  "rows.tsv": (rows) => table(rows, "\t"),
  "semicolons.csv": (rows) => table(rows, ";"),
  "rows.parquet": parquet,
  "marked.jsonl": (rows) => `\ufeff${lines(rows)}`,
  "wide.jsonl": (rows) => Buffer.from(`\ufeff${lines(rows)}`, "utf16le"),
  "western.csv": (rows) => Buffer.from(table(rows, ","), "latin1"),
  "carried.jsonl": (rows) => lines(rows).replaceAll("\n", "\r\n"),
  "misnamed.csv": lines,
  "prompt.txt": lines,
};

function bytesOf(dice: Dice): { name: string; bytes: Uint8Array; isDamaged: boolean } {
  const [name, write] = dice.one(Object.entries(containers));
  let bytes: Uint8Array = Buffer.from(write(rowsOf(dice)));
  const zipped = dice.hits(0.15);
  const damage = () => {
    switch (dice.below(4)) {
      case 0:
        return bytes.subarray(0, dice.below(bytes.length + 1));
      case 1:
        return bytes.map((byte, index) => (index === place ? dice.below(256) : byte));
      case 2:
        return Buffer.concat([bytes.subarray(0, place), bytes.subarray(Math.floor(place / 2))]);
      default:
        return Buffer.concat([bytes.subarray(0, place), Buffer.alloc(dice.below(40)), bytes.subarray(place)]);
    }
  };
  const place = dice.below(bytes.length + 1);
  const isDamaged = dice.hits(0.25);
  if (isDamaged) bytes = damage();
  if (zipped) bytes = gzipSync(bytes);
  if (zipped && dice.hits(0.3)) bytes = damage();
  return { name: zipped ? `${name}.gz` : name, bytes, isDamaged };
}

/** Longer than a file of some kilobytes takes on any machine. */
const READING_MS = 30_000;

/** Whether reading comes to an end: a damaged file may keep its reader for ever, which ends an import's process. */
function isReadable(name: string, bytes: Uint8Array): boolean {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const reader = spawnSync(process.execPath, ["--import", "tsx", "tests/integration/memory-child.ts", path], {
    timeout: READING_MS,
    killSignal: "SIGKILL",
  });
  return reader.signal === null;
}

/** What an import fills, counted. */
async function held(projectId: string) {
  const [row] = await db.execute<
    Record<"prompts" | "responses" | "tasks" | "judgements" | "others", number>
  >(sql`
    with here as (select ${projectId}::uuid as id)
    select (select count(*)::int from prompt where project_id = here.id) as prompts,
      (select count(*)::int from response where project_id = here.id) as responses,
      (select count(*)::int from task where project_id = here.id) as tasks,
      (select count(*)::int from annotation where project_id = here.id) as judgements,
      (select count(*)::int from assignment where project_id = here.id)
        + (select count(*)::int from preference where project_id = here.id)
        + (select count(*)::int from mark_fact where project_id = here.id)
        + (select count(*)::int from pair where project_id = here.id)
        + (select count(*)::int from form_version where project_id = here.id)
        + (select count(*)::int from rater where project_id = here.id) as others
    from here`);
  return row;
}

/** One file through its check and its import. @returns how it ended */
async function through({ projectId }: Study, seed: number): Promise<keyof typeof noneYet> {
  const dice = new Dice(seed);
  const { name, bytes, isDamaged } = bytesOf(dice);
  if (isDamaged && name.includes(".parquet") && !isReadable(name, bytes)) return "endless";
  const spec = importSpecSchema.parse({
    files: [{ name, sha256: "0".repeat(64) }],
    badRows: dice.one(["refuse", "skip"]),
    seats: dice.below(3),
    options: { replies: dice.one(["demonstration", "response"]), judgements: dice.hits(0.7) },
  });
  const asked = async <T>(work: (input: Parameters<typeof checkFiles>[1]) => Promise<T>) => {
    const runId = newKey();
    await db.insert(run).values({ id: runId, projectId, kind: "import", title: "Import", spec: {} });
    const sources = [fileInMemory(name, bytes)];
    const paths = { problems: join(folder, "problems.jsonl"), rejected: join(folder, "rejected.jsonl") };
    const surveyor = await Surveyor.open(sources, spec.options, paths);
    try {
      const given = { projectId, runId, spec, sources, surveyor, onProgress() {} };
      const result = await work({ ...given, signal: new AbortController().signal });
      return { result, survey: surveyor.survey };
    } catch (error) {
      if (!(error instanceof TRPCError && error.code === "BAD_REQUEST")) throw error;
      expect(error.message.length).toBeGreaterThan(20);
      return { result: null, survey: surveyor.survey };
    } finally {
      await surveyor.close();
    }
  };
  const before = await held(projectId);
  const checked = await asked((input) => checkFiles(db, input));
  expect(checked.result, "a check refuses nothing").not.toBeNull();
  expect(await held(projectId), "a check changes nothing").toEqual(before);
  const { result, survey } = await asked((input) => importFiles(db, system, input));
  const after = await held(projectId);
  if (result === null) {
    expect(after, "a refused import changes nothing").toEqual(before);
    expect(survey.errors > 0 || survey.records === 0, "a refusal has its reason").toBe(true);
    return "refused";
  }
  expect([survey.rows, survey.records, survey.errors], "the check told the same").toEqual([
    checked.survey.rows,
    checked.survey.records,
    checked.survey.errors,
  ]);
  for (const kind of ["prompts", "responses", "tasks"] as const)
    expect(after[kind] - before[kind], kind).toBe(result.counts[kind].added);
  expect(after.judgements - before.judgements, "judgements").toBe(
    result.counts.judgements.added + result.counts.revised,
  );
  return "done";
}

const noneYet = { refused: 0, done: 0, endless: 0 };

it(`${(END - FIRST).toLocaleString("en")} damaged files leave what they say they left, or nothing`, {
  timeout: nightly ? 3_600_000 : 180_000,
}, async () => {
  const ended = { ...noneYet };
  let home = await study(database, { tasks: 0 });
  let early = 0;
  for (let seed = FIRST; seed < END; seed++) {
    if ((seed - FIRST) % FILES_A_PROJECT === 0) home = await study(database, { tasks: 0 });
    try {
      ended[await through(home, seed)]++;
    } catch (cause) {
      throw new Error(`The file of seed ${seed}`, { cause });
    }
    if (seed === FIRST + Math.floor((END - FIRST) / 4)) early = process.memoryUsage().rss;
  }
  // Both ways out were taken often: neither a generator that only breaks things nor one that breaks nothing.
  expect(Math.min(ended.refused, ended.done)).toBeGreaterThan((END - FIRST) / 10);
  expect((process.memoryUsage().rss - early) / 2 ** 20).toBeLessThan(150);
});
