import { and, asc, eq, gt, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client";
import { benchmark, benchmarkItem } from "../../db/schema";
import type { ItemTaint } from "../../db/shape/benchmark";
import { plainNumbers } from "../../db/shape/written-json";
import { notFound } from "../errors";
import { versionNames } from "./benchmark";
import { gradedOf } from "./graded";
import type { BenchmarkItem, itemKinds } from "./schema";

const { score } = benchmarkItem;

/** What a list of items may be narrowed to. */
const conditions: Readonly<Record<(typeof itemKinds)[number], SQL | undefined>> = {
  all: undefined,
  wrong: sql`${score} < 1`,
  right: sql`${score} = 1`,
  failed: sql`${benchmarkItem.failed}`,
  tainted: sql`${benchmarkItem.taint} is not null`,
  cut: sql`${benchmarkItem.cut}`,
};

/** Items of a benchmark in their order, a page after `after`. */
export async function itemsOf(
  db: Db,
  {
    projectId,
    benchmarkId,
    show,
    field,
    kind,
    after,
    limit,
  }: {
    projectId: string;
    benchmarkId: string;
    show: (typeof itemKinds)[number];
    /** Those whose document has this value in this field. */
    field?: string;
    kind?: string;
    after: number;
    limit: number;
  },
): Promise<{ items: BenchmarkItem[]; total: number; next: number | null }> {
  const [known] = await db
    .select({ id: benchmark.id })
    .from(benchmark)
    .where(and(eq(benchmark.id, benchmarkId), eq(benchmark.projectId, projectId)));
  if (!known) throw notFound("The benchmark");
  const wanted = and(
    eq(benchmarkItem.benchmarkId, benchmarkId),
    conditions[show],
    field && kind !== undefined ? sql`${benchmarkItem.document}->>${field} = ${kind}` : undefined,
  );
  const [total, rows] = await Promise.all([
    db.$count(benchmarkItem, wanted),
    db
      .select()
      .from(benchmarkItem)
      .where(and(wanted, gt(benchmarkItem.position, after)))
      .orderBy(asc(benchmarkItem.position))
      .limit(limit),
  ]);
  const named = await versionNames(
    db,
    rows.flatMap(({ taint }) => taint?.versionId ?? []),
  );
  const versions = new Map(named.map(({ id, name }) => [id, name]));
  return {
    items: rows.map(({ asked, replies, graded, taint, ...row }) => ({
      position: row.position,
      prompt: row.prompt,
      continuations: asked.continuations,
      target: asked.target.join(" / "),
      replies: repliesOf(replies),
      read: readOf(graded),
      score: row.score,
      failed: row.failed,
      cut: row.cut,
      tainted: taint && taintText(taint, versions),
    })),
    total,
    next: rows.length === limit ? (rows.at(-1)?.position ?? null) : null,
  };
}

function taintText(
  { gram13, share8, exact, versionId, row }: ItemTaint,
  versions: ReadonlyMap<string, string>,
) {
  const how = [
    ...(gram13 ? ["a run of 13 words"] : []),
    ...(exact ? ["a whole text"] : []),
    ...(share8 !== null && share8 > 0 ? [`${Math.round(100 * share8)} % of its runs of 8 words`] : []),
  ].join(", ");
  const where = versionId === null ? "" : ` in ${versions.get(versionId) ?? "a version that is gone"}`;
  return `${how}${where}${row === null ? "" : `, row ${row + 1}`}`;
}

/** Log-likelihoods with three digits and a mark where they are what the model would write; texts as they are. */
function repliesOf(replies: unknown): string[] {
  const said = plainNumbers(replies);
  if (!Array.isArray(said)) return [];
  return said.flat().map((reply: unknown) => {
    const value: unknown = Array.isArray(reply) ? reply[0] : reply;
    const greedy = Array.isArray(reply) && reply[1] === true ? ", what it would write" : "";
    return (typeof value === "number" ? value.toFixed(3) : String(value)) + greedy;
  });
}

/** What filters left, and how it scored. */
function readOf(graded: unknown): BenchmarkItem["read"] {
  return Object.entries(gradedOf(graded).byFilter).map(([filter, { filtered, metrics }]) => ({
    filter,
    left: repliesOf([filtered]),
    scores: Object.entries(metrics).map(([metric, value]) => ({
      metric,
      value: typeof value === "object" ? JSON.stringify(value) : String(value),
    })),
  }));
}
