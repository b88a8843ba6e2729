import { and, desc, eq, getTableColumns, gte, lt, type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { admitted, annotation, rater, task } from "../../db/schema";
import type { StoredAnswers } from "../../db/shape/form";
import { storedAnswers } from "../form/schema";
import type { AnnotationRow, annotationFilterSchema } from "./schema";

/** The answers of a row in the types of the form. */
export const withAnswers = <R extends { answers: StoredAnswers }>(row: R) => ({
  ...row,
  answers: storedAnswers(row.answers),
});

/** Annotations with their rater and the responses that their answers run over, newest first. */
export function readAnnotations(db: Db, where: SQL | undefined) {
  const { raterId: _, projectId: __, ...columns } = getTableColumns(annotation);
  return db
    .select({
      ...columns,
      promptId: task.promptId,
      responseIds: task.responseIds,
      rater: { id: rater.id, name: rater.name },
      // Not `exists`: of that PostgreSQL makes a list of all votes there are, to look a hundred rows up in.
      isVote: sql<boolean>`coalesce((select not ${admitted.isAdjudication} and ${admitted.raterKind} <> 'model'
        from ${admitted} where ${admitted.id} = ${annotation.id}), false)`,
    })
    .from(annotation)
    .innerJoin(task, eq(task.id, annotation.taskId))
    .innerJoin(rater, eq(rater.id, annotation.raterId))
    .where(where)
    .orderBy(desc(annotation.submittedAt), desc(annotation.id));
}

/** Judgements as given, newest first, one page after `cursor`. Those on gold items are none of what was to be judged. */
export async function listAnnotations(
  db: Db,
  {
    projectId,
    raterId,
    taskId,
    from,
    to,
    history,
    cursor,
    limit,
  }: z.infer<typeof annotationFilterSchema> & { projectId: string; cursor?: string; limit: number },
): Promise<{ items: AnnotationRow[]; nextCursor: string | null }> {
  const items = await readAnnotations(
    db,
    and(
      eq(annotation.projectId, projectId),
      eq(annotation.apart, false),
      history ? undefined : sql`current`,
      raterId ? eq(annotation.raterId, raterId) : undefined,
      taskId ? eq(annotation.taskId, taskId) : undefined,
      from ? gte(annotation.submittedAt, new Date(from)) : undefined,
      to ? lt(annotation.submittedAt, new Date(to)) : undefined,
      cursor
        ? sql`(${annotation.submittedAt}, ${annotation.id}) < (
            select last.submitted_at, last.id from ${annotation} last where last.id = ${cursor})`
        : undefined,
    ),
  ).limit(limit);
  return {
    items: items.map(withAnswers),
    nextCursor: items.length === limit ? items[items.length - 1].id : null,
  };
}
