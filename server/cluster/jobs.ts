import { TRPCError } from "@trpc/server";
import { and, asc, eq, gte, inArray, like, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { artifact, clusterEvent, clusterFile, clusterJob, clusterUpload, run } from "../../db/schema";
import { conflict, notFound } from "../errors";
import type { RunClaim } from "../token/run";

export type ClusterJob = typeof clusterJob.$inferSelect;

/** Which submission of a run is meant. */
export type Submission = Pick<ClusterJob, "runId" | "generation">;

export interface ClusterFile {
  path: string;
  sha256: string;
  size: number;
}

/** Lines in one statement; PostgreSQL takes 65,535 parameters, three a line. */
const LINES_AT_ONCE = 5000;

/** The job of a run: made when it is asked for first, before anything is submitted. */
export async function reserveJob(db: Db, runId: string): Promise<ClusterJob> {
  await db.insert(clusterJob).values({ runId }).onConflictDoNothing();
  return readJob(db, runId);
}

export async function readJob(db: Db, runId: string): Promise<ClusterJob> {
  const [found] = await db.select().from(clusterJob).where(eq(clusterJob.runId, runId));
  if (!found) throw notFound("The job of the run");
  return found;
}

/**
 * Gives up a submission and reserves the next. What the old one still says is refused from here on. Asked twice for
 * the same, it moves on once.
 */
export async function nextSubmission(
  db: Db,
  { runId, generation, finishing }: Submission & { finishing: boolean },
): Promise<ClusterJob> {
  await db
    .update(clusterJob)
    .set({ generation: generation + 1, finishing, submittedAt: null, startedAt: null })
    .where(and(eq(clusterJob.runId, runId), eq(clusterJob.generation, generation)));
  return readJob(db, runId);
}

/** Notes that the cluster has taken a submission: unknown to it later, it must have died. */
export async function noteSubmitted(db: Db, { runId, generation }: Submission): Promise<void> {
  await db
    .update(clusterJob)
    .set({ submittedAt: sql`coalesce(${clusterJob.submittedAt}, now())` })
    .where(and(eq(clusterJob.runId, runId), eq(clusterJob.generation, generation)));
}

/** What a job is told with every answer. */
export interface Orders {
  /** A person asked to stop and keep the work. */
  stop: boolean;
}

/**
 * The job that a token speaks for, locked.
 * @throws CONFLICT when the run is over or another submission has taken its place: the job then ends
 */
async function current(tx: Db, { runId, generation }: RunClaim): Promise<ClusterJob & Orders> {
  const [found] = await tx
    .select({ job: clusterJob, status: run.status, stop: run.stopRequested })
    .from(clusterJob)
    .innerJoin(run, eq(run.id, clusterJob.runId))
    .where(eq(clusterJob.runId, runId))
    .for("update", { of: clusterJob });
  requireCurrent(found && { generation: found.job.generation, status: found.status }, generation);
  if (!found) throw notFound("The job of the run");
  return { ...found.job, stop: found.stop };
}

function requireCurrent(found: { generation: number; status: string } | undefined, generation: number): void {
  // Between two attempts of a worker the run is queued, and its job goes on.
  const goesOn = found?.status === "running" || found?.status === "queued";
  if (!goesOn || found.generation !== generation)
    throw new TRPCError({
      code: "CONFLICT",
      message: goesOn
        ? "Another submission has taken the place of this job: end it."
        : "The run is over: end this job.",
    });
}

/** Whether a token still speaks for its run. @throws CONFLICT when the run is over or the job is another's */
export async function requireJob(db: Db, { runId, generation }: RunClaim): Promise<void> {
  const [found] = await db
    .select({ generation: clusterJob.generation, status: run.status })
    .from(clusterJob)
    .innerJoin(run, eq(run.id, clusterJob.runId))
    .where(eq(clusterJob.runId, runId));
  requireCurrent(found, generation);
}

/** The first word of a job's training process: it has its machines. @returns what it works on */
export async function startJob(
  db: Db,
  claim: RunClaim,
): Promise<Orders & { files: ClusterFile[]; finishing: boolean }> {
  return db.transaction(async (tx) => {
    const job = await current(tx, claim);
    await tx
      .update(clusterJob)
      .set({ startedAt: sql`coalesce(${clusterJob.startedAt}, now())` })
      .where(eq(clusterJob.runId, claim.runId));
    return { files: await jobFiles(tx, claim.runId), finishing: job.finishing, stop: job.stop };
  });
}

/**
 * Stores lines of a job's events.jsonl. Lines that are there already are passed over, so a request sent again changes
 * nothing; the first lines of a new submission take the place of all from `from` on, because it resumed there.
 * @throws CONFLICT when lines before `from` are missing
 */
export async function tellEvents(
  db: Db,
  claim: RunClaim,
  { from, lines }: { from: number; lines: readonly string[] },
): Promise<Orders> {
  const { runId, generation } = claim;
  return db.transaction(async (tx) => {
    const job = await current(tx, claim);
    if (job.eventsGeneration < generation) {
      await tx.delete(clusterEvent).where(and(eq(clusterEvent.runId, runId), gte(clusterEvent.line, from)));
      await tx.update(clusterJob).set({ eventsGeneration: generation }).where(eq(clusterJob.runId, runId));
    }
    const known = await tx.$count(clusterEvent, eq(clusterEvent.runId, runId));
    if (from > known)
      throw conflict(`Lines ${known} to ${from - 1} are missing: send from line ${known} on.`);
    const rows = lines.map((text, index) => ({ runId, line: from + index, text })).slice(known - from);
    for (let start = 0; start < rows.length; start += LINES_AT_ONCE)
      await tx.insert(clusterEvent).values(rows.slice(start, start + LINES_AT_ONCE));
    return { stop: job.stop };
  });
}

/** The lines of a job's events from one on. */
export async function eventLines(db: Db, runId: string, from = 0): Promise<string[]> {
  const rows = await db
    .select({ text: clusterEvent.text })
    .from(clusterEvent)
    .where(and(eq(clusterEvent.runId, runId), gte(clusterEvent.line, from)))
    .orderBy(asc(clusterEvent.line));
  return rows.map(({ text }) => text);
}

/** Names uploaded files as the job's, all at once, and forgets those below the folders of `remove`. */
export async function tellFiles(
  db: Db,
  claim: RunClaim,
  { add, remove }: { add: readonly { path: string; sha256: string }[]; remove: readonly string[] },
): Promise<Orders> {
  const { runId } = claim;
  return db.transaction(async (tx) => {
    const { stop } = await current(tx, claim);
    if (remove.length > 0)
      await tx
        .delete(clusterFile)
        .where(
          and(
            eq(clusterFile.runId, runId),
            or(...remove.map((folder) => like(clusterFile.path, `${escaped(folder)}/%`))),
          ),
        );
    await refuseForeign(tx, runId, add);
    await nameFiles(tx, runId, add);
    return { stop };
  });
}

/** A job names what it has brought or was given; a hash that it knows from elsewhere is not its file. */
async function refuseForeign(tx: Db, runId: string, files: readonly { sha256: string }[]): Promise<void> {
  const wanted = [...new Set(files.map(({ sha256 }) => sha256))];
  if (wanted.length === 0) return;
  const of = (table: typeof clusterUpload | typeof clusterFile) =>
    tx
      .selectDistinct({ sha256: table.sha256 })
      .from(table)
      .where(and(eq(table.runId, runId), inArray(table.sha256, wanted)));
  const known = new Set(
    [...(await of(clusterUpload)), ...(await of(clusterFile))].map(({ sha256 }) => sha256),
  );
  if (known.size < wanted.length) throw conflict("Upload every file before it is named.");
}

const escaped = (path: string) => path.replace(/[\\%_]/g, "\\$&");

/** Names artifacts of the store as files of a run's folder. */
export async function nameFiles(
  tx: Db,
  runId: string,
  files: readonly { path: string; sha256: string }[],
): Promise<void> {
  if (files.length === 0) return;
  const hashes = [...new Set(files.map(({ sha256 }) => sha256))];
  const stored = await tx.$count(artifact, inArray(artifact.sha256, hashes));
  if (stored < hashes.length) throw conflict("Upload every file before it is named.");
  await tx
    .insert(clusterFile)
    .values(files.map(({ path, sha256 }) => ({ runId, path, sha256 })))
    .onConflictDoUpdate({
      target: [clusterFile.runId, clusterFile.path],
      set: { sha256: sql`excluded.sha256` },
    });
}

export async function jobFiles(db: Db, runId: string): Promise<ClusterFile[]> {
  return db
    .select({ path: clusterFile.path, sha256: clusterFile.sha256, size: artifact.size })
    .from(clusterFile)
    .innerJoin(artifact, eq(artifact.sha256, clusterFile.sha256))
    .where(eq(clusterFile.runId, runId))
    .orderBy(asc(clusterFile.path));
}
