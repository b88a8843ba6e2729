import { promptFields } from "../../../server/content/rendered";
import { responsesOf, storeScores, unscoredPrompts } from "../../../server/evaluation/evaluation";
import { scoreSpecSchema } from "../../../server/evaluation/schema";
import { getModel } from "../../../server/model/model";
import { orderSeats } from "../../../server/seat/selection";
import { withModel } from "../../training/inference";
import { handler } from "../handler";
import { rateOf } from "../rate";

const PROMPTS_AT_ONCE = 64;

/** Scores what a reward model has not scored; then places the open seats as the project asks for. */
export const score = handler(scoreSpecSchema, async (work) => {
  const { db, projectId, progress, log } = work;
  const { modelId } = work.spec;
  const model = await getModel(db, { projectId, modelId });
  const rate = rateOf("responses");
  let scored = 0;
  await withModel(work, model, async (child) => {
    let afterPrompt = "00000000-0000-0000-0000-000000000000";
    for (;;) {
      const prompts = await unscoredPrompts(db, { projectId, modelId, afterPrompt, limit: PROMPTS_AT_ONCE });
      if (prompts.length === 0) return;
      afterPrompt = prompts[prompts.length - 1].id;
      const responses = await responsesOf(
        db,
        prompts.map(({ id }) => id),
      );
      const grouped = prompts.map((asked) => ({
        fields: promptFields(asked),
        replies: responses.filter(({ promptId }) => promptId === asked.id),
      }));
      const rows = grouped.map(({ fields, replies }) => ({
        ...fields,
        responses: replies.map(({ turns }) => turns),
      }));
      for await (const answer of child.answer({ kind: "score", rows })) {
        if (answer.kind === "dropped")
          await log("warning", `Prompt ${prompts[answer.row].id} is not scored: ${answer.reason}`);
        if (answer.kind !== "scored") continue;
        const rewards = grouped[answer.row].replies.map(({ id }, i) => ({
          responseId: id,
          reward: answer.rewards[i],
        }));
        await storeScores(db, { projectId, modelId, rewards });
        scored += rewards.length;
        progress(rate(scored));
      }
    }
  });
  return { scored, ordered: await orderSeats(db, projectId) };
});
