import { formChanges } from "../form/changes";
import type { Question } from "../form/schema";

/**
 * Finds a place in the project's form for a question of an imported study: a question of the project that means the
 * same, or else a new one, which nobody needs to answer.
 */
export function adoptQuestion(
  form: readonly Question[],
  imported: Question,
): { question: Question; isNew: boolean } {
  const known =
    form.find((own) => own.id === imported.id && holds(own, imported)) ??
    form.find((own) => isGeneral(imported) && holds(own, imported));
  return known
    ? { question: known, isNew: false }
    : { question: { ...imported, id: freeId(imported.id, form), required: false }, isNew: true };
}

/** Comparisons, ranks, edits and texts of one purpose mean the same under any id; ratings and choices do not. */
function isGeneral({ type }: Question): boolean {
  return type !== "rating" && type !== "choice";
}

/** Whether every answer to the imported question is also an answer to the project's own. */
function holds(own: Question, imported: Question): boolean {
  const kept = { ...own, id: imported.id };
  if (formChanges([imported], [kept]).length > 0) return false;
  if (own.type === "preference" && imported.type === "preference")
    return (own.tie || !imported.tie) && (own.bothBad || !imported.bothBad);
  if (own.type === "ranking" && imported.type === "ranking") return own.ties || !imported.ties;
  if (own.type === "text" && imported.type === "text")
    return own.maxLength >= imported.maxLength && own.minLength === 0;
  return true;
}

function freeId(id: string, questions: readonly Question[]): string {
  let free = id;
  for (let number = 2; questions.some((question) => question.id === free); number++) free = `${id}_${number}`;
  return free;
}
