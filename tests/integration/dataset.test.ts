import { spawnSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq as idIs } from "drizzle-orm";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  assignment,
  formVersion,
  guidelineVersion,
  preference,
  project,
  prompt,
  rater,
  response,
  task,
} from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import { type DatasetKind, datasetKinds, type Split, splits } from "@/db/shape/dataset-kinds";
import { system } from "@/server/audit/audit";
import { createDataset, diffToPrevious, listRows, versionsWith } from "@/server/dataset/dataset";
import { writeExport } from "@/server/dataset/files";
import { freezeVersion } from "@/server/dataset/freeze";
import { type ExportFormat, exportSpecSchema } from "@/server/dataset/schema";
import { type Answers, formSchema } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { queueRun } from "@/server/run/queue";
import { NO_PYTHON, referencePython } from "@/tests/python";
import { testDatabase } from "./database";
import { frozenVersion, oddRows } from "./frozen";

const { db } = await testDatabase();
const PROMPTS = 40;
const signal = new AbortController().signal;

const questions = formSchema.parse([
  { id: "better", type: "preference", label: "Which is better?", points: 7 },
  { id: "own", type: "text", purpose: "demonstration", label: "Your reply", required: false },
]);

/** 40 prompts with two responses each, judged by three raters: two prefer the even, one is undecided. */
async function study() {
  const [home] = await db.insert(project).values({ name: "Study", overlap: 3 }).returning();
  const [form] = await db
    .insert(formVersion)
    .values({ projectId: home.id, version: 1, questions })
    .returning();
  await db.insert(guidelineVersion).values({ projectId: home.id, version: 1, markdown: "Judge." });
  const raters = await db
    .insert(rater)
    .values(["Ada", "Bo", "Cy"].map((name) => ({ projectId: home.id, kind: "person" as const, name })))
    .returning();
  for (let n = 0; n < PROMPTS; n++) {
    const key = `prompt-${String(n).padStart(3, "0")}`;
    const [asked] = await db
      .insert(prompt)
      .values({
        projectId: home.id,
        key,
        messages: [{ role: "user", content: `Question ${n}? \u2028 “quoted”, عربي, 日本語` }],
        language: n % 2 ? "en" : "de",
        searchText: "",
      })
      .returning();
    const replies = await db
      .insert(response)
      .values(
        [0, 1].map((slot) => ({
          projectId: home.id,
          promptId: asked.id,
          key: `${key}-${slot}`,
          content: `Answer ${slot} to ${n}${slot ? ", at length" : ""}`,
          source: `model-${slot}`,
        })),
      )
      .returning();
    const [todo] = await db
      .insert(task)
      .values({
        projectId: home.id,
        promptId: asked.id,
        key,
        responseIds: replies.map(({ id }) => id),
        overlap: 3,
      })
      .returning();
    for (const [i, { id: raterId }] of raters.entries()) {
      const answers: Answers =
        i === 2
          ? {
              better: { type: "preference", outcome: "tie" },
              own: { type: "text", text: `Better ${n}`, chips: [] },
            }
          : { better: { type: "preference", outcome: n % 2 ? "b" : "a", level: 1 + i } };
      const order = [i % 2, 1 - (i % 2)];
      const [seat] = await db
        .insert(assignment)
        .values({
          projectId: home.id,
          taskId: todo.id,
          raterId,
          status: "submitted",
          priority: 0,
          position: n,
          order,
        })
        .returning();
      const { id: taskId, promptId, responseIds } = todo;
      await storeJudgements(db, {
        projectId: home.id,
        judgements: [
          {
            taskId,
            promptId,
            raterId,
            assignmentId: seat.id,
            origin: "desk",
            answers,
            facts: factsOf({ questions, answers, order, responseIds }),
            order,
            formVersionId: form.id,
            submittedAt: new Date(),
          },
        ],
      });
    }
  }
  return { projectId: home.id, raters };
}

const { projectId, raters } = await study();

async function freeze(
  kind: DatasetKind,
  recipe: object = {},
  name = `${kind} ${JSON.stringify(recipe)}`,
  watch: { onProgress(done: number, total: number): void; signal: AbortSignal } = {
    onProgress: () => {},
    signal,
  },
) {
  const [existing] = await db.query.dataset.findMany({ where: (t, { eq }) => eq(t.name, name) });
  const { id: datasetId } = existing ?? (await createDataset(db, system, { projectId, name, kind }));
  const { id: runId } = await queueRun(db, system, { projectId, kind: "freeze", title: name, spec: {} });
  return freezeVersion(db, {
    projectId,
    datasetId,
    recipe: recipeSchema.parse(recipe),
    runId,
    actor: system,
    ...watch,
  });
}

const rowsOf = (versionId: string) => listRows(db, { projectId, versionId, afterIndex: -1, limit: 500 });

