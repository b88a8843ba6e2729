import { and, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { admitted, judge, judgeVersion } from "../../db/schema";
import type { Recipe } from "../../db/shape/dataset";
import type { LabellingJudge } from "../../db/shape/judge";
import { invalid } from "../errors";
import type { Standing } from "../statistics/judge/role";
import { cardOfVersion, standingOfVersion } from "./kept-card";

/** What a step asks that is not met, in words. */
export const unmet = ({ steps }: Standing, role: "presort" | "label"): string =>
  (steps.find((step) => step.role === role)?.requirements ?? [])
    .flatMap(({ text, met }) => (met ? [] : [text]))
    .join("; ");

type Whose = Pick<Recipe["filters"], "judges" | "raters">;

/**
 * The judges whose judgements a recipe would count, with what each may now. None where it counts people alone. Their cards
 * are kept: who writes a recipe asks at each change of it.
 */
export const judgesCounted = (db: Db, of: { projectId: string } & Whose): Promise<LabellingJudge[]> =>
  counting(db, of, async (look) => (await cardOfVersion(db, look)).standing);

async function counting(
  db: Db,
  { projectId, judges, raters }: { projectId: string } & Whose,
  standingOf: (look: { projectId: string; judgeVersionId: string }) => Promise<Standing>,
): Promise<LabellingJudge[]> {
  if (raters.length === 0 && judges === "people") return [];
  const versions = await db
    .select({
      judgeVersionId: judgeVersion.id,
      judgeId: judgeVersion.judgeId,
      raterId: judgeVersion.raterId,
      name: sql<string>`${judge.name} || ' v' || ${judgeVersion.version}`,
    })
    .from(judgeVersion)
    .innerJoin(judge, eq(judge.id, judgeVersion.judgeId))
    .where(
      and(
        eq(judgeVersion.projectId, projectId),
        raters.length > 0 ? inArray(judgeVersion.raterId, raters) : undefined,
        sql`exists (select from ${admitted} n where n.rater_id = ${judgeVersion.raterId})`,
      ),
    )
    .orderBy(judge.name, judgeVersion.version);
  const counted: LabellingJudge[] = [];
  for (const version of versions) {
    const standing = await standingOf({ projectId, judgeVersionId: version.judgeVersionId });
    counted.push({ ...version, role: standing.role, lacks: unmet(standing, "label") });
  }
  return counted;
}

/**
 * The judges that a recipe counts, for its version to keep.
 * @param despite why those count that may not label; null: they must not
 * @throws BAD_REQUEST where one of them may not label, and nobody said why it counts all the same
 */
export async function labelling(
  db: Db,
  { despite, ...of }: { projectId: string; despite: string | null } & Whose,
): Promise<LabellingJudge[]> {
  const counted = await counting(db, of, (look) => standingOfVersion(db, look));
  const unfit = counted.filter(({ role }) => role !== "label");
  if (unfit.length > 0 && despite === null)
    throw invalid(
      `The recipe counts ${unfit.length === 1 ? "a judge that may" : "judges that may"} not label: ${unfit
        .map(({ name, lacks }) => `${name} (${lacks})`)
        .join(
          "; ",
        )}. Name in filters.raters whose judgements count, or give a reason as \`despite\`: the version keeps it.`,
    );
  return counted;
}
