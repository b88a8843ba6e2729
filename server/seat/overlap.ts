import { sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { assignment, task } from "../../db/schema";

/** Seats that count towards the overlap of a task. */
export const wanted = sql`${assignment.status} not in ('skipped', 'closed')`;

/**
 * Brings tasks that have the project's overlap to another. Raised: each gets the seats it lacks. Lowered: seats
 * that nobody holds are closed; what raters hold or have submitted stays. Tasks for named raters keep theirs.
 */
export async function changeOverlap(
  tx: Db,
  { projectId, from, to }: { projectId: string; from: number; to: number },
): Promise<void> {
  const seats = sql`(select count(*) from ${assignment} where ${assignment.taskId} = changed.id and ${wanted})`;
  const changed = sql`
    changed as (
      update ${task} set overlap = ${to}
      where ${task.projectId} = ${projectId} and ${task.overlap} = ${from}
        and not exists (select from ${assignment}
          where ${assignment.taskId} = ${task.id} and ${assignment.reservedFor} is not null)
      returning id, priority, language, domain, position
    )`;
  if (to > from)
    await tx.execute(sql`
      with ${changed}
      insert into ${assignment} (project_id, task_id, priority, position, selection_probability, drawn_at, language, domain)
      select ${projectId}::uuid, id, priority, coalesce(placed.position, changed.position), placed.probability, placed.drawn_at,
        language, domain
      from changed left join lateral (
        select ${assignment.position} as position, ${assignment.selectionProbability} as probability,
          ${assignment.drawnAt} as drawn_at
        from ${assignment} where ${assignment.taskId} = changed.id limit 1
      ) placed on true
      cross join lateral generate_series(1, ${to} - ${seats})`);
  else
    await tx.execute(sql`
      with ${changed}, surplus as (
        select free.id from changed cross join lateral (
          select ${assignment.id} from ${assignment}
          where ${assignment.taskId} = changed.id and ${assignment.status} = 'open'
          order by ${assignment.id} desc
          limit greatest(0, ${seats} - ${to})
        ) as free
      )
      update ${assignment} set status = 'closed' from surplus
      where ${assignment.id} = surplus.id and ${assignment.status} = 'open'`);
}
