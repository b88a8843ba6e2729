import { csvLine } from "../csv";
import type { PreferenceRow } from "./schema";

/** The columns of the file, by name. Its figures are in the catalogue: `figure/schema`. */
export const preferenceColumns: Record<string, (row: PreferenceRow) => string | number | boolean | null> = {
  submitted_at: (row) => row.submittedAt.toISOString(),
  prompt: (row) => row.prompt,
  source_a: (row) => row.a.source,
  response_a: (row) => row.a.excerpt,
  source_b: (row) => row.b.source,
  response_b: (row) => row.b.excerpt,
  question: (row) => row.questionId,
  outcome: (row) => row.outcome,
  strength: (row) => row.strength,
  rater: (row) => row.rater.name,
  votes: (row) => row.votes,
  agreement: (row) => row.agreement,
  language: (row) => row.language,
  domain: (row) => row.domain,
  a_shown_first: (row) => row.aShownFirst,
  selection_probability: (row) => row.selectionProbability,
  visible_seconds: (row) => row.visibleMs && row.visibleMs / 1000,
  flag: (row) => row.flagReason,
  excluded: (row) => row.excludedReason,
  origin: (row) => row.origin,
  preference_id: (row) => row.id,
  annotation_id: (row) => row.annotationId,
  task_id: (row) => row.taskId,
  prompt_id: (row) => row.promptId,
};

/**
 * The table of preferences, line by line. Texts are cut as in the table.
 * @param readPage one page of the view, after a cursor
 */
export async function* preferencesCsv(
  readPage: (cursor?: string) => Promise<{ items: PreferenceRow[]; nextCursor: string | null }>,
): AsyncGenerator<string> {
  let page = await readPage();
  yield csvLine(Object.keys(preferenceColumns));
  for (;;) {
    const { items, nextCursor } = page;
    // The database reads the next page while this one is written.
    const next = nextCursor ? readPage(nextCursor) : null;
    next?.catch(() => {});
    yield items.map((row) => csvLine(Object.values(preferenceColumns).map((cell) => cell(row)))).join("");
    if (!next) return;
    page = await next;
  }
}
