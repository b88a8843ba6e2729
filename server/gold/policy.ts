import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { admitted, gold, project } from "../../db/schema";
import { type GoldPolicy, goldUses, policyFrom } from "../../db/shape/gold";
import { type Actor, audit } from "../audit/audit";
import { notFound } from "../errors";
import type { GoldSettings } from "./schema";

/** How a project deals with known answers, and how many there are. */
export async function goldSettings(db: Db, projectId: string): Promise<GoldSettings> {
  const [found] = await db.select({ gold: project.gold }).from(project).where(eq(project.id, projectId));
  if (!found) throw notFound("The project");
  const counts = await db
    .select({ use: gold.use, count: sql<number>`count(*)::int` })
    .from(gold)
    .where(and(eq(gold.projectId, projectId), isNull(gold.retiredAt)))
    .groupBy(gold.use);
  const countOf = (use: (typeof goldUses)[number]) => counts.find((row) => row.use === use)?.count ?? 0;
  const [mixed, attention, qualification] = goldUses.map(countOf);
  return {
    policy: policyFrom(found.gold),
    items: { mixed, attention, qualification },
    adjudications: await db.$count(
      admitted,
      and(eq(admitted.projectId, projectId), eq(admitted.isAdjudication, true)),
    ),
  };
}

/** From the next claim on. Who has passed an earlier qualification has passed. */
export async function setPolicy(
  db: Db,
  actor: Actor,
  { projectId, policy }: { projectId: string; policy: GoldPolicy },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [found] = await tx
      .select({ gold: project.gold })
      .from(project)
      .where(eq(project.id, projectId))
      .for("no key update");
    if (!found) throw notFound("The project");
    await tx.update(project).set({ gold: policy }).where(eq(project.id, projectId));
    await audit(tx, actor, {
      action: "gold.setPolicy",
      target: { kind: "project", id: projectId },
      projectId,
      before: policyFrom(found.gold),
      after: policy,
    });
  });
}
