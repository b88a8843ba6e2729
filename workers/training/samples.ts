import type { Db } from "../../db/client";
import { storeSample } from "../../server/training/samples";
import { generationShape } from "../engine/infer/requests";
import { replies } from "./inference";
import { InferenceChild } from "./inference-child";
import type { ModelFolders } from "./models";

const SAMPLE_TOKENS = 96;

/** Lets a checkpoint answer the run's fixed prompts and stores what it says. */
export async function takeSamples(
  db: Db,
  {
    runId,
    step,
    prompts,
    folders,
  }: { runId: string; step: number; prompts: readonly string[]; folders: ModelFolders },
): Promise<void> {
  const child = await InferenceChild.open({ ...folders, threads: 1 });
  try {
    const conversations = prompts.map((content) => ({ prompt: [{ role: "user" as const, content }] }));
    const options = generationShape.parse({ max_new_tokens: SAMPLE_TOKENS });
    for await (const { row, text } of replies(child, conversations, options, () => {}))
      await storeSample(db, { runId, step, position: row, prompt: prompts[row], completion: text });
  } finally {
    child.kill();
  }
}
