import { and, eq, inArray } from "drizzle-orm";
import type { Db } from "../../db/client";
import { membership, person, prompt, rater, task } from "../../db/schema";
import { type MeasureName, measureNames, type QualityFilter, type QualityPart } from "../../db/shape/quality";
import { noteSeen } from "../blindness/seen";
import { excerpt } from "../content/list";
import type { Question } from "../form/schema";
import { kindOf } from "../form/schema";
import { listForms } from "../form/versions";
import { askedFor } from "../look/look";
import { alarmRules } from "./alarms";
import { wordsOf } from "./catalog";
import type { Quality } from "./schema";

/**
 * What is known of the quality of a project's judgements, with names and words. That somebody was shown on which tasks
 * raters differ is kept: they judge those no more.
 */
export async function showQuality(
  db: Db,
  { projectId, filter, personId }: { projectId: string; filter: QualityFilter; personId: string },
): Promise<Quality> {
  const { report, ...state } = await askedFor(db, { projectId, filter });
  const taskIds = [...new Set(report?.parts.flatMap(({ disputed }) => disputed.map(({ taskId }) => taskId)))];
  const [raters, forms, prompts] = await Promise.all([
    ratersOf(db, projectId),
    listForms(db, { projectId }),
    promptsOf(db, { projectId, taskIds }),
  ]);
  await noteSeen(db, { personId, shown: [...prompts.keys()].map((taskId) => ({ taskId })) });
  const questions = forms.flatMap((form) => form.questions);
  return {
    ...state,
    parts: (report?.parts ?? []).map((part) => ({
      ...part,
      label: labelOf(part, questions),
      words: wordsFor(part),
      disputed: part.disputed.flatMap((one) => {
        const text = prompts.get(one.taskId);
        return text === undefined ? [] : [{ ...one, prompt: text }];
      }),
    })),
    pace: report?.pace ?? [],
    alarms: report?.alarms ?? [],
    raters,
    rules: alarmRules,
  };
}

/** The newest words for it: forms come newest first. */
function labelOf({ questionId, attribute }: QualityPart, questions: readonly Question[]): string {
  const question = questions.find(({ id }) => id === questionId);
  if (!question) return questionId;
  const scale = kindOf(question.type)
    .scales(question)
    .find((one) => one.by === "points" && one.attribute === attribute);
  return scale?.by === "points" ? `${question.label} ${scale.label}` : question.label;
}

function wordsFor({ measures }: QualityPart): Partial<Record<MeasureName, string>> {
  const found: Partial<Record<MeasureName, string>> = {};
  for (const name of measureNames) {
    const measure = measures[name];
    if (measure) found[name] = wordsOf(name, measure);
  }
  return found;
}

function ratersOf(db: Db, projectId: string): Promise<Quality["raters"]> {
  return db
    .select({
      id: rater.id,
      name: rater.name,
      personId: rater.personId,
      email: person.email,
      role: membership.role,
    })
    .from(rater)
    .leftJoin(
      membership,
      and(eq(membership.projectId, rater.projectId), eq(membership.personId, rater.personId)),
    )
    .leftJoin(person, eq(person.id, membership.personId))
    .where(eq(rater.projectId, projectId))
    .orderBy(rater.name, rater.id);
}

async function promptsOf(
  db: Db,
  { projectId, taskIds }: { projectId: string; taskIds: string[] },
): Promise<Map<string, string>> {
  const rows = await db
    .select({ id: task.id, prompt: excerpt })
    .from(task)
    .innerJoin(prompt, eq(prompt.id, task.promptId))
    .where(and(eq(task.projectId, projectId), inArray(task.id, taskIds)));
  return new Map(rows.map((row) => [row.id, row.prompt]));
}
