import { chatSpecSchema } from "../../../server/evaluation/schema";
import { getModel } from "../../../server/model/model";
import { generationShape } from "../../engine/infer/requests";
import { replies, withModel } from "../../training/inference";
import { handler } from "../handler";

/** One turn of a conversation with one or two models. */
export const chat = handler(chatSpecSchema, async (work) => {
  const { db, projectId } = work;
  const { modelIds, conversations, sampling } = work.spec;
  const options = generationShape.parse(sampling);
  const answers: { modelId: string; text: string | null; reason: string | null }[] = [];
  for (const [i, modelId] of modelIds.entries()) {
    const model = await getModel(db, { projectId, modelId });
    answers.push(
      await withModel(work, model, async (child) => {
        let reason: string | null = null;
        for await (const { text } of replies(child, [{ prompt: conversations[i] }], options, (_, why) => {
          reason = why;
        }))
          return { modelId, text, reason: null };
        return { modelId, text: null, reason };
      }),
    );
  }
  return { answers };
});
