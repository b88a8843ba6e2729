import { asc, desc, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  annotation,
  dataset,
  datasetRow,
  datasetVersion,
  model,
  prompt,
  response,
  run,
  score,
} from "@/db/schema";
import { type DatasetRow, recipeSchema } from "@/db/shape/dataset";
import type { Split } from "@/db/shape/dataset-kinds";
import { ManifestBuilder } from "@/server/dataset/statistics";
import { evaluationsOf, openEvaluation, promptsToAsk } from "@/server/evaluation/blind";
import { rewardDisagreements, storeReply } from "@/server/evaluation/evaluation";
import { type Answers, formSchema } from "@/server/form/schema";
import { lineageOf, setConsent, sourceOf, touchedBy } from "@/server/model/model";
import { insertTasks } from "@/server/task/insert";
import { testDatabase } from "./database";
import { type Member, newKey, somePrompts, study } from "./study";

const database = await testDatabase();
const { db } = database;

const helpful = { id: "helpful", type: "preference", label: "Which is more helpful?", points: 2 };
const safe = { ...helpful, id: "safe", label: "Which is safer?" };
const note = { id: "note", type: "text", label: "Anything else?", required: false };

type Spec = { name: string; parentId?: string; splits?: readonly (Split | null)[] };

/** A project of seven prompts, and models each of which may have learnt from a version that holds some of them. */
async function competition(questions: readonly unknown[], specs: readonly Spec[]) {
  const of = await study(database, { tasks: 0, questions: formSchema.parse(questions) });
  const { projectId } = of;
  await of.manager.caller.content.addPrompts({ projectId, prompts: somePrompts(7, 1) });
  const prompts = await db
    .select()
    .from(prompt)
    .where(eq(prompt.projectId, projectId))
    .orderBy(asc(prompt.id));
  const models: (typeof model.$inferSelect)[] = [];
  for (const { name, parentId, splits } of specs) {
    const versionId = splits
      ? await versionOf(
          projectId,
          name,
          splits.map((split, i) => ({ split, prompt: prompts[i] })),
        )
      : null;
    const [made] = await db
      .insert(model)
      .values({
        projectId,
        name,
        method: "sft",
        format: "full",
        source: { kind: "run" },
        parentId: parentId ?? models.at(-1)?.id,
        versionId,
      })
      .returning();
    models.push(made);
  }
  return { of, projectId, prompts, models };
}

async function versionOf(
  projectId: string,
  name: string,
  rows: readonly { split: Split | null; prompt: typeof prompt.$inferSelect }[],
  questions: { id: string; label: string }[] = [],
): Promise<string> {
  const [{ id: datasetId }] = await db
    .insert(dataset)
    .values({ projectId, name, kind: "sft" })
    .returning({ id: dataset.id });
  const [{ id: versionId }] = await db
    .insert(datasetVersion)
    .values({
      projectId,
      datasetId,
      version: 1,
      recipe: recipeSchema.parse({}),
      manifest: new ManifestBuilder("sft", questions).finish(),
      sha256: name,
      rows: rows.length,
    })
    .returning({ id: datasetVersion.id });
  if (rows.length === 0) return versionId;
  const row: DatasetRow = { id: "row", prompt: [], completion: [], annotators: 1 };
  await db
    .insert(datasetRow)
    .values(
      rows.flatMap(({ split, prompt: { id } }, index) =>
        split ? [{ versionId, index, split, row, promptId: id, annotationIds: [] }] : [],
      ),
    );
  return versionId;
}

test("asks held-out prompts first, then new ones, and last those that a model or its forebears were trained on", async () => {
  const { projectId, prompts, models } = await competition(
    [helpful],
    [
      { name: "oldest", splits: ["train", "test", null, null, null, null, "validation"] },
      { name: "between" },
      { name: "newest", splits: ["validation", "train", null, "test", null, "validation", null] },
    ],
  );
  const ask = (limit: number) =>
    promptsToAsk(db, { projectId, modelIds: [models[2].id, models[1].id], limit });
  expect(
    (await ask(7)).map((one) => [prompts.findIndex(({ id }) => id === one.prompt.id), one.exposure]),
  ).toEqual([
    [3, "held_out"],
    [5, "held_out"],
    [6, "held_out"],
    [2, "new"],
    [4, "new"],
    // The newest model holds out the first, its forebear was trained on it.
    [0, "trained"],
    [1, "trained"],
  ]);
  expect((await ask(2)).map(({ exposure }) => exposure)).toEqual(["held_out", "held_out"]);
});

