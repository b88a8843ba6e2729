import { randomUUID } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { formVersion, rater, response, task } from "@/db/schema";
import { recipeSchema } from "@/db/shape/dataset";
import type { DatasetKind } from "@/db/shape/dataset-kinds";
import { system } from "@/server/audit/audit";
import { createDataset, diffToPrevious, listRows } from "@/server/dataset/dataset";
import { writeExport } from "@/server/dataset/files";
import { freezeVersion } from "@/server/dataset/freeze";
import { exportSpecSchema } from "@/server/dataset/schema";
import { type Answers, formSchema } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { queueRun } from "@/server/run/queue";
import { dawidSkene } from "@/server/statistics/raters/dawid-skene";
import { toExample } from "@/workers/training/rows";
import { testDatabase } from "./database";
import { study } from "./study";

/** What a recipe makes of judgements that are at odds: over questions, sources, raters and comparisons. */
const database = await testDatabase();
const { db } = database;

const a: Answers[string] = { type: "preference", outcome: "a", level: 3 };
const b: Answers[string] = { type: "preference", outcome: "b", level: 3 };

/** A project with these questions, and what is needed to judge in it. */
async function laboratory(questions: readonly object[]) {
  const form = formSchema.parse(questions);
  const home = await study(database, { tasks: 0, questions: form });
  const { projectId, manager } = home;
  const [version] = await db.select().from(formVersion).where(eq(formVersion.projectId, projectId));
  const raters = await db
    .insert(rater)
    .values(["Ada", "Bo", "Cy"].map((name) => ({ projectId, kind: "person" as const, name })))
    .returning();
  const [ada, bo, cy] = raters.map(({ id }) => id);
  let minute = 0;
  return {
    ...home,
    ada,
    bo,
    cy,
    /** Has raters judge the same replies, given as `text` or `source: text`, one after the other. */
    async judge(prompt: string, replies: readonly string[], given: readonly [string, Answers][]) {
      const responses = replies.map((reply) => {
        const [content, source = "model"] = reply.split(": ").toReversed();
        return { content, source, metadata: {} };
      });
      const messages = [{ role: "user" as const, content: prompt }];
      const { promptIds } = await manager.caller.content.addPrompts({
        projectId,
        prompts: [{ messages, responses, metadata: {} }],
      });
      const stored = await db.select().from(response).where(eq(response.promptId, promptIds[0]));
      const responseIds = responses.map(({ content, source }) => {
        const found = stored.find((one) => one.content === content && one.source === source);
        if (!found) throw new Error(`The reply "${content}" was not stored.`);
        return found.id;
      });
      const key = randomUUID();
      const [{ id: taskId }] = await db
        .insert(task)
        .values({ projectId, promptId: promptIds[0], key, responseIds, overlap: given.length })
        .returning();
      const order = replies.map((_, slot) => slot);
      await storeJudgements(db, {
        projectId,
        judgements: given.map(([raterId, answers]) => ({
          taskId,
          promptId: promptIds[0],
          raterId,
          assignmentId: null,
          origin: "import",
          answers,
          facts: factsOf({ questions: form, answers, order, responseIds }),
          order,
          formVersionId: version.id,
          submittedAt: new Date(Date.UTC(2026, 0, 1, 0, minute++)),
        })),
      });
    },
    async freeze(kind: DatasetKind, recipe: object, name: string = randomUUID()) {
      const known = (await manager.caller.dataset.list({ projectId })).find((one) => one.name === name);
      const { id: datasetId } = known ?? (await createDataset(db, system, { projectId, name, kind }));
      const run = await queueRun(db, system, { projectId, kind: "freeze", title: name, spec: {} });
      const version = await freezeVersion(db, {
        projectId,
        datasetId,
        recipe: recipeSchema.parse(recipe),
        runId: run.id,
        actor: system,
        onProgress: () => {},
        signal: new AbortController().signal,
      });
      const rows = await listRows(db, { projectId, versionId: version.id, afterIndex: -1, limit: 500 });
      return { ...version, made: rows.map(({ row }) => row) };
    },
  };
}

const textsOf = (row: object) =>
  Object.entries(row).flatMap(([name, value]) =>
    Array.isArray(value) && ["chosen", "rejected", "completion"].includes(name)
      ? [[name, value[0].content]]
      : [],
  );

