import { and, asc, eq, like, sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../../db/client";
import { project, rater, run } from "../../db/schema";
import { recipeSchema } from "../../db/shape/dataset";
import type { TrainingMethod } from "../../db/shape/training";
import type { Actor } from "../audit/audit";
import { addPrompts } from "../content/content";
import { createDataset } from "../dataset/dataset";
import { evaluateSpecSchema } from "../evaluation/schema";
import { type Answers, formSchema } from "../form/schema";
import { factsOf } from "../judgement/facts";
import { storeJudgements } from "../judgement/store";
import { addModel } from "../model/model";
import { queuedNewModelSchema } from "../model/schema";
import { createProject } from "../project/project";
import { queueRun } from "../run/queue";
import { insertTasks } from "../task/insert";
import { queuedTrainSpecSchema } from "../training/schema";
import type { Viewer } from "../trpc";
import { type CurriculumPair, curriculum } from "./curriculum";
import { loopPlans, watchedPrompts } from "./loop-plan";
import { placing } from "./placing";
import { randomFor } from "./random";
import { type Loop, type LoopBase, type LoopStep, loopSteps } from "./schema";

const PAIRS = 1200;
/** Raters slip; without it there would be nothing to disagree about. */
const SLIPS = 0.05;
const BLIND_PAIRS = 10;

const questions = formSchema.parse([
  { id: "better", type: "preference", label: "Which reply is better?", points: 2 },
]);

const GUIDELINES =
  "Prefer the reply that is **right**, answers **the question that was asked**, and is **kind**. Length does not matter.";

/**
 * The whole loop as a project of its own, so that it touches no other: short pairs judged by a program that knows the
 * answers, and a chain of runs from them to a blind comparison that waits for a person. Each run waits for the one
 * before; the ids of what they make are given out now, so that every one can name what it will find.
 */
export async function startLoop(
  db: Db,
  actor: Actor,
  { viewer, base }: { viewer: Viewer; base: LoopBase },
): Promise<{ projectId: string }> {
  return db.transaction(async (tx) => {
    const { id: projectId, form } = await createProject(tx, actor, {
      viewer,
      input: {
        name: "Demo: the whole loop",
        description: "Short pairs written by a program and judged by one, to see the loop turn once.",
        languages: ["en"],
        overlap: 1,
        questions,
        guidelines: GUIDELINES,
      },
    });
    await tx.update(project).set({ isDemo: true }).where(eq(project.id, projectId));
    await addJudgedPairs(tx, actor, { projectId, formVersionId: form.id });
    const { id: datasetId } = await createDataset(tx, actor, {
      projectId,
      name: "Pairs",
      kind: "preference",
    });
    const [made] = await tx.execute<Record<"version" | "base" | "sft" | "reward" | "preference", string>>(
      sql`select uuid7() as version, uuid7() as base, uuid7() as sft, uuid7() as reward, uuid7() as preference`,
    );
    const baseId =
      base.kind === "new"
        ? made.base
        : (await addModel(tx, actor, { projectId, name: "Base", source: base.source })).id;
    const plan = loopPlans[base.kind === "new" ? "new" : "pretrained"];

    let afterId: string | undefined;
    const queue = async (step: LoopStep, title: string, spec: Record<string, unknown>) => {
      const queued = await queueRun(tx, actor, {
        projectId,
        kind: step,
        title,
        spec,
        requirements: step === "freeze" ? {} : { engine: "onnx" },
        idempotencyKey: keyOf(step),
        afterId,
      });
      afterId = queued.id;
    };
    const train = (method: Exclude<TrainingMethod, "kto">, name: string, modelId: string) =>
      queue(
        method,
        name,
        queuedTrainSpecSchema.parse({
          versionId: made.version,
          modelId,
          name,
          options: plan.options[method],
          samplePrompts: method === "reward" ? [] : watchedPrompts,
          makes: made[method],
        }),
      );

    const split = { seed: 42, train: 0.85, validation: 0.15, test: 0 };
    await queue("freeze", "Freeze the pairs", {
      datasetId,
      recipe: recipeSchema.parse({ split }),
      makes: made.version,
    });
    if (base.kind === "new")
      await queue(
        "new_model",
        "Base",
        queuedNewModelSchema.parse({ ...loopPlans.new.model, name: "Base", makes: baseId }),
      );
    await train("sft", "After SFT", baseId);
    await train("reward", "Reward model", base.kind === "new" ? made.sft : baseId);
    await train("preference", "After DPO", made.sft);
    await queue(
      "evaluate",
      "After DPO against the base, blind",
      evaluateSpecSchema.parse({
        modelId: made.preference,
        opponentId: baseId,
        prompts: BLIND_PAIRS,
        overlap: 1,
        questionId: questions[0].id,
        sampling: { max_new_tokens: 48, do_sample: true, temperature: 0.7 },
      }),
    );
    return { projectId };
  });
}

const KEY = "the whole loop, ";
const keyOf = (step: LoopStep) => `${KEY}${step}`;

const trained = z.object({ modelId: z.uuid(), makes: z.uuid() });

/** Where the loop of a project stands; null for a project that is none. */
export async function loopOf(db: Db, { projectId }: { projectId: string }): Promise<Loop | null> {
  const runs = await db
    .select()
    .from(run)
    .where(and(eq(run.projectId, projectId), like(run.idempotencyKey, `${KEY}%`)))
    .orderBy(asc(run.id));
  const steps = loopSteps.flatMap((step) => {
    const of = runs.find(({ idempotencyKey }) => idempotencyKey === keyOf(step));
    return of ? [{ step, run: of }] : [];
  });
  const made = (method: LoopStep) =>
    trained.safeParse(steps.find(({ step }) => step === method)?.run.spec).data;
  const [sft, reward, preference] = [made("sft"), made("reward"), made("preference")];
  if (!sft || !reward || !preference) return null;
  const { usualSeconds } = loopPlans[steps.some(({ step }) => step === "new_model") ? "new" : "pretrained"];
  return {
    steps: steps.map((one) => ({ ...one, usualSeconds: usualSeconds[one.step] })),
    models: { base: sft.modelId, sft: sft.makes, reward: reward.makes, preference: preference.makes },
  };
}

/** The pairs, each judged once by a program that knows the answer, as an imported study has it: no seat is open. */
async function addJudgedPairs(
  tx: Db,
  actor: Actor,
  { projectId, formVersionId }: { projectId: string; formVersionId: string },
): Promise<void> {
  const pairs = curriculum(PAIRS).map((pair) => ({ ...pair, shown: sidesOf(pair) }));
  await addPrompts(tx, actor, {
    projectId,
    prompts: pairs.map(({ id, domain, messages, shown }) => ({
      messages,
      language: "en",
      domain,
      source: "Concord curriculum",
      externalId: id,
      metadata: {},
      responses: shown,
    })),
  });
  const placeOf = await placing(tx, projectId);
  const placed = pairs.map(({ id, domain, messages, better, shown }) => ({
    better:
      (better === "a") !== randomFor("loop-slip", id).uniform() < SLIPS ? ("a" as const) : ("b" as const),
    task: {
      ...placeOf({ messages, responses: shown }),
      overlap: 1,
      openSeats: 0,
      language: "en",
      domain,
    },
  }));
  const taskIds = await insertTasks(tx, { projectId, tasks: placed.map(({ task }) => task) });
  const [{ id: raterId }] = await tx
    .insert(rater)
    .values({ projectId, kind: "demo", name: "Demo rater (a program)", languages: ["en"] })
    .returning();
  const submittedAt = new Date();
  const order = [0, 1];
  await storeJudgements(tx, {
    projectId,
    judgements: placed.flatMap(({ better, task: { key, promptId, responseIds } }) => {
      const taskId = taskIds.get(key);
      // The same pair twice is one task.
      if (!taskId || !taskIds.delete(key)) return [];
      const answers: Answers = { [questions[0].id]: { type: "preference", outcome: better, level: 1 } };
      const facts = factsOf({ questions, answers, order, responseIds });
      return {
        ...{ taskId, promptId, raterId, assignmentId: null, origin: "demo" as const, answers, facts, order },
        ...{ formVersionId, submittedAt },
      };
    }),
  });
}

/** The replies at the sides where they are shown: the better one as often first as second. */
function sidesOf({ chosen, rejected, better }: CurriculumPair) {
  const sides = better === "a" ? [chosen, rejected] : [rejected, chosen];
  return sides.map((content) => ({ content, source: "curriculum", metadata: {} }));
}