test("is refused at launch where nothing compares, or several questions do and none is named", async () => {
  const start = async (questions: readonly unknown[], questionId?: string) => {
    const { of, projectId, models } = await competition(questions, [{ name: "a" }, { name: "b" }]);
    const [opponent, mine] = models;
    return of.manager.caller.evaluation.start({
      projectId,
      modelId: mine.id,
      opponentId: opponent.id,
      questionId,
    });
  };
  await expect(start([note])).rejects.toThrow(/^No question of this project compares two responses/);
  await expect(start([helpful, safe, note])).rejects.toThrow(
    /under 2 questions, .* Name one as questionId: "helpful" \(Which is more helpful\?\), "safe"/,
  );
  await expect(start([helpful], "safe")).rejects.toThrow(/under no question "safe". Name one of: "helpful"/);
  expect((await start([helpful, safe], "safe")).spec).toMatchObject({ questionId: "safe" });
  expect((await start([helpful, note])).spec).toMatchObject({ questionId: "helpful" });
});

test("counts votes of its question, an empty reply as lost and equal ones as tied, and prompts in the interval", async () => {
  const { of, projectId, models } = await competition(
    [helpful, safe],
    [{ name: "old" }, { name: "new", splits: ["test", "test", "train", "train"] }],
  );
  const [opponent, mine] = models;
  const asked = await promptsToAsk(db, { projectId, modelIds: [mine.id, opponent.id], limit: 6 });
  const { id: runId } = await of.manager.caller.evaluation.start({
    projectId,
    modelId: mine.id,
    opponentId: opponent.id,
    questionId: "helpful",
  });
  // Mine is empty, the other is empty, both are, both say the same, and two pairs differ.
  const texts = [
    ["", "b"],
    ["a", ""],
    ["", ""],
    ["c", "c"],
    ["mine", "theirs"],
    ["mine", "theirs"],
  ];
  const replied = [];
  for (const [i, one] of asked.entries()) {
    const reply = async (writer: typeof mine, content: string) => ({
      content,
      id: content
        ? await storeReply(db, {
            projectId,
            promptId: one.prompt.id,
            content,
            source: sourceOf(writer),
            runId,
          })
        : null,
    });
    replied.push({
      ...one,
      model: await reply(mine, texts[i][0]),
      opponent: await reply(opponent, texts[i][1]),
    });
  }
  const opening = {
    projectId,
    runId,
    modelId: mine.id,
    opponentId: opponent.id,
    questionId: "helpful",
    overlap: 2,
    replied,
    unanswered: 1,
  };
  const opened = await openEvaluation(db, { personId: null }, opening);
  expect(opened).toMatchObject({ tasks: 2, settled: 4 });
  expect(await openEvaluation(db, { personId: null }, opening)).toEqual(opened);
  await db.update(run).set({ status: "succeeded" }).where(eq(run.id, runId));

  // Two raters agree on both prompts under "helpful", and say the contrary under "safe".
  for (const rater of [await of.join(), await of.join()]) await judgeAll(rater, projectId, "mine");
  const [found] = await evaluationsOf(db, { projectId, modelId: mine.id });
  expect(found).toMatchObject({
    questionId: "helpful",
    tasks: 2,
    waiting: 0,
    // Four votes won, one reply of the other's is empty; one of mine is; two pairs are equal.
    won: 4 + 1,
    lost: 1,
    tied: 2,
    bothBad: 0,
    withoutPeople: { won: 1, lost: 1, tied: 2 },
    unanswered: 1,
    prompts: { heldOut: 2, new: 3, trained: 1, unknown: 0 },
  });
  // A reward model is held against the question it learnt from; together the two would say nothing.
  const disagreeing = async (learnt: string, likes: string) => {
    const versionId = await versionOf(projectId, `${learnt} ${likes}`, [], [{ id: learnt, label: learnt }]);
    const values = { projectId, name: "scorer", method: "reward", format: "full" } as const;
    const [scorer] = await db
      .insert(model)
      .values({ ...values, source: { kind: "run" }, versionId })
      .returning();
    const replies = await db.select().from(response).where(eq(response.projectId, projectId));
    await db.insert(score).values(
      replies.map(({ id, content }) => ({
        projectId,
        modelId: scorer.id,
        responseId: id,
        reward: content === likes ? 1 : 0,
      })),
    );
    const found = await rewardDisagreements(db, { projectId, modelId: scorer.id, limit: 10 });
    return found.map(({ votes, preferred }) => [votes, preferred.excerpt]);
  };
  const twice = (content: string) => [content, content].map((preferred) => [2, preferred]);
  expect(await disagreeing("helpful", "theirs")).toEqual(twice("mine"));
  expect(await disagreeing("safe", "theirs")).toEqual([]);
  expect(await disagreeing("safe", "mine")).toEqual(twice("theirs"));

  // Six prompts: 0, 1, ½, ½, 1, 1. As eight independent votes the interval would be narrower.
  expect(found.winRate).toMatchObject({ n: 8, prompts: 6, method: "sandwich" });
  expect(found.winRate.estimate).toBeCloseTo(4 / 6, 12);
});