describe("several questions about one pair", () => {
  it("gives no two votes of one rater: a recipe names its question and counts that one alone", async () => {
    const help = { id: "help", type: "preference", label: "Which helps more?" };
    const lab = await laboratory([help, { id: "safe", type: "preference", label: "Which is safer?" }]);
    const { projectId, manager, ada, bo, cy } = lab;
    await lab.judge("At odds", ["x", "y"], [[ada, { help: a, safe: b }]]);
    await lab.judge(
      "Judged by two",
      ["x", "y"],
      [
        [ada, { help: a, safe: b }],
        [bo, { help: a, safe: b }],
        [cy, { safe: a }],
      ],
    );
    await lab.judge(
      "At one",
      ["x", "y"],
      [
        [ada, { help: a, safe: a }],
        [bo, { help: a }],
      ],
    );
    const questions = await manager.caller.dataset.questions({ projectId });
    expect(questions).toEqual([
      { id: "help", label: "Which helps more?", votes: 5 },
      { id: "safe", label: "Which is safer?", votes: 5 },
    ]);
    // A recipe counts people unless it says otherwise, and asks no one to choose among what only models answered.
    expect(await manager.caller.dataset.questions({ projectId, judges: "models" })).toEqual([]);
    expect(await manager.caller.dataset.questions({ projectId, raters: [ada] })).toEqual([
      { id: "help", label: "Which helps more?", votes: expect.any(Number) },
      { id: "safe", label: "Which is safer?", votes: expect.any(Number) },
    ]);
    const chosen = ({ made }: { made: readonly object[] }) =>
      made
        .map((row) => textsOf(row)[0][1])
        .toSorted()
        .join(" ");

    const helpful = await lab.freeze("preference", { filters: { questionId: "help" } });
    expect(chosen(helpful)).toBe("x x x");
    expect(helpful.manifest).toMatchObject({
      questions: [{ id: "help", label: "Which helps more?" }],
      agreement: { of: 2, count: 2 },
    });
    // One vote under each question is not two votes.
    const twice = { filters: { questionId: "help" }, minVotes: 2 };
    expect((await lab.freeze("preference", twice)).rows).toBe(2);
    expect(chosen(await lab.freeze("preference", { filters: { questionId: "safe" } }))).toBe("x y y");

    // Taken to ask one thing, a judgement that answers them differently is a tie, and a rater has one vote.
    const together = { filters: { questionId: ["help", "safe"] } };
    const both = await lab.freeze("preference", together);
    expect(both.made).toMatchObject([{ annotators: 2 }]);
    expect(both.manifest).toMatchObject({ questions: [{ id: "help" }, { id: "safe" }], dropped: { tie: 2 } });
    await expect(lab.freeze("preference", { ...together, minVotes: 3, minStrength: 1 })).rejects.toThrow(
      "No judgement fits",
    );

    const refusal = `"help" (Which helps more?; votes: 5), "safe" (Which is safer?; votes: 5)`;
    await expect(lab.freeze("preference", {})).rejects.toThrow(refusal);
    const { id: datasetId } = await createDataset(db, system, { projectId, name: "refused", kind: "sft" });
    const ask = (recipe: object) => manager.caller.dataset.freeze({ projectId, datasetId, recipe });
    await expect(ask({})).rejects.toThrow(refusal);
    await expect(ask({ filters: { questionId: ["help", "tone"] } })).rejects.toThrow(
      'nothing was compared under the question "tone"',
    );
    const { items } = await manager.caller.run.list({ projectId });
    expect(items.map(({ title }) => title)).not.toContain("Freeze refused");
    // Demonstrations come from no comparison, so that no question need be named.
    await ask({ sftSources: ["demonstration"] });
  });
});

