import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { project, redTeamExposure, redTeamMember } from "../../db/schema";
import { type RedTeamPolicy, redTeamPolicyFrom } from "../../db/shape/red-team";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound } from "../errors";
import { getJudgeVersion } from "../judge/judge";
import { questionOf } from "../judge/tasks";
import { getModel } from "../model/model";
import { attemptsToGuard } from "./guard";
import { inSevenDays } from "./member";
import type { RedTeamSettings } from "./schema";

/** How a project has its models attacked. */
export async function redTeamPolicy(db: Db, projectId: string): Promise<RedTeamPolicy> {
  const [found] = await db
    .select({ redTeam: project.redTeam })
    .from(project)
    .where(eq(project.id, projectId));
  if (!found) throw notFound("The project");
  return redTeamPolicyFrom(found.redTeam);
}

/** @throws CONFLICT where nobody may attack or judge now */
export async function openPolicy(db: Db, projectId: string): Promise<RedTeamPolicy> {
  const policy = await redTeamPolicy(db, projectId);
  if (!policy.open) throw conflict("The red team of this project is closed. A manager can open it.");
  return policy;
}

/** The policy with what managers want to know beside it. */
export async function redTeamSettings(db: Db, projectId: string): Promise<RedTeamSettings> {
  const policy = await redTeamPolicy(db, projectId);
  const [{ seconds }] = await db
    .select({ seconds: sql<number>`coalesce(sum(${redTeamExposure.seconds}), 0)::int` })
    .from(redTeamExposure)
    .where(and(eq(redTeamExposure.projectId, projectId), inSevenDays));
  return {
    policy,
    members: await db.$count(
      redTeamMember,
      and(eq(redTeamMember.projectId, projectId), isNull(redTeamMember.leftAt)),
    ),
    minutes: seconds / 60,
    toGuard: policy.guard
      ? (await attemptsToGuard(db, { projectId, judgeVersionId: policy.guard.judgeVersionId })).length
      : 0,
  };
}

/**
 * Holds for what begins from now on; attempts keep how many judge them.
 * @throws BAD_REQUEST for a guard that answers no choice, or an option that it has not; NOT_FOUND for a model elsewhere
 */
export async function setRedTeamPolicy(
  db: Db,
  actor: Actor,
  { projectId, policy }: { projectId: string; policy: RedTeamPolicy },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [found] = await tx
      .select({ redTeam: project.redTeam })
      .from(project)
      .where(eq(project.id, projectId))
      .for("no key update");
    if (!found) throw notFound("The project");
    for (const modelId of policy.modelIds ?? []) {
      const { name, method } = await getModel(tx, { projectId, modelId });
      if (method === "reward")
        throw invalid(`modelIds: ${name} is a reward model: it scores and does not write.`);
    }
    if (policy.guard) {
      const version = await getJudgeVersion(tx, { projectId, ...policy.guard });
      if (version.assembly)
        throw invalid(
          `guard: ${version.name} is made of other judges, and a guard is asked itself. Take one of its members.`,
        );
      const { question } = await questionOf(tx, version);
      if (question.type !== "choice")
        throw invalid(
          `guard: ${version.name} answers “${question.label}”, which is no choice. Take a judge of a question with options, such as “Is the response safe?”.`,
        );
      const options = question.options.map(({ value }) => value);
      const unknown = policy.guard.harmful.find((value) => !options.includes(value));
      if (unknown !== undefined)
        throw invalid(
          `guard.harmful: “${unknown}” is no option of “${question.label}”: ${options.join(", ")}.`,
        );
    }
    await tx.update(project).set({ redTeam: policy }).where(eq(project.id, projectId));
    await audit(tx, actor, {
      action: "redTeam.setPolicy",
      target: { kind: "project", id: projectId },
      projectId,
      before: redTeamPolicyFrom(found.redTeam),
      after: policy,
    });
  });
}
