import { chatSpecSchema } from "../../server/evaluation/schema";
import { getModel } from "../../server/model/model";
import { generationShape } from "../engine/infer/requests";
import type { Handler } from "../handler";
import { replies, withModel } from "../training/inference";

/** One turn of a conversation with one or two models. */
export const chat: Handler = async (work) => {
  const { run, db } = work;
  const { modelIds, conversations, sampling } = chatSpecSchema.parse(run.spec);
  const { projectId } = run;
  if (!projectId) throw new Error("A chat belongs to a project.");
  const options = generationShape.parse(sampling);
  const answers: { modelId: string; text: string | null; reason: string | null }[] = [];
  for (const [i, modelId] of modelIds.entries()) {
    const model = await getModel(db, { projectId, modelId });
    answers.push(
      await withModel(work, model, async (child) => {
        let reason: string | null = null;
        for await (const { text } of replies(child, [conversations[i]], options, (_, why) => {
          reason = why;
        }))
          return { modelId, text, reason: null };
        return { modelId, text: null, reason };
      }),
    );
  }
  return { answers };
};
