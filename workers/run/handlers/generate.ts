import { promptFields } from "../../../server/content/rendered";
import { storeReply, unansweredPrompts } from "../../../server/evaluation/evaluation";
import { generateSpecSchema } from "../../../server/evaluation/schema";
import { getModel, sourceOf } from "../../../server/model/model";
import { scoreIncoming } from "../../../server/score/incoming";
import { generationShape } from "../../engine/infer/requests";
import { replies, withModel } from "../../training/inference";
import { handler } from "../handler";
import { rateOf } from "../rate";

/** Lets a model answer prompts of the project. Every reply is stored as it comes: attempted again, it goes on. */
export const generate = handler(generateSpecSchema, async (work) => {
  const { run, db, projectId, spec, progress, log } = work;
  const model = await getModel(db, { projectId, modelId: spec.modelId });
  const source = sourceOf(model);
  const prompts = await unansweredPrompts(db, { projectId, source, limit: spec.prompts });
  const rate = rateOf("responses");
  let stored = 0;
  await withModel(work, model, async (child) => {
    const written = replies(
      child,
      prompts.map(promptFields),
      generationShape.parse(spec.sampling),
      (row, reason) => void log("warning", `No response to prompt ${prompts[row].id}: ${reason}`),
    );
    for await (const { row, text } of written) {
      if (text.trim())
        await storeReply(db, { projectId, promptId: prompts[row].id, content: text, source, runId: run.id });
      progress(rate(++stored, prompts.length));
    }
  });
  await scoreIncoming(db, { personId: run.createdBy }, { projectId, afterRunId: run.id });
  return { responses: stored, source };
});