describe("freezing a version", () => {
  it("gives the same rows and hash for the same recipe on the same judgements, in another dataset too", async () => {
    const first = await freeze("preference", {}, "one");
    const second = await freeze("preference", {}, "two");
    expect(second.sha256).toBe(first.sha256);
    expect(first).toMatchObject({ version: 1, rows: PROMPTS });
    const [row] = await rowsOf(first.id);
    expect(row.row).toMatchObject({
      chosen: [{ content: "Answer 0 to 0" }],
      margin: 0.333333,
      annotators: 3,
    });
    expect(row.annotationIds).toHaveLength(3);
    expect(await versionsWith(db, { projectId, annotationId: row.annotationIds[0] })).toHaveLength(2);
  });

  it("says how far it is, and leaves nothing when it is cancelled on the way", async () => {
    const cancelled = new AbortController();
    const told: number[][] = [];
    const frozen = freeze("preference", {}, "cancelled", {
      onProgress: (done, total) => {
        told.push([done, total]);
        cancelled.abort(new Error("cancelled"));
      },
      signal: cancelled.signal,
    });
    await expect(frozen).rejects.toThrow("cancelled");
    expect(told).toEqual([[PROMPTS, PROMPTS]]);
    expect(await freeze("preference", {}, "cancelled")).toMatchObject({ version: 1, rows: PROMPTS });
  });

  it("measures what it froze", async () => {
    const { manifest } = await freeze("preference", { split: { seed: 1, train: 1, validation: 0, test: 0 } });
    expect(manifest).toMatchObject({
      rows: { train: PROMPTS, validation: 0, test: 0 },
      annotations: 120,
      raters: 3,
      prompts: PROMPTS,
      languages: { de: 20, en: 20 },
      // Of three pairs of votes on a comparison the two decided raters agree, the tie agrees with neither.
      agreement: { of: 120, count: 40 },
      // Ada sees a first, Bo sees b first; a wins for half of the prompts.
      firstShownWins: { of: 80, count: 40 },
      chosenLonger: { of: PROMPTS, count: 20 },
      wins: { "model-0": { of: 80, count: 40 }, "model-1": { of: 80, count: 40 } },
    });
  });

  it("measures agreement on what was dropped for want of it, too", async () => {
    const [vote] = await db.select().from(preference).where(idIs(preference.raterId, raters[1].id)).limit(1);
    const turn = (outcome: typeof vote.outcome) =>
      db.update(preference).set({ outcome }).where(idIs(preference.id, vote.id));
    await turn(vote.outcome === "a" ? "b" : "a");
    const { manifest, rows } = await freeze("preference", { ties: "drop" });
    await turn(vote.outcome);
    // A vote for either side and a tie: no row, and no two of the three agree.
    expect(rows).toBe(PROMPTS - 1);
    expect(manifest.agreement).toMatchObject({ of: 120, count: 39, interval: { prompts: PROMPTS } });
  });

  it("splits by prompt: every row of a prompt is in one split, and growing recipes move none", async () => {
    const recipe = {
      aggregation: "all",
      dedupe: "none",
      ties: "both",
      split: { seed: 7, train: 0.5, validation: 0.25, test: 0.25 },
    };
    const all = await rowsOf((await freeze("preference", recipe)).id);
    const some = await rowsOf((await freeze("preference", { ...recipe, ties: "drop" })).id);
    const splitOf = new Map(all.map(({ promptId, split }) => [promptId, split]));
    expect(all.length).toBe(PROMPTS * 4);
    expect(all.every(({ promptId, split }) => splitOf.get(promptId) === split)).toBe(true);
    expect(some.every(({ promptId, split }) => splitOf.get(promptId) === split)).toBe(true);
    expect(new Set(splitOf.values()).size).toBe(3);
  });

  it("leaves out raters who withdrew consent, excluded judgements and flagged ones, and says what changed", async () => {
    const recipe = { minVotes: 3 };
    const before = await freeze("preference", recipe, "consent");
    await db.update(rater).set({ consentWithdrawnAt: new Date() }).where(idIs(rater.id, raters[1].id));
    await expect(freeze("preference", recipe, "consent")).rejects.toThrow("No judgement fits this recipe");
    const after = await freeze("preference", { ...recipe, minVotes: 1, ties: "both" }, "consent");
    await db.update(rater).set({ consentWithdrawnAt: null }).where(idIs(rater.id, raters[1].id));
    expect(after.manifest.raters).toBe(2);
    // One vote each for a winner and a tie is a tie, so both directions appear: one known, one new.
    expect(await diffToPrevious(db, { projectId, versionId: after.id })).toMatchObject({
      previousVersion: before.version,
      added: PROMPTS,
      removed: 0,
      changed: PROMPTS,
    });
  });

  it("makes demonstrations and best replies into SFT rows", async () => {
    const written = await freeze("sft", { sftSources: ["demonstration"] });
    const both = await freeze("sft", {});
    // Cy alone wrote; nobody's votes stand behind what was written.
    expect(written).toMatchObject({
      rows: PROMPTS,
      manifest: { raters: 1, annotations: PROMPTS, questions: [], agreement: { of: 0 } },
    });
    expect(both.manifest.raters).toBe(3);
    expect(both.rows).toBe(2 * PROMPTS);
  });
});

