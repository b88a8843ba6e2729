import type { Db } from "../../db/client";
import { preference } from "../../db/schema";
import { derivePreferences } from "../form/answers";
import type { Answers, Question } from "../form/schema";

/** Writes the pairwise facts that an annotation states. */
export async function storePreferences(
  tx: Db,
  {
    projectId,
    taskId,
    promptId,
    responseIds,
    raterId,
    annotationId,
    questions,
    answers,
    order,
  }: {
    projectId: string;
    taskId: string;
    promptId: string;
    /** The task's canonical order. */
    responseIds: readonly string[];
    raterId: string;
    annotationId: string;
    questions: readonly Question[];
    /** In canonical order. */
    answers: Answers;
    /** Null when it is unknown what was shown first. */
    order: readonly number[] | null;
  },
): Promise<void> {
  const derived = derivePreferences(questions, answers, order);
  if (derived.length === 0) return;
  await tx.insert(preference).values(
    derived.map(({ a, b, ...fact }) => ({
      ...fact,
      projectId,
      annotationId,
      taskId,
      promptId,
      raterId,
      responseA: responseIds[a],
      responseB: responseIds[b],
    })),
  );
}
