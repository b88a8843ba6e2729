import type { Db } from "../../db/client";
import type { Actor } from "../audit/audit";
import { formChanges } from "../form/changes";
import { isQuestionOf, kindOf, type Question, type QuestionOf, type QuestionType } from "../form/schema";
import { changeForm, currentForm } from "../form/versions";
import { usualLabels } from "./questions";
import type { Judgement } from "./schema";

/** The project's form during an import: it gains the questions that imported judgements answer. */
export class StudyForm {
  /** The project's question for each question of the study, by its wording … */
  private readonly places = new Map<string, Question>();
  /** … and by identity: shapes use one object for all rows, and writing it out each time would cost seconds. */
  private readonly placesByQuestion = new WeakMap<Question, Question>();

  private constructor(
    private readonly tx: Db,
    private readonly actor: Actor,
    private readonly projectId: string,
    private form: { id: string; questions: Question[] },
  ) {}

  static async open(tx: Db, actor: Actor, projectId: string): Promise<StudyForm> {
    return new StudyForm(tx, actor, projectId, await currentForm(tx, projectId));
  }

  get formVersionId(): string {
    return this.form.id;
  }

  get questions(): readonly Question[] {
    return this.form.questions;
  }

  /**
   * Gives each question that these judgements answer its place in the form.
   * @returns the labels of the questions that the form gained
   */
  async adopt(judgements: readonly Judgement[]): Promise<string[]> {
    const added: Question[] = [];
    for (const imported of new Set(judgements.flatMap(({ questions }) => questions))) {
      const wording = JSON.stringify(imported);
      if (this.places.has(wording)) continue;
      const { question, isNew } = adoptQuestion([...this.form.questions, ...added], imported);
      this.places.set(wording, question);
      if (isNew) added.push(question);
    }
    if (added.length > 0) {
      const questions = [...this.form.questions, ...added];
      this.form = await changeForm(this.tx, this.actor, { projectId: this.projectId, questions });
    }
    return added.map(({ label }) => label);
  }

  /** The project's question that answers to this one belong to. */
  placeOf(imported: Question): Question {
    const question = this.placesByQuestion.get(imported) ?? this.places.get(JSON.stringify(imported));
    if (!question) throw new Error(`The question ${imported.id} has no place in the form.`);
    this.placesByQuestion.set(imported, question);
    return question;
  }
}

/**
 * Finds a place in the project's form for a question of an imported study: a question of the project that means the
 * same, or else a new one, which nobody needs to answer.
 */
export function adoptQuestion(
  form: readonly Question[],
  imported: Question,
): { question: Question; isNew: boolean } {
  const known =
    form.find((own) => own.id === imported.id && holds(imported.type, own, imported)) ??
    form.find((own) => meansTheUsual(imported) && holds(imported.type, own, imported));
  return known
    ? { question: known, isNew: false }
    : { question: { ...imported, id: freeId(imported.id, form), required: false }, isNew: true };
}

/**
 * Whether a question asks what any project's own of its type asks. One of its own wording does not: which response is
 * safer is not which is better, and answers to both must not meet under one question.
 */
function meansTheUsual({ type, label }: Question): boolean {
  return kindOf(type).general && usualLabels.has(label);
}

/** Whether every answer to the imported question is also an answer to the project's own. */
function holds<T extends QuestionType>(type: T, own: Question, imported: QuestionOf<T>): boolean {
  if (formChanges([imported], [{ ...own, id: imported.id }]).length > 0) return false;
  return isQuestionOf(type, own) && kindOf(type).accepts(own, imported);
}

function freeId(id: string, questions: readonly Question[]): string {
  let free = id;
  for (let number = 2; questions.some((question) => question.id === free); number++) free = `${id}_${number}`;
  return free;
}
