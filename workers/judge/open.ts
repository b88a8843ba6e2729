import { openEndpointJudge } from "./by-endpoint";
import { MembersJudge } from "./by-members";
import { openModelJudge } from "./by-model";
import type { Judging, OpenJudge } from "./judging";

/** A version, ready to judge: by the members that it is made of, by its model here, or by its endpoint. */
export async function openJudge(judging: Judging): Promise<OpenJudge> {
  const { assembly, model, endpoint } = judging.version;
  if (assembly) return new MembersJudge(judging, assembly, openJudge);
  return model ? openModelJudge(judging, model.id) : openEndpointJudge(judging, endpoint?.id ?? "");
}
