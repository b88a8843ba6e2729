import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { formVersion, rater, response, task } from "@/db/schema";
import { type DatasetKind, recipeSchema } from "@/db/shape/dataset";
import { system } from "@/server/audit/audit";
import { createDataset, listRows } from "@/server/dataset/dataset";
import { freezeVersion } from "@/server/dataset/freeze";
import { type Answers, formSchema } from "@/server/form/schema";
import { factsOf } from "@/server/judgement/facts";
import { storeJudgements } from "@/server/judgement/store";
import { queueRun } from "@/server/run/queue";
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
    const questions = await manager.caller.dataset.questions({ projectId });
    expect(questions).toEqual([
      { id: "safe", label: "Which is safer?", votes: 4 },
      { id: "help", label: "Which helps more?", votes: 3 },
    ]);

    const helpful = await lab.freeze("preference", { filters: { questionId: "help" } });
    expect(helpful.made.map(textsOf)).toEqual(
      Array(2).fill([
        ["chosen", "x"],
        ["rejected", "y"],
      ]),
    );
    expect(helpful.manifest).toMatchObject({
      question: { id: "help", label: "Which helps more?" },
      agreement: { of: 1, count: 1 },
    });
    // One vote under each question is not two votes.
    const twice = { filters: { questionId: "help" }, minVotes: 2 };
    expect((await lab.freeze("preference", twice)).rows).toBe(1);
    const safe = await lab.freeze("preference", { filters: { questionId: "safe" } });
    expect(safe.made.map(textsOf)).toEqual(
      Array(2).fill([
        ["chosen", "y"],
        ["rejected", "x"],
      ]),
    );

    const refusal = `"safe" (Which is safer?; votes: 4), "help" (Which helps more?; votes: 3)`;
    await expect(lab.freeze("preference", {})).rejects.toThrow(refusal);
    const { id: datasetId } = await createDataset(db, system, { projectId, name: "refused", kind: "sft" });
    const ask = (recipe: object) => manager.caller.dataset.freeze({ projectId, datasetId, recipe });
    await expect(ask({})).rejects.toThrow(refusal);
    await expect(ask({ filters: { questionId: "tone" } })).rejects.toThrow(
      'nothing was compared under the question "tone"',
    );
    const { items } = await manager.caller.run.list({ projectId });
    expect(items.map(({ title }) => title)).not.toContain("Freeze refused");
    // Demonstrations come from no comparison, so that no question need be named.
    await ask({ sftSources: ["demonstration"] });
  });
});
