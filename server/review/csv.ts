import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { annotation, pair, preference, prompt, rater, task } from "../../db/schema";
import { noteSeen } from "../blindness/seen";
import { excerpt } from "../content/list";
import { csvCells, csvLine, csvLineOf } from "../csv";
import { a, b, begins, type PreferencePage, pageOf, shareInView, wholeRows } from "./preferences";

const { text, number, plain, time } = csvCells;

/** The columns of the file, by name. Its figures are in the catalogue: `figure/schema`. */
export const preferenceColumns: Record<string, SQL> = {
  submitted_at: time(annotation.submittedAt),
  prompt: text(excerpt),
  source_a: text(a.source),
  response_a: text(begins(a.content)),
  source_b: text(b.source),
  response_b: text(begins(b.content)),
  question: text(preference.questionId),
  outcome: plain(preference.outcome),
  strength: number(preference.strength),
  rater: text(rater.name),
  votes: plain(pair.votes),
  agreement: number(pair.agreement),
  language: text(task.language),
  domain: text(task.domain),
  a_shown_first: plain(preference.aShownFirst),
  selection_probability: number(annotation.selectionProbability),
  visible_seconds: number(sql`(${annotation.visibleMs} / 1000::float8)`),
  in_view_a: number(shareInView(preference.responseA)),
  in_view_b: number(shareInView(preference.responseB)),
  flag: text(annotation.flagReason),
  excluded: text(annotation.excludedReason),
  origin: plain(annotation.origin),
  preference_id: plain(preference.id),
  annotation_id: plain(annotation.id),
  task_id: plain(task.id),
  prompt_id: plain(prompt.id),
};

interface Page {
  lines: string[];
  nextCursor: string | null;
}

/**
 * One page of the table as lines of the file, which PostgreSQL writes: to read 100,000 rows of two dozen values took
 * the site more time than all the rest. A page that a person is shown: whose answers it holds is kept.
 */
export async function showLines(
  db: Db,
  { personId, ...asked }: PreferencePage & { personId: string },
): Promise<Page> {
  const { ids, nextCursor } = await pageOf(db, asked);
  const rows = await db.execute<{ line: string; taskId: string; raterId: string }>(sql`
    select ${csvLineOf(Object.values(preferenceColumns))} as line, ${task.id} as "taskId", ${rater.id} as "raterId"
    ${wholeRows(ids)}`);
  await noteSeen(db, { personId, shown: rows });
  return { lines: rows.map(({ line }) => line), nextCursor };
}

/**
 * The table of preferences, page by page. Texts are cut as in the table.
 * @param readPage one page of the view, after a cursor
 */
export async function* preferencesCsv(readPage: (cursor?: string) => Promise<Page>): AsyncGenerator<string> {
  let page = await readPage();
  yield csvLine(Object.keys(preferenceColumns));
  for (;;) {
    const { lines, nextCursor } = page;
    // The database writes the next page while this one is sent.
    const next = nextCursor ? readPage(nextCursor) : null;
    next?.catch(() => {});
    yield lines.join("");
    if (!next) return;
    page = await next;
  }
}
