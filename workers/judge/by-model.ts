import { getModel } from "../../server/model/model";
import type { Model } from "../../server/model/schema";
import type { Work } from "../run/handler";
import { LocalModel } from "../text/local";
import { openFolders } from "../training/models";
import { LocalRewards } from "./by-rewards";
import { LocalWords } from "./by-words";
import type { Judging, OpenJudge } from "./judging";

/** A judge whose model is one of the registry: it answers here, one request after the other, and costs nothing. */
export async function openModelJudge(judging: Judging, modelId: string): Promise<OpenJudge> {
  const { work, version } = judging;
  const found = await getModel(work.db, { projectId: work.projectId, modelId });
  const model = await openRegistered(work, found, version.verdictBy === "reward");
  // Running a graph hears nothing: only its process can be ended in the middle.
  const onAbort = () => void model.close();
  work.signal.addEventListener("abort", onAbort);
  const judge =
    version.verdictBy === "reward" ? new LocalRewards(judging, model, found) : new LocalWords(judging, model);
  return {
    ask: (tasks) => judge.ask(tasks),
    async close() {
      work.signal.removeEventListener("abort", onAbort);
      await model.close();
    },
  };
}

/** A model of the registry, ready to be asked. @param forRewards whether it is to score, not to write */
export async function openRegistered(
  work: Work & { projectId: string },
  found: Model,
  forRewards: boolean,
): Promise<LocalModel> {
  const { name, method, parentId, baseId } = found;
  const before = parentId ?? baseId;
  const needsReference = forRewards && method !== "reward";
  if (needsReference && before === null)
    throw new Error(`What ${name} was tuned from is gone: without it there is no reward.`);
  const reference =
    needsReference && before !== null
      ? await openFolders(work, await getModel(work.db, { projectId: work.projectId, modelId: before }))
      : undefined;
  const folders = await openFolders(work, found);
  return new LocalModel({ name, folders, isReward: method === "reward", reference });
}
