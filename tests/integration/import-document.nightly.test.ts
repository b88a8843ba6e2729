import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkFiles } from "@/server/import/import";
import { importSpecSchema } from "@/server/import/schema";
import { fileInMemory } from "@/server/import/source/file";
import { Surveyor } from "@/server/import/survey";
import { testDatabase } from "./database";
import { study } from "./study";

const folder = await mkdtemp(join(tmpdir(), "concord-document-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

it("takes a document of more rows than a function takes arguments, some at a time", async () => {
  const database = await testDatabase();
  const { projectId } = await study(database, { tasks: 0 });
  const rows = Array.from({ length: 130_000 }, (_, i) => ({ prompt: `${i}`, completion: "." }));
  const sources = [fileInMemory("all.json", JSON.stringify({ data: rows }))];
  const { files: _, ...spec } = importSpecSchema.parse({
    files: [{ name: "all.json", sha256: "0".repeat(64) }],
  });
  const paths = { problems: join(folder, "problems.jsonl"), rejected: join(folder, "rejected.jsonl") };
  const surveyor = await Surveyor.open(sources, spec.options, paths);
  const signal = new AbortController().signal;
  const input = { projectId, runId: projectId, spec, sources, surveyor, onProgress() {}, signal };
  await checkFiles(database.db, input);
  await surveyor.close();
  expect(surveyor.survey).toMatchObject({ rows: rows.length, records: rows.length, errors: 0 });
});
