import { promptFields } from "../../../server/content/rendered";
import {
  openEvaluation,
  promptsToAsk,
  questionOf,
  type Replied,
  type Reply,
} from "../../../server/evaluation/blind";
import { storeReply } from "../../../server/evaluation/evaluation";
import { evaluateSpecSchema } from "../../../server/evaluation/schema";
import { getModel, sourceOf } from "../../../server/model/model";
import type { Model } from "../../../server/model/schema";
import { scoreIncoming } from "../../../server/score/incoming";
import { generationShape } from "../../engine/infer/requests";
import { replies, withModel } from "../../training/inference";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Lets two models answer the same prompts and puts the pairs before the experts, blind. */
export const evaluate = handler(evaluateSpecSchema, async (work) => {
  const { run, db, projectId, progress, log } = work;
  const { modelId, opponentId, prompts: limit, overlap, sampling } = work.spec;
  const { id: questionId } = await questionOf(db, { projectId, questionId: work.spec.questionId });
  const model = await getModel(db, { projectId, modelId });
  const opponent = await getModel(db, { projectId, modelId: opponentId });
  const asked = await promptsToAsk(db, { projectId, modelIds: [modelId, opponentId], limit });
  if (asked.length === 0) throw new Error("The project has no prompts to answer.");
  const seen = (exposure: Replied["exposure"]) => asked.filter((one) => one.exposure === exposure).length;
  await log(
    "info",
    `Of ${asked.length} prompts ${seen("held_out")} are held out of the versions behind the models, ${seen("new")} are in none of them, and ${seen("trained")} were seen in training.`,
  );
  const options = generationShape.parse(sampling);
  const rate = rateOf("responses");
  let done = 0;

  const answersOf = (writer: Model) =>
    withModel(work, writer, async (child) => {
      const answers = new Map<number, Reply>();
      const source = sourceOf(writer);
      const written = replies(
        child,
        asked.map(({ prompt }) => promptFields(prompt)),
        options,
        (row, reason) =>
          void log("warning", `${writer.name} does not answer prompt ${asked[row].prompt.id}: ${reason}`),
      );
      for await (const { row, text } of written) {
        progress(rate(++done, 2 * asked.length, writer.name));
        const content = text.trim();
        const reply = { projectId, promptId: asked[row].prompt.id, content, source, runId: run.id };
        answers.set(row, { content, id: content ? await storeReply(db, reply) : null });
      }
      return answers;
    });
  const ours = await answersOf(model);
  const theirs = await answersOf(opponent);

  const replied = asked.flatMap((one, row): Replied[] => {
    const [mine, other] = [ours.get(row), theirs.get(row)];
    return mine && other ? [{ ...one, model: mine, opponent: other }] : [];
  });
  if (replied.length === 0)
    throw new Error("There is nothing to compare: none of the prompts fits both models.");
  const { id, tasks, settled } = await openEvaluation(
    db,
    { personId: run.createdBy },
    {
      projectId,
      runId: run.id,
      modelId,
      opponentId,
      questionId,
      overlap,
      replied,
      unanswered: asked.length - replied.length,
    },
  );
  if (settled > 0)
    await log(
      "info",
      `${settled} comparisons need nobody and count: equal replies are a tie, an empty one loses.`,
    );
  await scoreIncoming(db, { personId: run.createdBy }, { projectId, afterRunId: run.id });
  return { evaluationId: id, tasks, settled };
});
