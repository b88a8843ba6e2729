import { eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import {
  clusterFile,
  clusterUpload,
  endpointAttempt,
  endpointCall,
  model,
  project,
  redTeamAttempt,
  redTeamHeld,
  run,
  runArtifact,
  upload,
} from "../../db/schema";
import type { Retention } from "../../db/shape/project";
import { isHeld, keysIn } from "../held/held";
import type { Collected } from "./schema";

/** Whether a time lies further back than a project keeps something. Not true where it keeps it for ever. */
const outlived = (what: keyof Retention, at: SQL) =>
  sql`${at} < now() - make_interval(days => (${project.retention}->>${what})::int)`;

/** Runs that have ended longer ago than their project keeps them, and those of no project: their reports say it all. */
export const outlivedRuns = sql`select ${run.id} from ${run} left join ${project} on ${project.id} = ${run.projectId}
  where ${run.status} in ('succeeded', 'failed', 'cancelled')
    and (${run.projectId} is null or ${outlived("runs", sql`${run.finishedAt}`)})`;

/** Lets go of what projects keep no longer. Its bytes are then nobody's, and go as such. */
export async function applyRetention(db: Db): Promise<Collected[]> {
  const gone = async (what: Collected["what"], ...statements: SQL[]) => {
    let count = 0;
    for (const statement of statements) count += (await db.execute(statement)).count;
    return { what, count, bytes: 0 };
  };
  const ofOutlived = (table: typeof clusterFile | typeof clusterUpload) =>
    sql`delete from ${table} where ${table.runId} in (${outlivedRuns})`;
  return [
    // An import that has not ended may still read its files.
    await gone(
      "upload",
      sql`delete from ${upload} using ${project} where ${project.id} = ${upload.projectId}
        and ${outlived("uploads", sql`${upload.createdAt}`)}
        and not exists (select from ${run} where ${run.projectId} = ${project.id} and ${run.kind} = 'import'
          and ${run.status} in ('queued', 'running'))`,
    ),
    await gone(
      "runFile",
      sql`delete from ${runArtifact} where ${runArtifact.runId} in (${outlivedRuns})
        and not exists (select from ${model} where ${model.runId} = ${runArtifact.runId})`,
      ofOutlived(clusterFile),
      ofOutlived(clusterUpload),
    ),
    await attempts(db),
    await addresses(db),
  ];
}

/** What must not be learnt of them is known on, by hashes. */
async function attempts(db: Db): Promise<Collected> {
  const count = await db.transaction(async (tx) => {
    const rows = await tx
      .select({
        id: redTeamAttempt.id,
        projectId: redTeamAttempt.projectId,
        messages: redTeamAttempt.messages,
        isHeld: sql<boolean>`${isHeld}`,
      })
      .from(redTeamAttempt)
      .innerJoin(project, eq(project.id, redTeamAttempt.projectId))
      .where(outlived("attempts", sql`coalesce(${redTeamAttempt.endedAt}, ${redTeamAttempt.createdAt})`))
      .for("update", { of: redTeamAttempt });
    for (const { id, projectId, messages, isHeld: held } of rows) {
      const keys = held ? keysIn(messages).map((key) => ({ projectId, key })) : [];
      if (keys.length > 0) await tx.insert(redTeamHeld).values(keys).onConflictDoNothing();
      await tx.delete(redTeamAttempt).where(eq(redTeamAttempt.id, id));
    }
    // A guard's reply is younger than the attempt that it may quote: of these the attempts are gone. What it cost stays.
    await tx.execute(sql`update ${endpointCall} set reply = null, answered_at = null
      from ${endpointAttempt} join ${run} on ${run.id} = ${endpointAttempt.runId}
      join ${project} on ${project.id} = ${run.projectId}
      where ${endpointAttempt.callId} = ${endpointCall.id} and ${run.kind} = 'guard'
        and ${outlived("attempts", sql`${endpointCall.answeredAt}`)}`);
    return rows.length;
  });
  return { what: "redTeam", count, bytes: 0 };
}

async function addresses(db: Db): Promise<Collected> {
  const [{ count }] = await db.execute<{ count: number }>(sql`select audit_forget_addresses()::int as count`);
  return { what: "address", count, bytes: 0 };
}
