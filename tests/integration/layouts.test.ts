import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { afterAll, describe, expect, it } from "vitest";
import { rowTraits } from "@/db/shape/dataset";
import { type DatasetKind, datasetKinds, splits } from "@/db/shape/dataset-kinds";
import { writeExport } from "@/server/dataset/files";
import { layoutOffers } from "@/server/dataset/plan";
import { type ExportFormat, type ExportLayout, exportSpecSchema } from "@/server/dataset/schema";
import { testDatabase } from "./database";
import { frozenVersion, oddRows } from "./frozen";

/** What each layout makes of rows of every form; what `datasets` and TRL make of the files is in dataset.test.ts. */
const { db } = await testDatabase();
const signal = new AbortController().signal;
const versions = new Map(
  await Promise.all(
    datasetKinds.map(
      async (kind) =>
        [
          kind,
          await frozenVersion(db, {
            kind,
            rows: oddRows(kind),
            splitOf: ({ id }) => (id === "called" ? "test" : id === "plain" ? "validation" : "train"),
          }),
        ] as const,
    ),
  ),
);

const home = await mkdtemp(join(tmpdir(), "concord-layout-"));
afterAll(() => rm(home, { recursive: true, force: true }));

async function exported(kind: DatasetKind, layout: ExportLayout, format?: ExportFormat) {
  const version = versions.get(kind);
  if (!version) throw new Error(kind);
  const { projectId, versionId } = version;
  const folder = await mkdtemp(join(home, "export-"));
  const spec = exportSpecSchema.parse({ versionId, layout, format });
  const done = await writeExport(db, { projectId, spec, folder, onProgress: () => {}, signal });
  return { ...done, folder, card: await readFile(join(folder, "README.md"), "utf8") };
}

async function recordsOf({ folder, files }: { folder: string; files: { name: string }[] }) {
  const parts = files
    .filter(({ name }) => name.startsWith("data/"))
    .map(async ({ name }): Promise<Record<string, unknown>[]> => {
      const path = join(folder, name);
      if (name.endsWith(".parquet"))
        return parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
      const text = await readFile(path, "utf8");
      return text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    });
  return (await Promise.all(parts)).flat();
}

/** The rows that a layout leaves out, by their ids; the others it writes. */
const leftOut: Record<ExportLayout, Partial<Record<DatasetKind, string[]>>> = {
  trl: { preference: [], reward: [], sft: [], unpaired: [], ranked: [] },
  unsloth: { preference: [], reward: [], sft: [], unpaired: [] },
  openrlhf: {
    preference: ["offered", "called"],
    reward: ["offered", "called"],
    sft: ["offered", "called"],
  },
  axolotl: {
    preference: ["offered", "called", "exchange", "empty"],
    reward: ["turns", "repeated", "begun", "offered", "called", "exchange"],
    sft: ["called"],
    // "exchange" and "empty" are labelled by their other reply.
    unpaired: ["turns", "repeated", "begun", "offered", "called", "exchange"],
  },
  "llama-factory": {
    preference: ["repeated", "begun", "called", "exchange"],
    reward: ["repeated", "begun", "called", "exchange"],
    sft: ["repeated", "begun", "called"],
    unpaired: ["repeated", "begun", "called", "exchange", "empty"],
  },
  "ms-swift": { preference: ["called"], reward: ["called"], sft: ["called"], unpaired: ["called"] },
  verl: {
    preference: ["system", "turns", "repeated", "begun", "offered", "called", "exchange"],
    reward: ["system", "turns", "repeated", "begun", "offered", "called", "exchange"],
    sft: ["offered", "called"],
  },
  "nemo-rl": {
    preference: ["offered", "called"],
    reward: ["offered", "called"],
    ranked: ["plain", "turns", "offered", "called"],
    sft: ["offered", "called"],
  },
  openai: { preference: ["exchange", "empty"], sft: ["empty"] },
};

