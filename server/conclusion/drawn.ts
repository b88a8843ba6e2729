import { and, asc, eq, sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, assignment, auditEntry, peoplesVotes, project, rater, task } from "../../db/schema";
import type { taskSelections } from "../../db/shape/task";
import { notFound } from "../errors";
import { groupBy } from "../group";
import type { Dealt } from "../statistics/joint/draws";

/** Selections that look at votes or models before they choose a task. */
const KNOWING: readonly (typeof taskSelections)[number][] = ["uncertainty", "disagreement"];

/** How a project gives tasks out. */
export interface GivenOut {
  selection: (typeof taskSelections)[number];
  /**
   * Since when tasks were given out by what was known of them, as the audit log has it; null: never, so that what people
   * judged is as random as the order was.
   */
  since: Date | null;
}

export async function givenOut(db: Db, projectId: string): Promise<GivenOut> {
  const [home] = await db
    .select({ selection: project.selection, createdAt: project.createdAt })
    .from(project)
    .where(eq(project.id, projectId));
  if (!home) throw notFound("The project");
  const changes = await db
    .select({
      at: auditEntry.at,
      before: sql<string | null>`${auditEntry.before} ->> 'selection'`,
      after: sql<string | null>`${auditEntry.after} ->> 'selection'`,
    })
    .from(auditEntry)
    .where(
      and(
        eq(auditEntry.projectId, projectId),
        eq(auditEntry.action, "project.update"),
        sql`${auditEntry.before} ->> 'selection' is distinct from ${auditEntry.after} ->> 'selection'`,
      ),
    )
    .orderBy(asc(auditEntry.at), asc(auditEntry.id));
  const knows = (selection: string | null) => KNOWING.some((one) => one === selection);
  const since = knows(changes[0]?.before ?? home.selection)
    ? home.createdAt
    : (changes.find(({ after }) => knows(after))?.at ?? null);
  return { selection: home.selection, since };
}

/** A task as it was dealt, and the raters whose judgements of it are used; null: all. */
type DealtTask = Dealt & { usable: ReadonlySet<string> | null };

/** A task of a project that never chose: all tasks alike. */
export const NEVER_CHOSEN: DealtTask = { since: 0, pool: "", taken: "undrawn", usable: null };

/**
 * How each task came to be judged first, and whose judgements that was. Those of later draws are not used, nor those of
 * seats that votes on the task itself placed: how many of them there are depends on what they say. A judgement that no draw
 * on record placed is of the order in which tasks stood if it was given before `since`; one given later is not used.
 */
export async function dealtTasks(
  db: Db,
  { since, projectId, taskIds }: { since: Date; projectId: string; taskIds: string[] },
): Promise<Map<string, DealtTask>> {
  const [tasks, judgements] = await Promise.all([
    db.execute<{ id: string; since: number; pool: string }>(sql`
      select ${task.id} as id, extract(epoch from ${task.createdAt})::float8 as since,
        jsonb_build_array(${task.priority}, case when skilled then array[${task.language}, ${task.domain}] end)::text
          as pool
      from ${task}, (select exists (select from ${rater}
        where ${rater.projectId} = ${projectId} and (${rater.languages} <> '{}' or ${rater.domains} <> '{}')) as skilled) _
      where ${anyOf(task.id, taskIds)}`),
    db.execute<{
      taskId: string;
      raterId: string;
      draw: number | null;
      chance: number;
      lateness: number;
    }>(sql`
      select vote.task_id as "taskId", vote.rater_id as "raterId",
        extract(epoch from ${assignment.drawnAt})::float8 as draw, ${assignment.selectionProbability} as chance,
        exp(${assignment.position} / 1e9) as lateness
      from (select distinct annotation_id, task_id, rater_id from ${peoplesVotes} v
        where ${anyOf(sql`v.task_id`, taskIds)}) vote
      join ${annotation} on ${annotation.id} = vote.annotation_id
      left join ${assignment} on ${assignment.id} = ${annotation.assignmentId}
        and ${assignment.drawnAt} is not null and ${assignment.selectionProbability} > 0
      where ${assignment.id} is not null or ${annotation.createdAt} < ${since.toISOString()}`),
  ]);
  const byTask = groupBy([...judgements], ({ taskId }) => taskId);
  const drawOf = ({ draw }: { draw: number | null }) => draw ?? Number.NEGATIVE_INFINITY;
  return new Map(
    [...tasks].map(({ id, ...task }): [string, DealtTask] => {
      const own = byTask.get(id) ?? [];
      const first = Math.min(...own.map(drawOf));
      const firsts = own.filter((each) => drawOf(each) === first);
      const [one] = firsts;
      if (!one) return [id, { ...task, taken: null, usable: new Set() }];
      const { draw, chance, lateness } = one;
      return [
        id,
        {
          ...task,
          taken: draw === null ? "undrawn" : { draw, chance, lateness },
          usable: new Set(firsts.map(({ raterId }) => raterId)),
        },
      ];
    }),
  );
}
