import { eq } from "drizzle-orm";
import type { Db } from "../../db/client";
import { rater } from "../../db/schema";
import type { Recipe } from "../../db/shape/dataset";
import type { DatasetKind } from "../../db/shape/dataset-kinds";
import { invalid } from "../errors";
import { type ComparedQuestion, readsComparisons } from "./schema";
import { comparedQuestions } from "./source";

/** @throws when a recipe names a rater whom the project does not have: a rule about nobody would silently not hold */
export async function checkRaters(
  db: Db,
  { projectId, recipe }: { projectId: string; recipe: Recipe },
): Promise<void> {
  const named = { raterWeights: Object.keys(recipe.raterWeights), "filters.raters": recipe.filters.raters };
  if (Object.values(named).flat().length === 0) return;
  const raters = await db.select({ id: rater.id }).from(rater).where(eq(rater.projectId, projectId));
  const known = new Set(raters.map(({ id }) => id));
  for (const [field, ids] of Object.entries(named))
    for (const id of ids)
      if (!known.has(id))
        throw invalid(
          `${field}: no rater of this project has the id "${id}". GET /projects/{projectId}/raters lists them.`,
        );
}

/**
 * The questions whose votes a recipe counts. Two questions about a pair are no two votes on one: where a project
 * compared under several, the recipe names its own, or those that it takes to ask the same thing.
 * @returns none where the rows come from no comparison, or nothing was compared yet
 * @throws when the recipe names none of several, or one under which nothing was compared
 */
export async function questionsOf(
  db: Db,
  { projectId, kind, recipe }: { projectId: string; kind: DatasetKind; recipe: Recipe },
): Promise<ComparedQuestion[]> {
  if (recipe.confidence !== "none" && kind !== "preference" && kind !== "reward")
    throw invalid(
      `confidence: the posterior is of pairs, and ${kind} rows are none. Leave confidence out, or make a dataset of kind preference or reward.`,
    );
  if (!readsComparisons(kind, recipe)) return [];
  const { questionId, judges, raters } = recipe.filters;
  const known = await comparedQuestions(db, { projectId, judges, raters });
  const choice = known.map(({ id, label, votes }) => `"${id}" (${label}; votes: ${votes})`).join(", ");
  if (questionId === undefined) {
    if (known.length < 2) return known;
    throw invalid(
      `Responses of this project were compared under ${known.length} questions, whose votes are not counted together. Name one as filters.questionId, or those that ask the same thing: ${choice}.`,
    );
  }
  const named = new Set([questionId].flat());
  for (const id of named)
    if (!known.some((question) => question.id === id))
      throw invalid(
        `filters.questionId: nothing was compared under the question "${id}". ${choice ? `There is: ${choice}.` : "No comparison of this project counts yet."}`,
      );
  return known.filter(({ id }) => named.has(id));
}