describe("one thing judged more than once", () => {
  it("has one label a reply and one verdict on two texts; what was at odds is counted and said", async () => {
    const better = { id: "better", type: "preference", label: "Which is better | overall?" };
    const lab = await laboratory([better]);
    const { projectId, ada, bo, cy } = lab;
    const says = (raterId: string, answer: Answers[string]): [string, Answers] => [
      raterId,
      { better: answer },
    ];
    // y beats x and loses to z.
    await lab.judge("Chain", ["x", "y"], [says(ada, b)]);
    await lab.judge("Chain", ["y", "z"], [says(bo, b)]);
    // Two sources gave the same text; one rater is for it under one source, two are against it under the other.
    await lab.judge("Sources", ["m1: same", "other"], [says(ada, a)]);
    await lab.judge("Sources", ["other", "m2: same"], [says(bo, a), says(cy, a)]);

    const pairs = await lab.freeze("preference", {});
    expect(pairs.manifest).toMatchObject({
      dropped: { duplicate: 1 },
      oppositeTexts: { of: 1, count: 1 },
      raters: 3,
    });
    const verdicts = pairs.made.map(textsOf).map((texts) => texts.map(([, text]) => text).join(" > "));
    expect(verdicts.toSorted()).toEqual(["other > same", "y > x", "z > y"]);

    const labels = await lab.freeze("unpaired", {});
    const labelled = labels.made.map((row) => [
      "completion" in row && row.completion[0].content,
      "label" in row && row.label,
    ]);
    expect(labelled.toSorted()).toEqual([
      ["other", true],
      ["same", false],
      ["x", false],
      ["z", true],
    ]);
    expect(labels.manifest).toMatchObject({
      dropped: { duplicate: 1, no_majority: 1 },
      oppositeReplies: { of: 5, count: 1 },
      positive: { of: 4, count: 2 },
    });
    const folder = await mkdtemp(join(tmpdir(), "concord-card-"));
    const spec = exportSpecSchema.parse({ versionId: labels.id, format: "jsonl" });
    const signal = new AbortController().signal;
    await writeExport(db, { projectId, spec, folder, onProgress: () => {}, signal });
    const card = await readFile(join(folder, "README.md"), "utf8");
    expect(card).toContain("| Question | Which is better \\| overall? |");
    expect(card).toContain("| Label source | people |");
    expect(card).toContain("| Label | one a reply: good if it won more of its comparisons than it lost");
    expect(card).toMatch(/\| Replies with opposite verdicts \| 20\.0 % \[[\d.]+, [\d.]+\] of 5 \|/);
    expect(card).toMatch(
      /- \*\*Replies with opposite verdicts\*\*: Of the replies .* Interval: 95 %, clustered by prompt/,
    );
    expect(card).toContain("| Good as often as bad in their comparisons | 1 | replies |");
  });
});

describe("a recipe and a version", () => {
  it("refuses what it does not know; what was stored before its rules reads as it was", async () => {
    const lab = await laboratory([{ id: "better", type: "preference", label: "Which is better?" }]);
    const { projectId, manager } = lab;
    await lab.judge("One", ["x", "y"], [[lab.ada, { better: a }]]);
    const { id: datasetId } = await createDataset(db, system, {
      projectId,
      name: "labels",
      kind: "unpaired",
    });
    const ask = (given: object) =>
      manager.caller.dataset.freeze({ projectId, datasetId, recipe: {}, ...given });
    await expect(ask({ recipe: { minVote: 2 } })).rejects.toThrow('A recipe has no field \\"minVote\\"');
    await expect(ask({ recepie: { minVotes: 2 } })).rejects.toThrow("recepie");
    const nobody = randomUUID();
    const weighted = { aggregation: "weighted" as const, raterWeights: { [nobody]: 2 } };
    await expect(ask({ recipe: weighted })).rejects.toThrow(
      `raterWeights: no rater of this project has the id "${nobody}"`,
    );
    const { aggregation: _, ...unweighted } = weighted;
    await expect(ask({ recipe: unweighted })).rejects.toThrow("raterWeights holds with aggregation weighted");
    const versionOrModel = { projectId, versionId: randomUUID(), modelId: randomUUID() };
    const misspelt = {
      ...versionOrModel,
      repository: "lab/pairs",
      form: "peft" as const,
      licence: "mit",
      privat: true,
    };
    const { dataset, model } = manager.caller;
    for (const { export: write, push } of [dataset, model])
      for (const ask of [write, push])
        await expect(ask(misspelt)).rejects.toThrow(/An? (export|push) has no field .*\\"privat\\"/);
    const card = { licence: "mit", license: "mit" };
    await expect(dataset.export({ projectId, versionId: datasetId, card })).rejects.toThrow(
      'A card has no field \\"license\\"',
    );
    expect((await manager.caller.run.list({ projectId })).items).toEqual([]);

    const { id: versionId } = await lab.freeze("unpaired", {}, "labels");
    await db.execute(sql`update dataset_version
      set recipe = (recipe - 'label' - 'order') || '{"retired": true}' where id = ${versionId}`);
    const { recipe } = await manager.caller.dataset.version({ projectId, versionId });
    expect(recipe).not.toHaveProperty("label");
    expect(recipe).not.toHaveProperty("retired");
    expect(recipe).toMatchObject({ minVotes: 1, filters: { judges: "people" } });
  });

  it("says which rows went to another split", async () => {
    const lab = await laboratory([{ id: "better", type: "preference", label: "Which is better?" }]);
    const { projectId } = lab;
    for (let n = 0; n < 12; n++) await lab.judge(`Question ${n}`, ["x", "y"], [[lab.ada, { better: a }]]);
    const halves = (seed: number) => ({ split: { seed, train: 0.5, validation: 0.5, test: 0 } });
    const splitsOf = async (versionId: string) =>
      (await listRows(db, { projectId, versionId, afterIndex: -1, limit: 500 })).map(({ split }) => split);
    const before = await splitsOf((await lab.freeze("preference", halves(1), "split")).id);
    const version = await lab.freeze("preference", halves(2), "split");
    const moved = (await splitsOf(version.id)).filter((split, i) => split !== before[i]).length;
    expect(moved).toBeGreaterThan(0);
    expect(await diffToPrevious(db, { projectId, versionId: version.id })).toMatchObject({
      added: 0,
      removed: 0,
      changed: 0,
      moved,
    });
  });
});

