import { isDeepStrictEqual } from "node:util";
import { and, eq, isNull } from "drizzle-orm";
import { anyKey, anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { annotation, rater, response, task } from "../../db/schema";
import { toCanonical } from "../form/answers";
import type { Answers, Question } from "../form/schema";
import { storedAnswers } from "../form/schema";
import { currentForm, formQuestions } from "../form/versions";
import { groupBy } from "../group";
import { factsOf } from "../judgement/facts";
import { retire } from "../judgement/retire";
import { storeJudgements } from "../judgement/store";
import { adoptQuestion } from "./adopt";
import type { KeyedRecord } from "./merge";
import { problem } from "./problems";
import { storedAs } from "./raters";
import type { ImportOptions, Judgement, Problem } from "./schema";

/** A judgement that the project has from an earlier import, and that a file now states otherwise. */
export interface Correction {
  record: KeyedRecord;
  judgement: Judgement;
  /** The one that counts so far. */
  earlier: { id: string; assignmentId: string | null; revision: number; raterId: string };
  taskId: string;
  promptId: string;
  responseIds: readonly string[];
  questions: readonly Question[];
  /** What the file says now, in canonical order, and what it does not ask as it was answered earlier. */
  answers: Answers;
}

/** Finds what records correct of earlier imports. Reads only. */
export type CorrectionFinder = (records: readonly KeyedRecord[]) => Promise<Correction[]>;

/**
 * Opened before an import writes. One into a project without tasks corrects nothing, and nothing of its own: of a rater
 * who judges a task twice in its files the first judgement counts.
 */
export async function openCorrections(db: Db, projectId: string): Promise<CorrectionFinder> {
  const [begun] = await db.select({ id: task.id }).from(task).where(eq(task.projectId, projectId)).limit(1);
  return begun ? (records) => findCorrections(db, { projectId, records }) : async () => [];
}

/**
 * Judgements of these records that differ from what an earlier import brought by the same rater on the same task.
 * What a reviewer excluded stays as it is.
 */
async function findCorrections(
  db: Db,
  { projectId, records }: { projectId: string; records: readonly KeyedRecord[] },
): Promise<Correction[]> {
  const keys = [
    ...new Set(records.flatMap(({ taskKey, judgements }) => (judgements.length > 0 ? [taskKey] : []))),
  ];
  if (keys.length === 0) return [];
  const stored = await db
    .select({
      key: task.key,
      taskId: task.id,
      promptId: task.promptId,
      responseIds: task.responseIds,
      kind: rater.kind,
      externalId: rater.externalId,
      raterId: rater.id,
      id: annotation.id,
      assignmentId: annotation.assignmentId,
      revision: annotation.revision,
      answers: annotation.answers,
      formVersionId: annotation.formVersionId,
    })
    .from(task)
    .innerJoin(
      annotation,
      and(
        eq(annotation.taskId, task.id),
        eq(annotation.current, true),
        eq(annotation.origin, "import"),
        isNull(annotation.excludedAt),
      ),
    )
    .innerJoin(rater, eq(rater.id, annotation.raterId))
    .where(and(eq(task.projectId, projectId), anyKey(task.key, keys)));
  if (stored.length === 0) return [];
  const responseIds = [...new Set(stored.flatMap((row) => row.responseIds))];
  const responses = responseIds.length
    ? await db
        .select({ id: response.id, key: response.key })
        .from(response)
        .where(anyOf(response.id, responseIds))
    : [];
  const keyOf = new Map(responses.map(({ id, key }) => [id, key]));
  const { questions: form } = await currentForm(db, projectId);
  const earlierForms = new Map<string, readonly Question[]>();
  for (const id of new Set(stored.map(({ formVersionId }) => formVersionId)))
    earlierForms.set(id, await formQuestions(db, id));
  const byTask = groupBy(stored, ({ key }) => key);
  return records.flatMap((record) =>
    record.judgements.flatMap((judgement): Correction[] => {
      const by = storedAs(judgement.rater);
      const known = byTask
        .get(record.taskKey)
        ?.find(({ kind, externalId }) => kind === by.kind && externalId === by.externalId);
      if (!known) return [];
      const placed = judgement.questions.map(
        (question) => [question.id, adoptQuestion(form, question).question] as const,
      );
      const asked = placed.map(([, question]) => question);
      const shown: Answers = Object.fromEntries(
        placed.flatMap(([id, question]) =>
          judgement.answers[id] ? [[question.id, judgement.answers[id]]] : [],
        ),
      );
      const keysInOrder = known.responseIds.map((id) => keyOf.get(id));
      const order = record.responseKeys.map((key) => keysInOrder.indexOf(key));
      const had = storedAnswers(known.answers);
      const answers = { ...had, ...toCanonical(asked, shown, order) };
      if (isDeepStrictEqual(answers, had)) return [];
      const kept = (earlierForms.get(known.formVersionId) ?? []).filter(
        ({ id }) => had[id] && !asked.some((question) => question.id === id),
      );
      const questions = [...asked, ...kept];
      const { taskId, promptId, responseIds: canonical, ...earlier } = known;
      return [{ record, judgement, earlier, taskId, promptId, responseIds: canonical, questions, answers }];
    }),
  );
}

/** Whether a correction takes the place of what it corrects: a named rater's does, a label's where it is asked for. */
const replaces = ({ judgement }: Correction, { corrections }: ImportOptions): boolean =>
  corrections === "all" || (corrections === "named" && judgement.rater.kind !== "label");

/** What the check says of corrections. */
export const correctionProblems = (corrections: readonly Correction[], options: ImportOptions): Problem[] =>
  corrections.map((correction) => {
    const { record, judgement } = correction;
    const who = judgement.rater.kind === "label" ? "The file" : judgement.rater.id;
    return problem(record.place, {
      code: replaces(correction, options) ? "revised-judgement" : "kept-judgement",
      message: replaces(correction, options)
        ? `${who} judged this otherwise in an earlier import: the new judgement is a revision of it.`
        : `${who} judged this otherwise in an earlier import, whose judgement is kept.`,
    });
  });

/** Writes corrections as revisions of what they correct. @returns how many */
export async function writeCorrections(
  tx: Db,
  {
    projectId,
    corrections,
    options,
  }: { projectId: string; corrections: readonly Correction[]; options: ImportOptions },
): Promise<number> {
  const due = corrections.filter((correction) => replaces(correction, options));
  if (due.length === 0) return 0;
  const { id: formVersionId } = await currentForm(tx, projectId);
  await retire(tx, { annotationIds: due.map(({ earlier }) => earlier.id), withdrawn: false });
  await storeJudgements(tx, {
    projectId,
    judgements: due.map(({ taskId, promptId, earlier, responseIds, questions, answers, judgement }) => ({
      taskId,
      promptId,
      raterId: earlier.raterId,
      assignmentId: earlier.assignmentId,
      origin: "import" as const,
      revision: earlier.revision + 1,
      answers,
      facts: factsOf({ questions, answers, order: null, responseIds }),
      order: responseIds.map((_, index) => index),
      formVersionId,
      submittedAt: judgement.at ?? new Date(),
    })),
  });
  return due.length;
}
