import { and, eq, lt, ne, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { claim } from "../../db/lease";
import { qualityView } from "../../db/schema";
import type { QualityFilter, QualityReport } from "../../db/shape/quality";
import { markKept } from "./kept";

/** Workers hear on it that a look waits; a slow poll covers what is lost. */
export const QUALITY_CHANNEL = "concord_quality";

/**
 * What is made of a look, each under a lease of its own: agreement waits for nobody's figures, which take a minute of
 * a large project.
 */
export const stages = ["agreement", "raters"] as const;
export type Stage = (typeof stages)[number];

/**
 * Votes come in bursts: measuring waits this long after the first that a report does not know. The raters' figures are
 * due whenever agreement was measured.
 */
export const SETTLE_MS = { agreement: 2000, raters: 0 } satisfies Record<Stage, number>;
/** Since when a stage waits, and until when it is leased. */
const columns: Record<Stage, { dirty: SQL; leased: SQL }> = {
  agreement: { dirty: sql`dirty_at`, leased: sql`leased_until` },
  raters: { dirty: sql`raters_dirty_at`, leased: sql`raters_leased_until` },
};
/** A worker that is gone for so long has its look measured by another. */
const LEASE = sql`interval '2 minutes'`;
/** Looks with a filter are measured again for so long after somebody asked. */
const WANTED = sql`interval '1 day'`;

/** Counts up when reports are made otherwise: those of before are then not asked for any more. */
const MAKE = 1;
const ALL: QualityFilter = {};

/** One text for one filter, in whatever order its fields are given. */
function keyOf(filter: QualityFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return `${MAKE} ${JSON.stringify(given.sort(([one], [other]) => (one < other ? -1 : 1)))}`;
}

const isOf = (projectId: string, filter: QualityFilter) =>
  and(eq(qualityView.projectId, projectId), eq(qualityView.filterKey, keyOf(filter)));

/**
 * Says that votes of a project have changed: its looks wait to be measured, from the first change on. One row of its
 * own, so that nobody who judges waits for it.
 */
export async function markChanged(tx: Db, projectId: string): Promise<void> {
  await tx
    .insert(qualityView)
    .values({ projectId, filterKey: keyOf(ALL), filter: ALL, dirtyAt: sql`now()` })
    .onConflictDoUpdate({
      target: [qualityView.projectId, qualityView.filterKey],
      set: { dirtyAt: sql`coalesce(${qualityView.dirtyAt}, now())` },
    });
  await tx
    .update(qualityView)
    .set({ dirtyAt: sql`coalesce(${qualityView.dirtyAt}, now())` })
    .where(
      and(
        eq(qualityView.projectId, projectId),
        ne(qualityView.filterKey, keyOf(ALL)),
        sql`${qualityView.askedAt} > now() - ${WANTED}`,
      ),
    );
  await tx.execute(sql`select pg_notify(${QUALITY_CHANNEL}, '')`);
  await markKept(tx, projectId);
}

export interface Kept {
  measuredAt: Date | null;
  /** Whether votes have changed since, or it was never measured. */
  isWaiting: boolean;
  failed: string | null;
  report: QualityReport | null;
}

/** What is known of a look. Asking for one that is not kept has it measured, and so does asking again after a day. */
export async function askedFor(
  db: Db,
  { projectId, filter }: { projectId: string; filter: QualityFilter },
): Promise<Kept> {
  const [known] = await db.select().from(qualityView).where(isOf(projectId, filter));
  const isStale = !known || Date.now() - known.askedAt.getTime() > 3_600_000;
  if (isStale) {
    await db
      .insert(qualityView)
      .values({ projectId, filterKey: keyOf(filter), filter, dirtyAt: sql`now() - interval '1 minute'` })
      .onConflictDoUpdate({
        target: [qualityView.projectId, qualityView.filterKey],
        // Changes were not noted while nobody asked.
        set: { askedAt: sql`now()`, dirtyAt: sql`coalesce(${qualityView.dirtyAt}, now())` },
      });
    await db.execute(sql`select pg_notify(${QUALITY_CHANNEL}, '')`);
  }
  return {
    measuredAt: known?.measuredAt ?? null,
    isWaiting:
      isStale ||
      [known.dirtyAt, known.leasedUntil, known.ratersDirtyAt, known.ratersLeasedUntil].some(
        (time) => time !== null,
      ),
    failed: known?.failed ?? null,
    report: known?.report ?? null,
  };
}

export type View = typeof qualityView.$inferSelect;

/**
 * Leases a stage of the look that has waited longest for it, if one has waited long enough, or one whose worker is gone.
 * What changes from now on makes it wait again.
 */
export async function claimView(db: Db, stage: Stage): Promise<View | null> {
  const { dirty, leased } = columns[stage];
  const [id] = await claim(db, {
    table: qualityView,
    where: [
      sql`${dirty} < now() - ${`${SETTLE_MS[stage]} milliseconds`}::interval and ${leased} is null`,
      sql`${leased} < now()`,
    ],
    orderBy: dirty,
    set: sql`${dirty} = null, ${leased} = now() + ${LEASE}`,
  });
  if (!id) return null;
  const [view] = await db.select().from(qualityView).where(eq(qualityView.id, id));
  return view ?? null;
}

type ViewKey = Pick<View, "id">;

/** Keeps a stage leased while it is made. */
export async function renewView(db: Db, { id }: ViewKey, stage: Stage): Promise<void> {
  await db.execute(
    sql`update ${qualityView} set ${columns[stage].leased} = now() + ${LEASE} where ${qualityView.id} = ${id}`,
  );
}

/** Keeps what a stage made, beside what the other one has kept meanwhile. */
export async function keepReport(
  db: Db,
  { id }: ViewKey,
  change: (known: QualityReport | null) => QualityReport,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [known] = await tx
      .select({ report: qualityView.report })
      .from(qualityView)
      .where(eq(qualityView.id, id))
      .for("no key update");
    if (!known) return;
    await tx
      .update(qualityView)
      .set({ report: change(known.report), measuredAt: new Date() })
      .where(eq(qualityView.id, id));
  });
}

/**
 * Ends the lease on a stage; after agreement the raters' figures wait. One that failed waits for the next change: the
 * same votes would fail again.
 */
export async function settleView(
  db: Db,
  { id }: ViewKey,
  { stage, tookMs, failed }: { stage: Stage; tookMs: number; failed: string | null },
): Promise<void> {
  const mine = eq(qualityView.id, id);
  if (stage === "raters") {
    await db
      .update(qualityView)
      .set({ ratersLeasedUntil: null, ...(failed && { failed }) })
      .where(mine);
    return;
  }
  const next = failed ? {} : { ratersDirtyAt: sql`coalesce(${qualityView.ratersDirtyAt}, now())` };
  await db
    .update(qualityView)
    .set({ leasedUntil: null, tookMs, failed, ...next })
    .where(mine);
  if (!failed) await db.execute(sql`select pg_notify(${QUALITY_CHANNEL}, '')`);
}

/** Has every project's votes looked at again, for what was changed while nobody could tell; deletes unwanted looks. */
export async function lookAgain(db: Db): Promise<void> {
  await db
    .delete(qualityView)
    .where(and(ne(qualityView.filterKey, keyOf(ALL)), lt(qualityView.askedAt, sql`now() - ${WANTED}`)));
  await db
    .update(qualityView)
    .set({ dirtyAt: sql`coalesce(${qualityView.dirtyAt}, now())` })
    .where(eq(qualityView.filterKey, keyOf(ALL)));
  await db.execute(sql`select pg_notify(${QUALITY_CHANNEL}, '')`);
}
