import { sql } from "drizzle-orm";
import type { Db } from "@/db/client";
import { recountPairs } from "@/server/judgement/pairs";
import { type Ledger, MOST_OVERLAP } from "./actors";

export interface Invariant {
  says: string;
  /** What breaks it; none where it holds. */
  broken: string[];
}

/** Counts in the tables what must hold whatever was killed, and holds them to what users were told. */
export async function invariants(db: Db, projectId: string, ledger: Ledger): Promise<Invariant[]> {
  const list = async (query: ReturnType<typeof sql>) =>
    (await db.execute<{ what: string }>(query)).map(({ what }) => what);
  const rows = await db.execute<{ key: string; id: string; withdrawn: boolean }>(
    sql`select idempotency_key as key, id, withdrawn_at is not null as withdrawn from annotation
      where project_id = ${projectId}`,
  );
  const stored = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) stored.set(row.key, [...(stored.get(row.key) ?? []), row]);
  const of = (key: string) => stored.get(key) ?? [];
  const told = [...ledger.judgements];
  const prompts = await db.execute<{ run: string; count: number }>(
    sql`select import_run_id as run, count(*)::int as count from prompt
      where project_id = ${projectId} and import_run_id is not null group by import_run_id`,
  );
  const statuses = await db.execute<{ id: string; told: string }>(
    sql`select id, status || coalesce(', ' || error, '') as told from run where project_id = ${projectId}`,
  );
  const runs = new Map(statuses.map(({ id, told }) => [id, told]));
  const imported = new Map(prompts.map(({ run, count }) => [run, count]));
  return [
    {
      says: "every acknowledged judgement is stored, as what was acknowledged",
      broken: told.filter(([key, { annotationId }]) => of(key)[0]?.id !== annotationId).map(([key]) => key),
    },
    {
      says: "none is stored twice, and none that nobody sent",
      broken: [
        ...[...stored].filter(([, found]) => found.length > 1).map(([key]) => key),
        ...[...stored.keys()].filter((key) => !ledger.judgements.has(key)),
      ],
    },
    {
      says: "what was taken back is withdrawn",
      broken: told.filter(([key, { undone }]) => undone && !of(key)[0]?.withdrawn).map(([key]) => key),
    },
    {
      says: "a judgement counts, or is withdrawn, or a later revision stands",
      broken:
        await list(sql`select n.id as what from annotation n where n.project_id = ${projectId} and not n.current
        and n.withdrawn_at is null and not exists (select from annotation later
          where later.assignment_id = n.assignment_id and later.revision > n.revision)`),
    },
    {
      says: "no task lacks a seat, offers one too many, or ever had more raters than were wanted",
      // Where fewer are wanted than before, whoever sits there stays.
      broken: await list(sql`select t.id || ': ' || t.overlap || ' wanted; seats: ' ||
          coalesce(string_agg(a.status::text, ', '), 'none') as what
        from task t left join assignment a on a.task_id = t.id and a.status not in ('skipped', 'closed')
        where t.project_id = ${projectId} group by t.id having count(a.id) < t.overlap
          or (count(a.id) > t.overlap and bool_or(a.status = 'open')) or count(a.id) > ${MOST_OVERLAP}`),
    },
    {
      says: "nobody counts twice on a task",
      broken: await list(sql`select task_id || ' ' || rater_id as what from annotation
        where project_id = ${projectId} and current group by task_id, rater_id having count(*) > 1`),
    },
    {
      says: "votes are just what is current and left in, once each",
      broken:
        await list(sql`(select id::text as what from annotation where project_id = ${projectId} and current and excluded_at is null
          except all select annotation_id::text from vote where project_id = ${projectId})
        union all (select annotation_id::text from vote where project_id = ${projectId}
          except all select id::text from annotation where project_id = ${projectId} and current and excluded_at is null)`),
    },
    {
      says: "pairs are kept as they are counted",
      broken: await db.transaction(async (tx) => {
        const wrong = await recountPairs(tx, sql`true`);
        return wrong === 0 ? [] : [`${wrong} pairs`];
      }),
    },
    {
      says: "an import is there whole",
      broken: [...ledger.imports].flatMap(([run, count]) =>
        imported.get(run) === count
          ? []
          : [`${run} (${runs.get(run) ?? "no such run"}): ${imported.get(run) ?? 0} of ${count} prompts`],
      ),
    },
    {
      says: "a version has the rows that it says",
      broken: await list(sql`select v.id || ': ' || v.rows || ' said, ' || count(r.*) || ' there' as what
        from dataset_version v join dataset d on d.id = v.dataset_id left join dataset_row r on r.version_id = v.id
        where d.project_id = ${projectId} group by v.id having count(r.*) <> v.rows`),
    },
    {
      says: "no run needs a person",
      broken: await list(sql`select kind || ' ' || status || ': ' || coalesce(error, '') as what from run
        where project_id = ${projectId} and status <> 'succeeded'`),
    },
    {
      says: "every request that met an error of the server was answered when it was sent again",
      broken: ledger.unanswered,
    },
  ];
}
