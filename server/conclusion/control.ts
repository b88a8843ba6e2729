import { sql } from "drizzle-orm";
import { anyOf } from "../../db/any-of";
import type { Db } from "../../db/client";
import { response } from "../../db/schema";
import { bradleyTerry } from "../statistics/ranking/bradley-terry";
import { controlled } from "../statistics/ranking/controlled";
import { componentsOf } from "../statistics/ranking/graph";
import { winsOf } from "../statistics/ranking/votes";
import { among, askedQuestion, type Comparisons, readComparisons } from "./comparisons";
import { boundsAt } from "./leaderboard";
import type { Control, Look } from "./schema";

/** What of a response is held equal: its characters, and the marks of Markdown outside of code. */
const FEATURES = ["length", "headers", "lists", "bold"] as const;
type Feature = (typeof FEATURES)[number];
type Style = Record<Feature, number>;

/**
 * The ranking with length and style held equal, beside the same without: what is left of a lead once responses that are
 * longer, or have more headers, lists and bold text, are not credited for it. Both on the scale of ties half.
 */
export async function controlOf(
  db: Db,
  { projectId, ...look }: Look & { projectId: string },
): Promise<Control> {
  const { question } = await askedQuestion(db, { projectId, questionId: look.questionId });
  if (!question) return { groups: [] };
  const comparisons = await readComparisons(db, { ...look, projectId, questionId: question.id });
  const { votes, responses } = comparisons;
  const styles = await stylesOf(db, [...new Set(responses.flat())]);
  return {
    groups: componentsOf(winsOf(votes), votes.models).map((group) =>
      groupOf(among(comparisons, group), styles),
    ),
  };
}

function groupOf(
  { sources, votes, responses }: Comparisons,
  styles: Map<string, Style>,
): Control["groups"][number] {
  const amount = (side: 0 | 1, feature: Feature) =>
    responses.map((pair) => styles.get(pair[side])?.[feature] ?? null);
  const plain = bradleyTerry(votes);
  const held = controlled(
    votes,
    FEATURES.map((name) => ({ name, a: amount(0, name), b: amount(1, name) })),
  );
  const t = held.errors.reduce((most, each) => Math.max(most, each.t), 0);
  const order = [...sources.keys()].sort((i, j) => (held.theta?.[j] ?? 0) - (held.theta?.[i] ?? 0));
  return {
    method: held.method,
    cautions: [held.reason, held.reason === plain.reason ? undefined : plain.reason].flatMap(
      (reason) => reason ?? [],
    ),
    standings: order.map((i) => ({
      source: sources[i],
      plain: boundsAt(plain, i),
      held: boundsAt(held, i),
    })),
    features: held.coefficients.map(({ name, value, se, reason }) => ({
      name,
      effect: value,
      low: value === null || se === null ? null : value - t * se,
      high: value === null || se === null ? null : value + t * se,
      ...(reason && { reason }),
    })),
    means: order.map((i) => ({ source: sources[i], values: meansOf({ votes, responses }, i, styles) })),
  };
}

/** The mean of each feature over a source's compared responses, each once. */
function meansOf(
  { votes, responses }: Pick<Comparisons, "votes" | "responses">,
  i: number,
  styles: Map<string, Style>,
): number[] {
  const own = new Set(
    responses.flatMap(([a, b], r) => [...(votes.a[r] === i ? [a] : []), ...(votes.b[r] === i ? [b] : [])]),
  );
  const known = [...own].flatMap((id) => styles.get(id) ?? []);
  return FEATURES.map((name) => known.reduce((sum, style) => sum + style[name], 0) / known.length);
}

/** Lengths and marks of responses, as a reader sees them. */
async function stylesOf(db: Db, ids: readonly string[]): Promise<Map<string, Style>> {
  const marks = (pattern: string) => sql`(select count(*)::int from regexp_matches(prose, ${pattern}, 'gn'))`;
  const rows = await db.execute<Style & { id: string } & Record<string, unknown>>(sql`
    select id, length(content) as length, ${marks("^#{1,6} ")} as headers,
      ${marks("^[ \\t]*([-*+]|\\d+[.)]) ")} as lists, ${marks("\\*\\*[^*\\n]+\\*\\*|__[^_\\n]+__")} as bold
    from (select id, content, regexp_replace(content, '\`\`\`.*?(\`\`\`|$)', '', 'g') as prose
      from ${response} where ${anyOf(response.id, ids)}) written`);
  return new Map(rows.map((row) => [row.id, row]));
}