describe.each(Object.entries(leftOut))("the layout %s", (name, kinds) => {
  it("offers its kinds, says what it will leave out, and writes the others with every key in every row", async () => {
    for (const kind of datasetKinds) {
      const version = versions.get(kind);
      if (!version) throw new Error(kind);
      const offer = (await layoutOffers(db, version)).find(({ layout }) => layout === name);
      const without = Object.entries(kinds).find(([one]) => one === kind)?.[1];
      expect(offer !== undefined, kind).toBe(without !== undefined);
      if (!offer || !without) continue;
      const all = oddRows(kind);
      expect(offer.rows).toBe(all.length - without.length);
      expect(offer.skipped.reduce((sum, { rows }) => sum + rows, 0)).toBe(without.length);
      for (const format of offer.formats.filter((one) => one !== "csv")) {
        const made = await exported(kind, offer.layout, format);
        expect(made).toMatchObject({ rows: offer.rows, skipped: offer.skipped });
        const records = await recordsOf(made);
        expect(records).toHaveLength(offer.rows);
        if (name === "openai") continue;
        expect(records.map(({ id }) => id).toSorted()).toEqual(
          all
            .map(({ id }) => id)
            .filter((id) => !without.includes(id))
            .toSorted(),
        );
        const keys = new Set(records.map((record) => Object.keys(record).join()));
        expect([...keys], `${kind} ${format}`).toHaveLength(1);
        // No column in which every row has null: pandas and verl break on one.
        for (const column of Object.keys(records[0]))
          expect(
            records.some((record) => record[column] !== null),
            `${kind} ${column}`,
          ).toBe(true);
      }
    }
  });
});

it("counts a row under its first reason, and names the reasons in the card", async () => {
  const { skipped, card } = await exported("preference", "axolotl");
  expect(skipped).toEqual([
    { trait: "tools", why: "Offers tools", rows: 2 },
    { trait: "several_turn_reply", why: "A reply of several turns", rows: 1 },
    { trait: "empty_reply", why: "An empty reply", rows: 1 },
  ]);
  expect(card).toContain("4 are not in these files");
  expect(card).toContain("| A reply of several turns | 1 |");
});

it("says in the card what the columns are, how many rows and bytes each split has", async () => {
  const { card } = await exported("preference", "trl", "jsonl");
  for (const split of splits) expect(card).toMatch(new RegExp(`- name: ${split}\\n +num_bytes: [1-9]`));
  expect(card).toMatch(/- name: tool_calls\n +list: json/);
  expect(card).toContain("timestamps");
});

it("writes lists as JSON text in CSV, one record a row", async () => {
  const { folder, files } = await exported("sft", "trl", "csv");
  const train = files.find(({ name }) => name.includes("train-"));
  const text = await readFile(join(folder, train?.name ?? ""), "utf8");
  expect(text.split("\n")[0]).toBe("id,annotators,tools,prompt,completion");
  expect(text).toContain('"[{""role"":""user"",""content"":""Both?""');
});

it("keeps the tools of OpenAI's rows as lists, and marks what was said before as not to be learnt", async () => {
  const records = await recordsOf(await exported("sft", "openai"));
  const offered = records.find(({ messages }) => JSON.stringify(messages).includes("Is it cold?"));
  expect(offered?.tools).toMatchObject([{ function: { name: "weather" } }]);
  const again = records.find(({ messages }) => JSON.stringify(messages).includes("Why, again?"));
  expect(again).toMatchObject({
    messages: [{}, { content: "Hello.", weight: 0 }, {}, { content: "Good: turns." }],
  });
  expect(again).not.toHaveProperty("tools");
});

it("refuses what the layout has no place for, and says what it has", async () => {
  await expect(exported("ranked", "verl")).rejects.toThrow(
    "verl has no format for ranked rows; choose one of trl",
  );
  await expect(exported("sft", "openai", "parquet")).rejects.toThrow("choose one of jsonl");
});

it("has a form of row for each trait", async () => {
  const { traitsOf } = await import("@/server/dataset/trait");
  const seen = new Set(datasetKinds.flatMap(oddRows).flatMap(traitsOf));
  const rare = ["late_system_turn", "ends_without_reply", "speaker_names", "reasoning"];
  expect(rowTraits.filter((trait) => !seen.has(trait))).toEqual(rare);
});
