import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { ByteWriter, parquetWrite } from "hyparquet-writer";
import { afterAll, expect, it, vi } from "vitest";
import { keepUpload } from "@/server/artifact/keep";
import { storeFromEnvironment } from "@/server/artifact/store";
import { cleanEnvironment, runCaged, TooMuch } from "@/server/child";
import { env } from "@/server/env";
import { Surveyor } from "@/server/import/survey";
import { limits } from "@/server/limits";
import { testDatabase } from "./database";
import { study } from "./study";

const { data } = await vi.hoisted(async () => {
  const { mkdtemp } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const data = await mkdtemp(join(tmpdir(), "concord-memory-"));
  process.env.CONCORD_DATA = data;
  process.env.AUTH_SECRET = "a secret that only this test file knows";
  return { data };
});
const database = await testDatabase();
const store = storeFromEnvironment(env());
afterAll(() => rm(data, { recursive: true, force: true }));

/** The most memory that this process ever had, as the kernel says. */
const highWaterMiB = () =>
  Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;

/** What reading a file takes, in a process of its own. */
async function reading(name: string, bytes: Uint8Array) {
  await mkdir(join(data, "files"), { recursive: true });
  const path = join(data, "files", name);
  await writeFile(path, bytes);
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...["--import", "tsx", "tests/integration/memory-child.ts", path],
  ]);
  return JSON.parse(stdout);
}

/** A template and blanks for ever: 100 kB that unpack to 96 MB. */
const bomb = () => gzipSync(Buffer.concat([Buffer.from("{{column}} "), Buffer.alloc(96 * 2 ** 20, 32)]));

it("a small gzip that unpacks without end is refused where it goes too far", async () => {
  const bytes = bomb();
  expect(bytes.length).toBeLessThan(150_000);
  const read = await reading("prompts.txt.gz", bytes);
  expect(read).toMatchObject({ rows: 0, refused: "row-too-long" });
  const json = gzipSync(Buffer.concat([Buffer.from('{"prompt": "'), Buffer.alloc(96 * 2 ** 20, 120)]));
  const parsed = await reading("rows.jsonl.gz", json);
  expect(parsed.refused).toBe("unpacks-too-far");
  expect(Math.max(read.peakMiB, parsed.peakMiB)).toBeLessThan(300);
});

it("millions of equal rows of a Parquet file take the memory of some", { timeout: 240_000 }, async () => {
  const writer = new ByteWriter();
  const data = new Array<string>(2_000_000).fill("Why?");
  parquetWrite({
    writer,
    columnData: [{ name: "prompt", data, type: "STRING" }],
    rowGroupSize: 2_000_000,
  });
  const bytes = new Uint8Array(writer.getBuffer());
  expect(bytes.length).toBeLessThan(5_000_000);
  const { rows, peakMiB } = await reading("equal.parquet", bytes);
  expect(rows).toBe(2_000_000);
  expect(peakMiB).toBeLessThan(400);
});

it("the preview of uploads costs the site nothing", async () => {
  const { projectId, manager } = await study(database, { tasks: 0 });
  const { sha256 } = await keepUpload(database.db, store, {
    projectId,
    personId: null,
    bytes: Readable.from([bomb()]),
    mediaType: "application/gzip",
  });
  const before = highWaterMiB();
  const files = [{ name: "prompts.txt.gz", sha256 }];
  const [file] = await manager.caller.import.preview({ projectId, files });
  expect(file).toMatchObject({ shape: null, problems: [{ code: "row-too-long" }] });
  expect(highWaterMiB() - before).toBeLessThan(60);
});

it("a process that takes more than it may is ended, and says what it took", async () => {
  await writeFile(
    join(data, "greedy.ts"),
    "process.once('message', () => { const kept = []; setInterval(() => kept.push(Buffer.alloc(2 ** 24, 1)), 1); });",
  );
  const caged = runCaged({
    program: `${"../".repeat(10)}${data}/greedy.ts`,
    input: {},
    memoryMiB: 256,
    timeMs: 30_000,
    onMessage: () => {},
  });
  await expect(caged).rejects.toThrow(TooMuch);
  await expect(caged).rejects.toThrow("more than 256 MB of memory");
});

it("a process that is not heard of is ended, and one that is heard of may take its time", async () => {
  await writeFile(
    join(data, "silent.ts"),
    `process.once('message', ({ input }) => {
      setInterval(() => process.send({ alive: true }), 100);
      setTimeout(() => { if (input.hangs) for (;;); else process.exit(0); }, 3000);
    });`,
  );
  const caged = (hangs: boolean) =>
    runCaged({
      program: `${"../".repeat(10)}${data}/silent.ts`,
      input: { hangs },
      silenceMs: 2500,
      onMessage: () => {},
    });
  await caged(false);
  await expect(caged(true)).rejects.toThrow("more than 2.5 seconds at one place");
});

it("no secret reaches the environment of such a process", () => {
  vi.stubEnv("S3_SECRET_ACCESS_KEY", "s");
  vi.stubEnv("CUDA_VISIBLE_DEVICES", "0");
  const clean = cleanEnvironment();
  for (const name of [
    "AUTH_SECRET",
    "DATABASE_URL",
    "S3_SECRET_ACCESS_KEY",
    "CONCORD_ADMIN_TOKEN",
    "OIDC_CLIENT_SECRET",
  ])
    expect(clean).not.toHaveProperty(name);
  expect(clean).toMatchObject({ PATH: process.env.PATH, CUDA_VISIBLE_DEVICES: "0" });
  vi.unstubAllEnvs();
});

it("a report keeps as many problems as anybody reads, and counts the rest", async () => {
  const paths = { problems: join(data, "problems.jsonl"), rejected: join(data, "rejected.jsonl") };
  const surveyor = await Surveyor.open(
    [],
    { replies: "demonstration", judgements: true, corrections: "named" },
    paths,
  );
  const problem = { file: "a", code: "bad-json", severity: "error", message: "m" } as const;
  const problems = Array.from({ length: limits.reportedProblems + 5 }, () => problem);
  await surveyor.add({ records: [], columns: [], rejected: [], rows: problems.length, bytes: 0, problems });
  await surveyor.close();
  expect(surveyor.survey).toMatchObject({ errors: problems.length, unreported: 5 });
  expect(readFileSync(paths.problems, "utf8").trimEnd().split("\n")).toHaveLength(limits.reportedProblems);
  expect((await stat(paths.problems)).size).toBeLessThan(limits.reportBytes);
});
