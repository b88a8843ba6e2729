import { csvLine } from "@/server/csv";
import { preferencesCsv, showLines } from "@/server/review/csv";
import type { PreferenceRow } from "@/server/review/schema";
import type { TestDatabase } from "./database";
import type { Member } from "./study";

/** The file of a project's preferences as PostgreSQL writes it, a few lines at a time. */
export async function fileOf({ db }: TestDatabase, projectId: string, { viewer }: Member): Promise<string> {
  const view = { projectId, personId: viewer.personId, sort: "time", order: "desc", limit: 2 } as const;
  let file = "";
  for await (const part of preferencesCsv((cursor) => showLines(db, { ...view, cursor }))) file += part;
  return file;
}

/** The lines of the file as they follow from rows of the table, without the first, which names the columns. */
export const linesOf = (rows: readonly PreferenceRow[]): string =>
  rows
    .map((row) =>
      csvLine([
        ...[
          row.submittedAt.toISOString(),
          row.prompt,
          row.a.source,
          row.a.excerpt,
          row.b.source,
          row.b.excerpt,
        ],
        ...[row.questionId, row.outcome, row.strength, row.rater.name, row.votes, row.agreement],
        ...[row.language, row.domain, row.aShownFirst, row.selectionProbability],
        row.visibleMs && row.visibleMs / 1000,
        ...[row.inViewA, row.inViewB],
        ...[row.flagReason, row.excludedReason, row.origin],
        ...[row.id, row.annotationId, row.taskId, row.promptId],
      ]),
    )
    .join("");
