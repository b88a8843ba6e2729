import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { inspectFile } from "@/server/import/inspect";
import { importOptionsSchema } from "@/server/import/schema";
import { fileOnDisk } from "@/server/import/source/file";
import { counts, type ReadResult, readAll } from "./import-helpers";

const root = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const present = existsSync(root);
if (!present) console.log(`Skipped: ${root} is absent, so the public datasets are not imported.`);

const filesBelow = (folder: string) =>
  readdirSync(root + folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length));

const imported = new Map<string, Promise<ReadResult>>();

/** The whole folder as one import; read once. */
function importFolder(folder: string): Promise<ReadResult> {
  const read = async () =>
    readAll(await Promise.all(filesBelow(folder).map((path) => fileOnDisk(root + path, path))));
  const result = imported.get(folder) ?? read();
  imported.set(folder, result);
  return result;
}

interface Expected {
  rows: number;
  tasks: number;
  responses?: number;
  judgements: number;
  raters?: number;
  /** Rows kept out and what was noticed, apart from the documentation files. */
  problems?: Record<string, number>;
}

/** What each folder holds, as its SOURCE.md counts it, and every row that is kept out. */
const folders: Record<string, Expected> = {
  alpaca: { rows: 2000, tasks: 1999, judgements: 1999, problems: { "empty-reply": 1 } },
  alpaca_eval: {
    rows: 381,
    tasks: 381,
    responses: 762,
    judgements: 381,
    raters: 1,
    problems: { "unrecognised-shape": 1, "same-text": 7 },
  },
  anthropic_evals: { rows: 300, tasks: 300, responses: 600, judgements: 0 },
  bbh: { rows: 360, tasks: 360, judgements: 360, problems: { "benchmark-canary": 6 } },
  beavertails_prompts: { rows: 350, tasks: 350, judgements: 0 },
  bon_tulu: { rows: 90, tasks: 90, responses: 90 * 12, judgements: 90, problems: { "same-text": 10 } },
  dsp_domains: { rows: 220, tasks: 220, responses: 1100, judgements: 0, problems: { "same-text": 13 } },
  fastchat_conversations: { rows: 150, tasks: 136, judgements: 150, problems: { "other-details": 14 } },
  fine_grained_rlhf: { rows: 250, tasks: 1500 + 245, judgements: 1500 + 245 },
  gsm8k: { rows: 900, tasks: 900, responses: 800, judgements: 900, problems: { "same-text": 1 } },
  halueval: { rows: 400, tasks: 400, responses: 400, judgements: 400 },
  "hh-rlhf": {
    rows: 3600,
    tasks: 3594,
    responses: 7188,
    judgements: 3594,
    problems: { "empty-reply": 6, "several-turns": 13 },
  },
  hhh_alignment: {
    rows: 120,
    tasks: 120,
    responses: 240,
    judgements: 120,
    problems: { "other-details": 69 },
  },
  humaneval: { rows: 82, tasks: 82, judgements: 82 },
  instruction_ja: { rows: 420, tasks: 419, judgements: 420, problems: { "other-details": 1 } },
  legalbench: {
    rows: 159 + 24,
    tasks: 159,
    judgements: 159,
    problems: { "unrecognised-shape": 1, "line-separator": 2 },
  },
  llmbar: { rows: 215, tasks: 215, responses: 430, judgements: 215 },
  mmlu: { rows: 450, tasks: 446, judgements: 446, problems: { duplicate: 4 } },
  mtbench: {
    rows: 2729 + 1920 + 6 * 64 + 80 + 24,
    tasks: 1920,
    judgements: 2728 + 1920,
    raters: 65 + 1,
    problems: { "unrecognised-shape": 2, duplicate: 1, "same-text": 34, "empty-model-reply": 14 },
  },
  oasst_tree: { rows: 60, tasks: 274, responses: 390, judgements: 117 },
  oasst_zh: {
    rows: 505 + 516,
    tasks: 815,
    judgements: 500 + 515,
    problems: { "identical-replies": 5, duplicate: 1 },
  },
  pandalm: {
    rows: 3 * 705,
    tasks: 705,
    judgements: 3 * 705 + 705 + (705 - 21),
    raters: 5,
    problems: { "no-verdict": 21, "converted-value": 6, "other-details": 1957, "empty-model-reply": 114 },
  },
  pubmedqa: { rows: 350, tasks: 350, judgements: 1050, raters: 3 },
  rasbt_preference: {
    rows: 700,
    tasks: 698,
    responses: 1396,
    judgements: 698,
    problems: { "identical-replies": 2, "other-details": 14 },
  },
  self_instruct: {
    rows: 175 + 204,
    tasks: 175 + 204,
    responses: 204 * 8,
    judgements: 175,
    problems: { "same-text": 165, "empty-model-reply": 39, "unused-column": 1 },
  },
  squality: {
    rows: 12 + 60,
    tasks: 60,
    responses: 180,
    judgements: 180,
    raters: 4,
    problems: { "other-details": 13 },
  },
  tatqa: { rows: 90, tasks: 539, judgements: 539, problems: { duplicate: 1, "other-details": 1 } },
  truthfulqa: { rows: 250, tasks: 250, responses: 500, judgements: 250 },
  ukpconvarg: {
    rows: 2100 + 10469 + 649,
    tasks: 2100,
    judgements: 2006 + 10469,
    raters: 2102 + 1,
    // What the files tell of a pair or of a worker has no place beside the debate, which many of them share.
    problems: { "same-text": 6, "other-details": 11_358, "unused-column": 2 },
  },
  wmt_mqm: { rows: 776, tasks: 9, responses: 90, judgements: 27, raters: 10, problems: { "same-text": 11 } },
};

