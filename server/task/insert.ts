import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, project, task } from "../../db/schema";

export interface NewTask {
  promptId: string;
  /** From `taskKey`: a task that is there already is left as it is. */
  key: string;
  /** The task's canonical order. */
  responseIds: readonly string[];
  overlap: number;
  /** Fewer than `overlap` when judgements of an imported study take the other seats. */
  openSeats?: number;
  priority?: number;
  language?: string | null;
  domain?: string | null;
  /** Seat i is for this rater alone. */
  reservedFor?: readonly string[];
  importRunId?: string;
}

/** Behind all that a draw places, and a whole number also as a float. */
const UNDRAWN = 1e18;

/**
 * Makes tasks with their open seats, any number in one statement; 5,000 at a time keep memory small.
 * Seats take the position of their task; where a rule draws them they stand behind all others, without a chance, until
 * `orderNewSeats`, which whoever makes tasks calls in the end.
 * @returns the ids of new tasks by key; a key that was there before is absent
 */
export async function insertTasks(
  tx: Db,
  { projectId, tasks }: { projectId: string; tasks: readonly NewTask[] },
): Promise<Map<string, string>> {
  if (tasks.length === 0) return new Map();
  const rows = await tx.execute<{ id: string; key: string }>(sql`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(tasks)}::text::jsonb) as t (
        "promptId" uuid, key text, "responseIds" uuid[], overlap int, "openSeats" int, priority int, language text,
        domain text, "reservedFor" uuid[], "importRunId" uuid)
    ), fresh as (
      insert into ${task} (project_id, prompt_id, key, response_ids, overlap, priority, language, domain,
        import_run_id)
      select ${projectId}::uuid, "promptId", key, "responseIds", overlap, coalesce(priority, 0), language, domain,
        "importRunId"
      from given
      on conflict (project_id, key) do nothing
      returning id, key, overlap, priority, position, language, domain
    ), placed as materialized (
      select fresh.*, given."reservedFor", coalesce("openSeats", fresh.overlap) as seats,
        case when ${project.selection} = 'in_order' then position else ${UNDRAWN}::bigint end as place
      from fresh join given using (key) join ${project} on ${project.id} = ${projectId}::uuid
    ), seats as (
      insert into ${assignment} (project_id, task_id, priority, position, language, domain, reserved_for)
      select ${projectId}::uuid, id, priority, place, language, domain, "reservedFor"[seat]
      from placed cross join lateral generate_series(1, placed.seats) as seat
    )
    select id, key from fresh`);
  return new Map(rows.map(({ id, key }) => [key, id]));
}
