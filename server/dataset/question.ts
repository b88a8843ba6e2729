import type { Db } from "../../db/client";
import type { DatasetKind, Recipe } from "../../db/shape/dataset";
import { invalid } from "../errors";
import type { ComparedQuestion } from "./schema";
import { comparedQuestions } from "./source";

/** Whether rows of a kind come from comparisons at all: demonstrations and edits do not. */
const readsComparisons = (kind: DatasetKind, { sftSources }: Recipe): boolean =>
  kind !== "sft" || sftSources.includes("best");

/**
 * The question whose votes a recipe counts. Two questions about a pair are no two votes on one: where a project compared
 * under several, the recipe names its own.
 * @returns null where the rows come from no comparison, or nothing was compared yet
 * @throws when the recipe names none of several, or one under which nothing was compared
 */
export async function questionOf(
  db: Db,
  { projectId, kind, recipe }: { projectId: string; kind: DatasetKind; recipe: Recipe },
): Promise<Pick<ComparedQuestion, "id" | "label"> | null> {
  if (!readsComparisons(kind, recipe)) return null;
  const { questionId } = recipe.filters;
  const known = await comparedQuestions(db, projectId);
  if (questionId === undefined && known.length < 2) return known[0] ?? null;
  const named = known.find(({ id }) => id === questionId);
  if (named) return named;
  const choice = known.map(({ id, label, votes }) => `"${id}" (${label}; votes: ${votes})`).join(", ");
  if (questionId === undefined)
    throw invalid(
      `Responses of this project were compared under ${known.length} questions, whose votes are not counted together. Name one as filters.questionId: ${choice}.`,
    );
  throw invalid(
    `filters.questionId: nothing was compared under the question "${questionId}". ${choice ? `Name one of: ${choice}.` : "No comparison of this project counts yet."}`,
  );
}
