import { eq } from "drizzle-orm";
import { project } from "../../../db/schema";
import { promptFields } from "../../../server/content/rendered";
import {
  type BlindPair,
  firstPrompts,
  openEvaluation,
  sourceOf,
  storeReply,
} from "../../../server/evaluation/evaluation";
import { evaluateSpecSchema } from "../../../server/evaluation/schema";
import { getModel } from "../../../server/model/model";
import type { Model } from "../../../server/model/schema";
import { generationShape } from "../../engine/infer/requests";
import { replies, withModel } from "../../training/inference";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Lets two models answer the same prompts and puts the pairs before the experts, blind. */
export const evaluate = handler(evaluateSpecSchema, async (work) => {
  const { run, db, projectId, progress, log } = work;
  const { modelId, opponentId, prompts: limit, overlap, sampling } = work.spec;
  const [home] = await db.select({ name: project.name }).from(project).where(eq(project.id, projectId));
  const model = await getModel(db, { projectId, modelId });
  const opponent = await getModel(db, { projectId, modelId: opponentId });
  const prompts = await firstPrompts(db, { projectId, limit });
  if (prompts.length === 0) throw new Error(`${home?.name ?? "The project"} has no prompts to answer.`);
  const options = generationShape.parse(sampling);
  const rate = rateOf("responses");
  let done = 0;

  const answersOf = (writer: Model) =>
    withModel(work, writer, async (child) => {
      const answers = new Map<number, { id: string; content: string }>();
      const source = sourceOf(writer);
      const written = replies(
        child,
        prompts.map(promptFields),
        options,
        (row, reason) =>
          void log("warning", `${writer.name} does not answer prompt ${prompts[row].id}: ${reason}`),
      );
      for await (const { row, text } of written) {
        progress(rate(++done, 2 * prompts.length, writer.name));
        const content = text.trim();
        if (!content) continue;
        const id = await storeReply(db, {
          projectId,
          promptId: prompts[row].id,
          content,
          source,
          runId: run.id,
        });
        answers.set(row, { id, content });
      }
      return answers;
    });
  const ours = await answersOf(model);
  const theirs = await answersOf(opponent);

  const pairs = prompts.flatMap((prompt, row): BlindPair[] => {
    const [mine, other] = [ours.get(row), theirs.get(row)];
    // Two equal replies cannot be told apart, by anybody.
    return mine && other && mine.content !== other.content ? [{ prompt, model: mine, opponent: other }] : [];
  });
  if (pairs.length === 0)
    throw new Error(nothingToCompare([model.name, ours.size], [opponent.name, theirs.size]));
  const left = prompts.length - pairs.length;
  if (left > 0)
    await log("info", `${left} prompts give no comparison: a reply is empty, or both are the same.`);
  const evaluationId = await openEvaluation(
    db,
    { personId: run.createdBy },
    { projectId, runId: run.id, modelId, opponentId, overlap, pairs },
  );
  return { evaluationId, tasks: pairs.length };
});

/** Which of the two said nothing, or that both said the same. */
function nothingToCompare(...sides: [name: string, replies: number][]): string {
  const silent = sides.filter(([, replies]) => replies === 0).map(([name]) => name);
  return silent.length > 0
    ? `There is nothing to compare: ${silent.join(" and ")} gave no reply but the end of its turn. Train longer, or draw replies at random with a higher temperature.`
    : "There is nothing to compare: both models gave the same replies. Draw replies at random, or compare models that differ more.";
}
