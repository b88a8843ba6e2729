import { and, eq, isNull } from "drizzle-orm";
import type { Db } from "../../db/client";
import { endpoint } from "../../db/schema";
import type { Capabilities } from "../../db/shape/endpoint";
import { conflict, notFound } from "../errors";
import { getModel } from "../model/model";
import { givesRewards } from "../model/words";
import type { JudgeSettings } from "./schema";

/** What will answer, and what it can. */
export interface Answering {
  name: string;
  /** As its maker calls it. */
  model: string;
  can: Pick<Capabilities, "logprobs" | "schema" | "tools"> & { rewards: boolean; writes: boolean };
}

/** @throws NOT_FOUND, and CONFLICT for an endpoint of which nobody knows what it can */
export async function answeringModel(
  tx: Db,
  projectId: string,
  { endpointId, modelId }: Pick<JudgeSettings, "endpointId" | "modelId">,
): Promise<Answering> {
  if (modelId !== null) {
    const model = await getModel(tx, { projectId, modelId });
    const { name } = model;
    const isReward = model.method === "reward";
    // As the engine has it: see workers/text/local.
    const can = { logprobs: isReward ? 0 : 20, schema: !isReward, tools: false };
    return { name, model: name, can: { ...can, rewards: givesRewards(model), writes: !isReward } };
  }
  const where = and(
    eq(endpoint.id, endpointId ?? ""),
    eq(endpoint.projectId, projectId),
    isNull(endpoint.removedAt),
  );
  const [found] = await tx.select().from(endpoint).where(where);
  if (!found) throw notFound("The endpoint");
  if (!found.capabilities)
    throw conflict(`${found.name} was never probed with success: probe it first, to know how it can answer.`);
  return {
    name: found.name,
    model: found.model,
    can: { ...found.capabilities, rewards: false, writes: true },
  };
}
