import { and, desc, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Db } from "../../db/client";
import { annotation, formVersion, person, project } from "../../db/schema";
import type { StoredQuestion } from "../../db/shape/form";
import { type Actor, audit } from "../audit/audit";
import { conflict, invalid, notFound } from "../errors";
import { formChanges } from "./changes";
import { type formVersionSchema, type Question, storedQuestions } from "./schema";

type Form = z.infer<typeof formVersionSchema>;

function formsOf(db: Db, projectId: string) {
  return db
    .select({
      id: formVersion.id,
      version: formVersion.version,
      questions: formVersion.questions,
      createdAt: formVersion.createdAt,
      createdBy: { id: person.id, name: person.name },
    })
    .from(formVersion)
    .leftJoin(person, eq(person.id, formVersion.createdBy))
    .where(eq(formVersion.projectId, projectId))
    .orderBy(desc(formVersion.version));
}

/** All versions of the form, newest first. */
export async function listForms(db: Db, { projectId }: { projectId: string }): Promise<Form[]> {
  return (await formsOf(db, projectId)).map(read);
}

/** Every question that was asked, as the newest version that has it words it: those of the form in force first. */
export function questionsAsked(forms: readonly Form[]): Question[] {
  const asked = new Map<string, Question>();
  for (const { questions } of forms)
    for (const question of questions) if (!asked.has(question.id)) asked.set(question.id, question);
  return [...asked.values()];
}

/** The form in force. Every project has one from its creation on. */
export async function currentForm(db: Db, projectId: string): Promise<Form> {
  const [newest] = await formsOf(db, projectId).limit(1);
  if (!newest) throw notFound("The form of the project");
  return read(newest);
}

const read = <F extends { questions: StoredQuestion[] }>(form: F) => ({
  ...form,
  questions: storedQuestions(form.questions),
});

const questionsById = new Map<string, Question[]>();

/** The questions of a form version. Versions never change, so each is read once in a process. */
export async function formQuestions(db: Db, formVersionId: string): Promise<Question[]> {
  const known = questionsById.get(formVersionId);
  if (known) return known;
  const [found] = await db
    .select({ questions: formVersion.questions })
    .from(formVersion)
    .where(eq(formVersion.id, formVersionId));
  if (!found) throw notFound("The form version");
  const questions = storedQuestions(found.questions);
  questionsById.set(formVersionId, questions);
  return questions;
}

/** @throws BAD_REQUEST when it is no version of the project's form */
export async function requireForm(
  db: Db,
  { projectId, formVersionId }: { projectId: string; formVersionId: string },
): Promise<void> {
  const known = and(eq(formVersion.id, formVersionId), eq(formVersion.projectId, projectId));
  if ((await db.$count(formVersion, known)) === 0)
    throw invalid(
      `shown.formVersionId: ${formVersionId} is no version of this project's form. Send the one that came with the task.`,
    );
}

/** Two managers who save at once get consecutive versions. */
async function lockProject(tx: Db, projectId: string): Promise<void> {
  await tx.select({ id: project.id }).from(project).where(eq(project.id, projectId)).for("no key update");
}

/**
 * Puts a new form in force. Questions may be added and reworded; a question that has answers keeps its meaning.
 * @throws CONFLICT naming every question that would lose or change its answers
 */
export async function changeForm(
  db: Db,
  actor: Actor,
  { projectId, questions }: { projectId: string; questions: Question[] },
): Promise<Form> {
  return db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const before = await currentForm(tx, projectId);
    const problems: string[] = [];
    for (const change of formChanges(before.questions, questions))
      if (await isAnswered(tx, projectId, change.questionId)) problems.push(change.message);
    if (problems.length > 0)
      throw conflict(
        `Judgements already answer these questions, so they must keep their meaning. ${problems.join(" ")} ` +
          "Add a question with a new id instead.",
      );
    await tx.insert(formVersion).values({
      projectId,
      version: before.version + 1,
      questions,
      createdBy: actor.personId,
    });
    const after = await currentForm(tx, projectId);
    await audit(tx, actor, {
      action: "project.changeForm",
      target: { kind: "form", id: after.id },
      projectId,
      before: { version: before.version, questions: before.questions },
      after: { version: after.version, questions },
    });
    return after;
  });
}

async function isAnswered(db: Db, projectId: string, questionId: string): Promise<boolean> {
  const [answered] = await db
    .select({ id: annotation.id })
    .from(annotation)
    .where(and(eq(annotation.projectId, projectId), sql`${annotation.answers}->${questionId} is not null`))
    .limit(1);
  return answered !== undefined;
}
