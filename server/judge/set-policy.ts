import { eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { project } from "../../db/schema";
import { type JudgePolicy, judgePolicyFrom } from "../../db/shape/judge";
import { type Actor, audit } from "../audit/audit";
import { conflict, notFound } from "../errors";
import { orderNewSeats } from "../seat/selection";
import { getJudge, getJudgeVersion } from "./judge";
import { cardOfVersion } from "./kept-card";
import { unmet } from "./labelling";

/**
 * Sets what a project asks of its judges, from now on: what they may changes at once, frozen versions stay what they
 * are. Where a judge is to order the queue, or no longer, open seats are placed anew.
 * @throws CONFLICT where the judge that is to order the queue is out of use, or may only advise by this very policy
 */
export async function setPolicy(
  db: Db,
  actor: Actor,
  { projectId, policy }: { projectId: string; policy: JudgePolicy },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [found] = await tx
      .select({ judges: project.judges })
      .from(project)
      .where(eq(project.id, projectId))
      .for("no key update");
    if (!found) throw notFound("The project");
    await tx.update(project).set({ judges: policy }).where(eq(project.id, projectId));
    await audit(tx, actor, {
      action: "judge.setPolicy",
      target: { kind: "project", id: projectId },
      projectId,
      before: judgePolicyFrom(found.judges),
      after: policy,
    });
    if (policy.queueBy === null) {
      if (judgePolicyFrom(found.judges).queueBy !== null) await orderNewSeats(tx, projectId);
      return;
    }
    const look = { projectId, judgeVersionId: policy.queueBy };
    const { judgeId, name, version } = await getJudgeVersion(tx, look);
    const { archivedAt } = await getJudge(tx, { projectId, judgeId });
    if (archivedAt) throw conflict(`${name} is out of use, and orders no queue. Name another one, or none.`);
    const { standing } = await cardOfVersion(tx, look);
    if (standing.role === "advise")
      throw conflict(
        `${name} v${version} may only advise, and orders no queue: ${unmet(standing, "presort")}.`,
      );
    await orderNewSeats(tx, projectId);
  });
}
