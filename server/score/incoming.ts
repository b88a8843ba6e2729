import { and, desc, eq, isNull, notExists, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { model, project, response, run, score } from "../../db/schema";
import type { Actor } from "../audit/audit";
import { queueRun } from "../run/queue";

/** Lets the newest reward model score what has come in, if the project has one. Asked again for one run, it asks once. */
export async function scoreIncoming(
  db: Db,
  actor: Actor,
  { projectId, afterRunId }: { projectId: string; afterRunId: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const scorer = await newestRewardModel(tx, projectId);
    if (!scorer) return;
    const idempotencyKey = `score after ${afterRunId}`;
    // Keys are unique to a person, and a run may be nobody's: a run is attempted by one worker at a time.
    const asked = await tx.$count(
      run,
      and(eq(run.projectId, projectId), eq(run.idempotencyKey, idempotencyKey)),
    );
    if (asked > 0) return;
    await queueScores(tx, actor, { projectId, scorer, idempotencyKey });
  });
}

/**
 * Lets the newest reward model score what it has not, where the project asks for tasks by what such a model is least
 * certain of: called with whatever may leave something unscored, in the same transaction. One such run waits at a time.
 */
export async function scoreForSelection(tx: Db, actor: Actor, projectId: string): Promise<void> {
  const asks = and(eq(project.id, projectId), eq(project.selection, "uncertainty"));
  if ((await tx.$count(project, asks)) === 0) return;
  const scorer = await newestRewardModel(tx, projectId);
  if (!scorer) return;
  const scored = tx
    .select({ one: sql`1` })
    .from(score)
    .where(and(eq(score.responseId, response.id), eq(score.modelId, scorer.id)));
  const [unscored] = await tx
    .select({ id: response.id })
    .from(response)
    .where(and(eq(response.projectId, projectId), notExists(scored)))
    .limit(1);
  if (!unscored) return;
  // Held until this transaction ends, so that the run does not begin before it can see what came in.
  const [waiting] = await tx
    .select({ id: run.id })
    .from(run)
    .where(
      and(
        eq(run.projectId, projectId),
        eq(run.kind, "score"),
        eq(run.status, "queued"),
        sql`${run.spec}->>'modelId' = ${scorer.id}`,
      ),
    )
    .limit(1)
    .for("share");
  if (!waiting) await queueScores(tx, actor, { projectId, scorer });
}

interface Scorer {
  id: string;
  name: string;
}

async function newestRewardModel(tx: Db, projectId: string): Promise<Scorer | undefined> {
  const [newest] = await tx
    .select({ id: model.id, name: model.name })
    .from(model)
    .where(and(eq(model.projectId, projectId), eq(model.method, "reward"), isNull(model.archivedAt)))
    .orderBy(desc(model.createdAt))
    .limit(1);
  return newest;
}

const queueScores = (
  tx: Db,
  actor: Actor,
  { projectId, scorer, idempotencyKey }: { projectId: string; scorer: Scorer; idempotencyKey?: string },
) =>
  queueRun(tx, actor, {
    projectId,
    kind: "score",
    title: `Scores of ${scorer.name} for what came in`,
    spec: { modelId: scorer.id },
    requirements: { engine: "onnx" },
    idempotencyKey,
  });
