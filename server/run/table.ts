import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { run } from "../../db/schema";
import { kindsOf, listedKinds } from "../../db/shape/run-kinds";
import type { RunRow } from "./schema";

/** The most runs that a table gets, newest first. */
const TABLE_RUNS = 2000;

const isTraining = sql`run.kind in (${sql.join(
  kindsOf("training").map((kind) => sql`${kind}`),
  sql`, `,
)})`;

/**
 * The runs of a project side by side: options that they were told, and the last value of some metrics. Of a long list
 * the newest; `total` says how many there are.
 * @param metrics by name; each is one look into the index a run
 */
export async function runTable(
  db: Db,
  {
    projectId,
    runIds,
    metrics,
  }: { projectId: string; runIds?: readonly string[]; metrics: readonly string[] },
): Promise<{ rows: RunRow[]; total: number }> {
  const wanted = and(
    eq(run.projectId, projectId),
    inArray(run.kind, listedKinds),
    runIds ? inArray(run.id, [...runIds]) : undefined,
  );
  const rows = await db
    .select({
      id: run.id,
      kind: run.kind,
      title: run.title,
      note: run.note,
      tags: run.tags,
      status: run.status,
      error: run.error,
      progress: run.progress,
      groupId: run.groupId,
      createdAt: run.createdAt,
      startedAt: run.startedAt,
      finishedAt: run.finishedAt,
      result: sql<Record<
        string,
        unknown
      > | null>`jsonb_build_object('heldOutLoss', run.result -> 'heldOutLoss')`,
      // Of a template only whether it is the same.
      options: sql<Record<string, unknown>>`case when ${isTraining} then coalesce(run.spec -> 'options', '{}')
        || case when run.spec ? 'chatTemplate'
          then jsonb_build_object('chat_template', left(md5(run.spec ->> 'chatTemplate'), 8)) else '{}' end
        else '{}' end`,
      dataset: sql<string | null>`case when ${isTraining} then (
        select dataset.name || ' v' || v.version from dataset_version v join dataset on dataset.id = v.dataset_id
        where v.id = (run.spec ->> 'versionId')::uuid and v.project_id = run.project_id) end`,
      model: sql<string | null>`case when ${isTraining} then (
        select name from model where model.id = (run.spec ->> 'modelId')::uuid
          and model.project_id = run.project_id) end`,
      metrics: sql<Record<string, number | null>>`(
        select coalesce(jsonb_object_agg(asked.name, case when last.value in ('NaN', 'Infinity', '-Infinity')
          then null else last.value end), '{}')
        from jsonb_array_elements_text(${JSON.stringify(metrics)}::jsonb) asked(name) cross join lateral (
          select value from metric where metric.run_id = run.id and metric.name = asked.name
          order by step desc limit 1
        ) last)`,
    })
    .from(run)
    .where(wanted)
    .orderBy(desc(run.id))
    .limit(TABLE_RUNS);
  return { rows, total: rows.length < TABLE_RUNS ? rows.length : await db.$count(run, wanted) };
}

/** The metrics that any run of the project has, by jumps through the index. */
export async function metricNames(db: Db, { projectId }: { projectId: string }): Promise<string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    with recursive names as (
      select run.id, (select min(name) from metric where run_id = run.id) as name
      from run where project_id = ${projectId}
      union all
      select id, (select min(m.name) from metric m where m.run_id = names.id and m.name > names.name)
      from names where name is not null
    )
    select distinct name from names where name is not null order by name`);
  return rows.map(({ name }) => name);
}
