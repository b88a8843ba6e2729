import type { Db } from "../../db/client";
import type { Actor } from "../audit/audit";
import type { Run } from "../run/run";
import { draftOf, getJudgeVersion, reviseJudge, withModel } from "./judge";
import { estimateFor, startJudging } from "./run";
import {
  type JudgeEstimate,
  type JudgeFilter,
  type JudgeVersion,
  judgeFilterSchema,
  type Successor,
} from "./schema";

/** The human items of a version: all that it was asked about and people judged. */
const itemsOf = ({ id }: JudgeVersion): JudgeFilter =>
  judgeFilterSchema.parse({ judged: "by_people", besideVersion: id, limit: 50_000 });

/** What asking a successor the same items would take, before it begins. */
export async function estimateSuccessor(
  db: Db,
  { projectId, judgeVersionId, ...model }: Successor & { projectId: string },
): Promise<JudgeEstimate> {
  const from = await getJudgeVersion(db, { projectId, judgeVersionId });
  const version = await draftOf(db, { projectId, settings: await withModel(db, { projectId, from, model }) });
  return estimateFor(db, { version, projectId, filter: itemsOf(from) });
}

/**
 * Makes the next version of a judge with another model and asks it the very items that the version was asked about and
 * people judged, so that their cards stand side by side. No figure mixes the two.
 */
export async function succeed(
  db: Db,
  actor: Actor,
  { projectId, judgeVersionId, cap, ...model }: Successor & { projectId: string },
): Promise<Run> {
  return db.transaction(async (tx) => {
    const from = await getJudgeVersion(tx, { projectId, judgeVersionId });
    const settings = await withModel(tx, { projectId, from, model });
    const made = await reviseJudge(tx, actor, { projectId, judgeId: from.judgeId, ...settings });
    const next = {
      projectId,
      judgeVersionId: made.judgeVersionId,
      filter: itemsOf(from),
      words: "rubric" as const,
      cap,
    };
    return startJudging(tx, actor, next);
  });
}
