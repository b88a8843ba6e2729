import { eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { project } from "../../db/schema";
import { type JudgePolicy, judgePolicyFrom } from "../../db/shape/judge";
import { notFound } from "../errors";

/** What a project asks of its judges. */
export async function judgePolicy(db: Db, projectId: string): Promise<JudgePolicy> {
  const [found] = await db.select({ judges: project.judges }).from(project).where(eq(project.id, projectId));
  if (!found) throw notFound("The project");
  return judgePolicyFrom(found.judges);
}