describe.skipIf(!present)("shared data", { timeout: 180_000 }, () => {
  it("is all covered here", () => {
    const present = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
    expect(present.toSorted()).toEqual(Object.keys(folders).toSorted());
  });

  it.each(Object.entries(folders))("%s", async (folder, expected) => {
    const { records, problems, rows, rejected } = await importFolder(folder);
    const { "unsupported-format": documents = 0, ...named } = counts(problems);
    expect(named).toEqual(expected.problems ?? {});
    expect(documents).toBe(
      filesBelow(folder).filter((path) => /(LICENSE|SOURCE|README)[^/]*$/.test(path)).length,
    );
    expect(rows).toBe(expected.rows);
    const inTasks = new Map(records.map((record) => [record.taskKey, record]));
    expect(inTasks.size).toBe(expected.tasks);
    const judgements = records.flatMap((record) => record.judgements);
    expect(judgements).toHaveLength(expected.judgements);
    if (expected.raters)
      expect(new Set(judgements.map(({ rater }) => `${rater.kind} ${rater.id}`)).size).toBe(expected.raters);
    if (expected.responses)
      expect([...inTasks.values()].reduce((sum, record) => sum + record.responses.length, 0)).toBe(
        expected.responses,
      );
    const errors = problems.filter(({ severity, row }) => severity === "error" && row !== undefined);
    expect(rejected).toHaveLength(new Set(errors.map(({ file, row }) => `${file} ${row}`)).size);
  });

  it("refuses the rest for a stated reason", async () => {
    const { problems } = await inspectFile(
      await fileOnDisk(`${root}REFERENCE_STATS.json`),
      importOptionsSchema.parse({}),
    );
    expect(problems).toMatchObject([{ code: "unrecognised-shape" }]);
  });

  it("has the judgements that the reference statistics were computed from", async () => {
    const stats: Record<string, Record<string, unknown>> = JSON.parse(
      readFileSync(`${root}REFERENCE_STATS.json`, "utf8"),
    );
    const outcomes = (result: ReadResult, of: (rater: { id: string; kind: string }) => boolean) => {
      const found: Record<string, number> = {};
      for (const { judgements } of result.records)
        for (const { rater, answers } of judgements)
          if (answers.better?.type === "preference" && of(rater))
            found[answers.better.outcome] = (found[answers.better.outcome] ?? 0) + 1;
      return found;
    };
    expect(outcomes(await importFolder("ukpconvarg"), ({ kind }) => kind === "label")).toEqual({
      a: 809,
      b: 838,
      tie: 359,
    });
    expect(stats.ukpconvarg.gold).toMatchObject({ a1: 809, a2: 838, equal: 359 });
    expect(outcomes(await importFolder("alpaca_eval"), () => true)).toEqual({ a: 284, b: 90, tie: 7 });
    expect(stats.alpaca_eval.preference).toEqual({ "0": 7, "1": 284, "2": 90 });
    const rlhf = outcomes(await importFolder("fine_grained_rlhf"), () => true);
    expect(rlhf).toEqual({ a: 768, b: 543, tie: 189 });
    expect(stats.fine_grained_rlhf.labels_0_1_2).toEqual({ "0": 189, "1": 768, "2": 543 });
    const votes = await importFolder("mtbench");
    const human = votes.records.filter(({ judgements }) =>
      judgements.some(({ rater }) => rater.kind === "person"),
    );
    expect(new Set(human.map(({ taskKey }) => taskKey)).size).toBe(stats.mtbench.comparisons);
    const mqm = (await importFolder("wmt_mqm")).records.flatMap(({ judgements }) => judgements);
    const rated = mqm.flatMap(({ answers }) =>
      answers.mqm_errors?.type === "rating" ? answers.mqm_errors.values.major : [],
    );
    expect(rated.filter((value) => value !== null)).toHaveLength(90 * 3);
  });
});
