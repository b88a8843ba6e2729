import type { Question } from "./schema";

export interface FormChange {
  questionId: string;
  /** What the new form would do to answers that the question already has. */
  message: string;
}

/**
 * What a new form does to the meaning of answers given under the old one. Wording, help, order, new questions, new
 * options, and whether an answer is required or a tie is offered do not matter; type, scale, and what was removed do.
 * @returns one entry for each question whose answers would be lost or misread
 */
export function formChanges(before: readonly Question[], after: readonly Question[]): FormChange[] {
  return before.flatMap((old) => {
    const kept = after.find((question) => question.id === old.id);
    const change = kept ? changeOf(old, kept) : "is missing";
    return change ? [{ questionId: old.id, message: `"${old.id}" ${change}.` }] : [];
  });
}

function changeOf(old: Question, kept: Question): string | null {
  switch (old.type) {
    case "preference":
      if (kept.type !== old.type) return typeChange(old, kept);
      return kept.points === old.points ? null : `has ${old.points} points and cannot get ${kept.points}`;
    case "ranking":
    case "edit":
      return kept.type === old.type ? null : typeChange(old, kept);
    case "rating":
      if (kept.type !== old.type) return typeChange(old, kept);
      if (kept.per !== old.per) return `is asked per ${old.per} and cannot be asked per ${kept.per}`;
      if (kept.min !== old.min || kept.max !== old.max)
        return `runs from ${old.min} to ${old.max} and cannot run from ${kept.min} to ${kept.max}`;
      return removed("attribute", ids(old.attributes), ids(kept.attributes));
    case "choice":
      if (kept.type !== old.type) return typeChange(old, kept);
      if (kept.per !== old.per) return `is asked per ${old.per} and cannot be asked per ${kept.per}`;
      if (old.multiple && !kept.multiple) return "allows several options and cannot be limited to one";
      return removed("option", values(old.options), values(kept.options));
    case "text":
      if (kept.type !== old.type) return typeChange(old, kept);
      if (kept.purpose !== old.purpose) return `is a ${old.purpose} and cannot become a ${kept.purpose}`;
      return removed("reason", values(old.chips), values(kept.chips));
  }
}

const ids = (items: readonly { id: string }[]) => items.map((item) => item.id);
const values = (items: readonly { value: string }[]) => items.map((item) => item.value);

const typeChange = (old: Question, kept: Question) => `is a ${old.type} and cannot become a ${kept.type}`;

function removed(what: string, old: readonly string[], kept: readonly string[]): string | null {
  const missing = old.filter((value) => !kept.includes(value));
  return missing.length > 0 ? `lost the ${what} ${missing.map((value) => `"${value}"`).join(", ")}` : null;
}
