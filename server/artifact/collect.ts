import { and, asc, eq, gt, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { artifact, clusterFile, clusterUpload, person, run, runArtifact, upload } from "../../db/schema";
import type { ArtifactStore } from "./store";

/** What nobody refers to stays this long: whoever brought it may be about to say what it is for. */
export const GRACE_HOURS = 24;

const AT_ONCE = 500;

/** True of an artifact that is no upload, no file of a run, and nothing that a job was given or brought. */
const unreferenced = sql`not exists (select from ${upload} where ${upload.sha256} = ${artifact.sha256})
  and not exists (select from ${runArtifact} where ${runArtifact.sha256} = ${artifact.sha256})
  and not exists (select from ${clusterFile} where ${clusterFile.sha256} = ${artifact.sha256})
  and not exists (select from ${clusterUpload} where ${clusterUpload.sha256} = ${artifact.sha256})`;

const hashesOf = (projectId: string) => sql`
  select ${upload.sha256} from ${upload} where ${upload.projectId} = ${projectId}
  union select ${runArtifact.sha256} from ${runArtifact} join ${run} on ${run.id} = ${runArtifact.runId}
    where ${run.projectId} = ${projectId}
  union select ${clusterFile.sha256} from ${clusterFile} join ${run} on ${run.id} = ${clusterFile.runId}
    where ${run.projectId} = ${projectId}
  union select ${clusterUpload.sha256} from ${clusterUpload} join ${run} on ${run.id} = ${clusterUpload.runId}
    where ${run.projectId} = ${projectId}`;

/** Hashes of all that a project refers to. */
export async function heldBy(db: Db, projectId: string): Promise<string[]> {
  const rows = await db.execute<{ sha256: string }>(hashesOf(projectId));
  return rows.map(({ sha256 }) => sha256);
}

type Amount = { count: number; bytes: number };

/** What a project keeps in the store: what would go with it, and what others refer to as well. */
export async function storedFor(db: Db, projectId: string): Promise<{ own: Amount; shared: Amount }> {
  const others = sql`exists (select from ${upload} where ${upload.sha256} = ${artifact.sha256}
      and ${upload.projectId} <> ${projectId})
    or exists (select from ${run} where ${run.projectId} is distinct from ${projectId} and ${run.id} in (
      select run_id from ${runArtifact} where ${runArtifact.sha256} = ${artifact.sha256}
      union all select run_id from ${clusterFile} where ${clusterFile.sha256} = ${artifact.sha256}
      union all select run_id from ${clusterUpload} where ${clusterUpload.sha256} = ${artifact.sha256}))`;
  const rows = await db.execute<Amount & { shared: boolean }>(sql`
    select ${others} as shared, count(*)::int as count, sum(${artifact.size})::float8 as bytes
    from ${artifact} where ${artifact.sha256} in (${hashesOf(projectId)}) group by 1`);
  const of = (shared: boolean): Amount => {
    const found = rows.find((row) => row.shared === shared);
    return { count: found?.count ?? 0, bytes: found?.bytes ?? 0 };
  };
  return { own: of(false), shared: of(true) };
}

/** Marks those of some artifacts that nobody refers to: they go with the next collection, without grace. */
export async function releaseArtifacts(tx: Db, hashes: readonly string[]): Promise<void> {
  await tx
    .update(artifact)
    .set({ releasedAt: sql`now()` })
    .where(
      and(
        sql`${artifact.sha256} in (select jsonb_array_elements_text(${JSON.stringify(hashes)}::jsonb))`,
        unreferenced,
      ),
    );
}

/** What names this database for whoever keeps files for it: its first person, who is never deleted. */
export async function instanceOf(db: Db): Promise<string> {
  const [first] = await db.select({ id: person.id }).from(person).orderBy(asc(person.id)).limit(1);
  if (!first) throw new Error("The database has no person yet.");
  return first.id;
}

/** Whether the store is this database's. Unmarked it is, when most of what lies there has a row. */
export async function claimStore(db: Db, store: ArtifactStore): Promise<boolean> {
  return store.isOf(await instanceOf(db), async () => {
    const { unnoted, noted } = await lookThrough(db, store, new Date());
    return unnoted.size <= noted;
  });
}

/**
 * Takes away what nobody refers to: of rows, and of bytes that no row names.
 * @returns null, with nothing taken, when the store is another database's
 */
export async function collectStore(
  db: Db,
  store: ArtifactStore,
  signal: AbortSignal,
): Promise<{ artifact: Amount; stray: Amount } | null> {
  if (!(await claimStore(db, store))) return null;
  const before = new Date(Date.now() - GRACE_HOURS * 3_600_000);
  const stray = await store.tidy(before);
  const { unnoted } = await lookThrough(db, store, before);
  for (const [sha256, size] of unnoted) {
    signal.throwIfAborted();
    if (!(await store.remove(sha256, before))) continue;
    stray.count += 1;
    stray.bytes += size;
  }
  return { artifact: await collectArtifacts(db, store, signal), stray };
}

/** What lies in the store: how much of it has a row, and what has none though it was brought before. */
async function lookThrough(db: Db, store: ArtifactStore, before: Date) {
  const unnoted = new Map<string, number>();
  let noted = 0;
  let batch = new Map<string, number>();
  const sort = async () => {
    const rows = await db
      .select({ sha256: artifact.sha256 })
      .from(artifact)
      .where(inArray(artifact.sha256, [...batch.keys()]));
    for (const { sha256 } of rows) batch.delete(sha256);
    noted += rows.length;
    for (const [sha256, size] of batch) unnoted.set(sha256, size);
    batch = new Map();
  };
  for await (const { sha256, size, broughtAt } of store.list()) {
    if (broughtAt < before) batch.set(sha256, size);
    else noted += 1;
    if (batch.size >= AT_ONCE) await sort();
  }
  if (batch.size > 0) await sort();
  return { unnoted, noted };
}

/**
 * First a row is marked, then its bytes go, then the row: killed in between, what is
 * marked is finished by the next collection, and whoever brings the same bytes meanwhile takes the mark off and has
 * brought them. Nothing that is referred to is ever marked.
 */
async function collectArtifacts(db: Db, store: ArtifactStore, signal: AbortSignal): Promise<Amount> {
  await db
    .update(artifact)
    .set({ releasedAt: sql`now()` })
    .where(
      and(
        isNull(artifact.releasedAt),
        lt(artifact.createdAt, sql`now() - make_interval(hours => ${GRACE_HOURS})`),
        unreferenced,
      ),
    );
  const gone: Amount = { count: 0, bytes: 0 };
  for (let last = ""; ; ) {
    const released = await db
      .select({ sha256: artifact.sha256, size: artifact.size, releasedAt: artifact.releasedAt })
      .from(artifact)
      .where(and(isNotNull(artifact.releasedAt), gt(artifact.sha256, last), unreferenced))
      .orderBy(asc(artifact.sha256))
      .limit(AT_ONCE);
    for (const { sha256, size, releasedAt } of released) {
      signal.throwIfAborted();
      if (!releasedAt || !(await store.remove(sha256, releasedAt))) continue;
      const [taken] = await db
        .delete(artifact)
        .where(and(eq(artifact.sha256, sha256), isNotNull(artifact.releasedAt), unreferenced))
        .returning({ sha256: artifact.sha256 });
      if (!taken) continue;
      gone.count += 1;
      gone.bytes += size;
    }
    const end = released.at(-1);
    if (!end) return gone;
    last = end.sha256;
  }
}