/** Says of every pair that `better` is more helpful, and the other one safer. */
async function judgeAll({ caller }: Member, projectId: string, better: string) {
  for (;;) {
    const { tasks } = await caller.annotation.claim({ projectId, hold: 1 });
    if (tasks.length === 0) return;
    for (const { assignmentId, responses } of tasks) {
      const [liked, other] = responses[0].content === better ? (["a", "b"] as const) : (["b", "a"] as const);
      const said = (outcome: "a" | "b") => ({ type: "preference" as const, outcome, level: 1 });
      const answers: Answers = { helpful: said(liked), safe: said(other) };
      await caller.annotation.submit({ assignmentId, answers, idempotencyKey: newKey() });
    }
  }
}

test("withdrawn consent follows to models made from a model, and to versions that judge their replies", async () => {
  const { of, projectId, prompts, models } = await competition(
    [helpful, safe],
    [{ name: "own", splits: ["train"] }, { name: "child" }, { name: "grandchild" }],
  );
  const [own, , grandchild] = models;
  const [first, second] = [await of.join(), await of.join()];
  const judged = async (member: Member, source: string) => {
    const responseIds = [];
    for (const content of ["mine", "theirs"]) {
      const reply = { projectId, promptId: prompts[0].id, content, source, runId: own.id };
      responseIds.push(await storeReply(db, reply));
    }
    await insertTasks(db, {
      projectId,
      tasks: [{ promptId: prompts[0].id, key: source, responseIds, overlap: 1 }],
    });
    await judgeAll(member, projectId, "mine");
    const [{ id, raterId }] = await db
      .select({ id: annotation.id, raterId: annotation.raterId })
      .from(annotation)
      .where(eq(annotation.projectId, projectId))
      .orderBy(desc(annotation.createdAt))
      .limit(1);
    return { id, raterId };
  };
  const hers = await judged(first, "a person");
  await db
    .update(datasetRow)
    .set({ annotationIds: [hers.id] })
    .where(eq(datasetRow.versionId, own.versionId ?? ""));
  // Another rater judges what the grandchild wrote; a model learns from that, and a last one has nothing of it.
  const theirs = await judged(second, sourceOf(grandchild));
  const later = await versionOf(projectId, "later", [{ split: "train", prompt: prompts[1] }]);
  await db
    .update(datasetRow)
    .set({ annotationIds: [theirs.id] })
    .where(eq(datasetRow.versionId, later));
  const apart = await versionOf(projectId, "apart", [{ split: "train", prompt: prompts[2] }]);
  const more = await db
    .insert(model)
    .values(
      [later, apart].map((versionId) => ({
        projectId,
        name: versionId === later ? "of replies" : "apart",
        method: "sft" as const,
        format: "full" as const,
        source: { kind: "run" as const },
        versionId,
      })),
    )
    .returning();

  const touched = await touchedBy(db, { projectId, raterId: hers.raterId });
  expect(touched.versions.map(({ dataset, through }) => [dataset, through])).toEqual([
    ["own", "judgements"],
    ["later", "replies"],
  ]);
  expect(touched.models.map(({ name }) => name)).toEqual(["own", "child", "grandchild", "of replies"]);

  const withdrawn = async (modelId: string) =>
    (await lineageOf(db, { projectId, modelId })).withdrawn.map(({ id }) => id);
  expect(await withdrawn(grandchild.id)).toEqual([]);
  await setConsent(db, of.manager.viewer, { projectId, raterId: hers.raterId, withdrawn: true });
  expect(await withdrawn(own.id)).toEqual([hers.raterId]);
  expect(await withdrawn(grandchild.id)).toEqual([hers.raterId]);
  expect(await withdrawn(more[0].id)).toEqual([hers.raterId]);
  expect(await withdrawn(more[1].id)).toEqual([]);
});

test("what comes in is scored where the project asks for a reward model's uncertainty, by one run at a time", async () => {
  const of = await study(database, { tasks: 0 });
  const { projectId } = of;
  const add = () => of.manager.caller.content.addPrompts({ projectId, prompts: somePrompts(2, 2) });
  const runs = () => db.select().from(run).where(eq(run.projectId, projectId)).orderBy(asc(run.id));
  const rewardModel = async (name: string) => {
    const values = { projectId, name, method: "reward", format: "full", source: { kind: "run" } } as const;
    return (await db.insert(model).values(values).returning())[0];
  };
  const select = (selection: "uncertainty" | "in_order") =>
    of.manager.caller.project.update({ projectId, selection });

  await select("uncertainty");
  await add();
  expect(await runs()).toEqual([]);
  await select("in_order");
  const old = await rewardModel("old");
  await add();
  expect(await runs()).toEqual([]);
  await select("uncertainty");
  await add();
  await add();
  expect((await runs()).map(({ kind, spec, status }) => [kind, spec, status])).toEqual([
    ["score", { modelId: old.id }, "queued"],
  ]);
  // The run that has begun may be past what comes in now.
  await db.update(run).set({ status: "running" }).where(eq(run.projectId, projectId));
  await add();
  const newest = await rewardModel("newest");
  await add();
  expect((await runs()).map(({ spec }) => spec.modelId)).toEqual([old.id, old.id, newest.id]);
});
