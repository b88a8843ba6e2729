import { and, desc, eq, inArray } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, curation, guidelineVersion, person, prompt, response, task } from "../../db/schema";
import { notFound } from "../errors";
import { currentForm } from "../form/versions";
import { seatsOf } from "../task/list";
import { readAnnotations, withAnswers } from "./annotations";
import type { ReviewDetail } from "./schema";

/** Everything about one task: what was shown, what everybody answered in every revision, what was decided. */
export async function reviewDetail(
  db: Db,
  { projectId, taskId }: { projectId: string; taskId: string },
): Promise<ReviewDetail> {
  const [found] = await db
    .select({ task, prompt })
    .from(task)
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(and(eq(task.id, taskId), eq(task.projectId, projectId)));
  if (!found) throw notFound("The task");
  const [replies, seats, annotations, guidelines, curations, form] = await Promise.all([
    db.select().from(response).where(inArray(response.id, found.task.responseIds)),
    seatsOf(db, [taskId]),
    readAnnotations(db, eq(annotation.taskId, taskId)),
    db
      .select({ id: guidelineVersion.id, version: guidelineVersion.version })
      .from(guidelineVersion)
      .where(eq(guidelineVersion.projectId, projectId)),
    db
      .select({
        id: curation.id,
        annotationId: curation.annotationId,
        action: curation.action,
        reason: curation.reason,
        seenAt: curation.seenAt,
        person: { id: person.id, name: person.name },
        createdAt: curation.createdAt,
      })
      .from(curation)
      .leftJoin(person, eq(person.id, curation.personId))
      .where(eq(curation.taskId, taskId))
      .orderBy(desc(curation.id)),
    currentForm(db, projectId),
  ]);
  const replyById = new Map(replies.map((reply) => [reply.id, reply]));
  const versionById = new Map(guidelines.map(({ id, version }) => [id, version]));
  return {
    task: found.task,
    prompt: found.prompt,
    responses: found.task.responseIds.flatMap((id) => replyById.get(id) ?? []),
    questions: form.questions,
    seats: seats.get(taskId) ?? [],
    annotations: annotations.map((given) => ({
      ...withAnswers(given),
      guidelineVersion: versionById.get(given.guidelineVersionId ?? "") ?? null,
    })),
    curations,
  };
}