describe("exporting a version", () => {
  async function exported(kind: DatasetKind, options: object) {
    const version = await freeze(
      kind,
      { split: { seed: 1, train: 0.8, validation: 0.1, test: 0.1 } },
      `for ${kind}`,
    );
    const folder = await mkdtemp(join(tmpdir(), "concord-export-"));
    const spec = exportSpecSchema.parse({ versionId: version.id, ...options });
    const { files } = await writeExport(db, { projectId, spec, folder, onProgress: () => {}, signal });
    return {
      version,
      folder,
      names: files.map(({ name }) => name),
      rows: (await rowsOf(version.id)).map(({ row }) => row),
    };
  }

  it("writes the same rows as JSONL and as Parquet", async () => {
    const asJson = await exported("preference", { format: "jsonl" });
    const asParquet = await exported("preference", { format: "parquet" });
    const lines = asJson.names
      .filter((name) => name.endsWith(".jsonl"))
      .map(async (name) => (await readFile(join(asJson.folder, name), "utf8")).trimEnd().split("\n"));
    const fromJson = (await Promise.all(lines)).flat().map((line) => JSON.parse(line));
    const tables = asParquet.names
      .filter((name) => name.endsWith(".parquet"))
      .map(async (name) =>
        parquetReadObjects({ file: await asyncBufferFromFile(join(asParquet.folder, name)), compressors }),
      );
    const fromParquet = (await Promise.all(tables)).flat();
    const byId = (rows: Record<string, unknown>[]) =>
      [...rows].sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    expect(byId(fromJson)).toEqual(byId(asJson.rows));
    expect(byId(fromParquet)).toEqual(byId(asJson.rows));
  });

  it("describes itself to LLaMA-Factory", async () => {
    const { folder } = await exported("preference", { format: "jsonl", layout: "llama-factory" });
    const info = JSON.parse(await readFile(join(folder, "dataset_info.json"), "utf8"));
    expect(Object.values(info)[0]).toMatchObject({ formatting: "sharegpt", ranking: true });
  });

  describe.skipIf(!referencePython())(`read by datasets and TRL (${referencePython() ?? NO_PYTHON})`, () => {
    /** What `load_dataset` makes of exports; with a model, after two steps of TRL's trainers on each. */
    function read(exports: Record<string, { folder: string; kind: DatasetKind }>, model?: string) {
      const { stdout, stderr } = spawnSync(
        referencePython() ?? "",
        ["tests/integration/read_exports.py", JSON.stringify(exports), ...(model ? [model] : [])],
        { encoding: "utf8", maxBuffer: 1e8 },
      );
      return z
        .record(
          z.string(),
          z.object({
            rows: z.array(z.record(z.string(), z.unknown())),
            warnings: z.string(),
            steps: z.number().optional(),
          }),
        )
        .parse(stdout ? JSON.parse(stdout) : { failed: stderr });
    }

    it("gives every row as it was frozen, whichever split has the odd one, and without a warning", async () => {
      const wanted: [string, DatasetKind, ExportFormat, Split][] = datasetKinds.flatMap((kind) => [
        ...splits.map((odd): [string, DatasetKind, ExportFormat, Split] => [
          `${kind} ${odd}`,
          kind,
          "jsonl",
          odd,
        ]),
        [`${kind} in Parquet`, kind, "parquet", "test"],
      ]);
      const exports: Record<string, { folder: string; kind: DatasetKind }> = {};
      for (const [name, kind, format, odd] of wanted) {
        const [first, second] = splits.filter((split) => split !== odd);
        const { projectId, versionId } = await frozenVersion(db, {
          kind,
          rows: oddRows(kind),
          splitOf: ({ id }) => (id === "called" ? odd : id.length % 2 ? first : second),
        });
        const folder = await mkdtemp(join(tmpdir(), "concord-export-"));
        const spec = exportSpecSchema.parse({ versionId, format });
        await writeExport(db, { projectId, spec, folder, onProgress: () => {}, signal });
        exports[name] = { folder, kind };
      }
      const found = read(exports);
      for (const [name, kind] of wanted) {
        const byId = (rows: object[]) => rows.map(said).toSorted((a, b) => (a < b ? -1 : 1));
        expect(byId(found[name].rows), name).toEqual(byId(oddRows(kind)));
        expect(found[name].warnings, name).toBe("");
      }
    });

    it("trains two steps with each of TRL's trainers", async () => {
      const kinds = ["preference", "reward", "sft", "unpaired"] as const;
      const exports = Object.fromEntries(
        await Promise.all(
          kinds.map(async (kind) => [kind, { kind, folder: (await exported(kind, {})).folder }] as const),
        ),
      );
      const found = read(exports, "tests/parity/golden/models/llama");
      for (const kind of kinds) expect(found[kind]?.steps, kind).toBe(2);
    });
  });
});

/** A row without its nulls, which stand for keys it does not have. */
const said = (row: object): string =>
  JSON.stringify(
    Object.entries(row)
      .filter(([, value]) => value !== null)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    (_, value) =>
      typeof value === "object" && value !== null && "role" in value
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([, part]) => part !== null)
              .toSorted(([a], [b]) => (a < b ? -1 : 1)),
          )
        : value,
  );