describe("a model of the raters", () => {
  it("decides as Dawid–Skene does, and its posterior is the row's weight, stated and never dropped", async () => {
    const lab = await laboratory([{ id: "better", type: "preference", label: "Which is better?" }]);
    const { projectId, ada, bo, cy } = lab;
    const replies = ["x", "y"];
    const both = [ada, bo, cy];
    // Cy says the opposite of the others; the last pair has Ada against Cy alone, which a majority cannot decide.
    const given = Array.from({ length: 8 }, (_, n) =>
      n < 7
        ? both.map((one): [string, Answers] => [one, { better: (one === cy) === n % 2 > 0 ? a : b }])
        : [ada, cy].map((one): [string, Answers] => [one, { better: one === ada ? a : b }]),
    );
    for (const [n, judged] of given.entries()) await lab.judge(`Prompt ${n}`, replies, judged);

    const votes = given.flatMap((judged, item) =>
      judged.map(([one, { better }]) => ({ item, rater: both.indexOf(one), label: better === a ? 0 : 1 })),
    );
    const column = (name: "item" | "rater" | "label") => Int32Array.from(votes, (vote) => vote[name]);
    const { posterior } = dawidSkene({
      items: 8,
      raters: 3,
      classes: 4,
      item: column("item"),
      rater: column("rater"),
      label: column("label"),
    });
    const xBetter = (n: number) => posterior[n * 4] - posterior[n * 4 + 1];

    const recipe = { aggregation: "dawid_skene", margin: "none", ties: "both" };
    const weighted = await lab.freeze("preference", { ...recipe, confidence: "weight" });
    const numberOf = ({ prompt: [{ content }] }: { prompt: { content: string }[] }) =>
      Number(content.slice("Prompt ".length));
    expect(weighted.made).toHaveLength(8);
    for (const row of weighted.made) {
      const lead = xBetter(numberOf(row));
      expect(textsOf(row)[0]).toEqual(["chosen", lead > 0 ? "x" : "y"]);
      // Which reply is the first class hangs on their keys: the prior of Dawid–Skene sees that, in the third digit.
      expect(row.weight).toBeCloseTo(Math.abs(lead), 2);
    }
    const soft = await lab.freeze("preference", { ...recipe, confidence: "soft" });
    expect(soft.made).toHaveLength(16);
    for (let n = 0; n < 8; n++) {
      const pair = soft.made.filter((row) => numberOf(row) === n);
      expect(pair.reduce((sum, { weight = 0 }) => sum + weight, 0)).toBeCloseTo(1, 6);
      const x = pair.find((row) => textsOf(row)[0][1] === "x");
      expect(x?.weight).toBeCloseTo((1 + xBetter(n)) / 2, 2);
      expect(toExample(pair[0], "preference")).toHaveProperty("weight", pair[0].weight);
    }
    for (const aggregation of ["mace", "crowd_bt"]) {
      const { made } = await lab.freeze("preference", { ...recipe, aggregation, confidence: "weight" });
      const last = made.find((row) => numberOf(row) === 7);
      expect(last && textsOf(last)[0]).toEqual(["chosen", "x"]);
      for (const { weight = -1 } of made) expect(weight).toBeGreaterThan(0);
    }

    const folder = await mkdtemp(join(tmpdir(), "concord-weights-"));
    const write = (layout: string) =>
      writeExport(db, {
        projectId,
        spec: exportSpecSchema.parse({
          versionId: weighted.id,
          layout,
          format: "jsonl",
          card: { licence: "cc-by-4.0" },
        }),
        folder,
        onProgress: () => {},
        signal: new AbortController().signal,
      });
    await write("trl");
    const card = await readFile(join(folder, "README.md"), "utf8");
    expect(card).toContain("Dawid–Skene (1979)");
    expect(card).toContain(`| Effective rows | ${weighted.manifest.effectiveRows} |`);
    await expect(write("axolotl")).rejects.toThrow("has no place for the weights of this version's rows");
    await expect(lab.freeze("ranked", { ...recipe, confidence: "weight" })).rejects.toThrow(
      "confidence: the posterior is of pairs, and ranked rows are none.",
    );
    expect(recipeSchema.safeParse({ confidence: "weight" }).success).toBe(false);
  });
});
