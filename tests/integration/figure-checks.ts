import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Db } from "@/db/client";
import type { Figure } from "@/server/figure/figure";
import { groupBy } from "@/server/group";
import type { Stated } from "./odd-project";

/** How the figures of the odd project are counted again, by other ways than the program's. */

export type Row = Record<string, string | number | null>;
export type Checks<Id extends string> = Record<Id, { shown: Row[]; counted: Row[] }>;

export const keyOf = (row: Stated) => [row.questionId, row.responseA, row.responseB].join();
export const count = <T>(items: readonly T[], holds: (item: T) => boolean) => items.filter(holds).length;
export const isDecided = ({ outcome }: { outcome: string }) => outcome === "a" || outcome === "b";

/** Comparisons of two votes of one pair: how many are alike, of how many. */
function compare(some: readonly Stated[]) {
  const couples = [...groupBy(some, keyOf).values()].flatMap((same) =>
    same.flatMap((one, i) => same.slice(i + 1).map((other) => one.outcome === other.outcome)),
  );
  return { alike: count(couples, (same) => same), n: couples.length };
}

/** Student's t, 97.5 %, from the table. */
export const T = [Number.NaN, 12.7062047, 4.3026527, 3.1824463, 2.7764451, 2.5705818];

export function agreementOf(some: readonly Stated[]): Row {
  const { alike, n } = compare(some);
  const prompts = [...groupBy(some, ({ promptId }) => promptId).values()].filter((own) => compare(own).n > 0);
  const without = prompts.map((own) => {
    const rest = compare(some.filter((vote) => !own.includes(vote)));
    return rest.alike / rest.n;
  });
  const mean = without.reduce((sum, each) => sum + each, 0) / without.length;
  const G = prompts.length;
  const se = Math.sqrt(((G - 1) / G) * without.reduce((sum, each) => sum + (each - mean) ** 2, 0));
  const estimate = alike / n;
  const half = (T[G - 1] * se) / (1 - estimate ** 2);
  const known = G > 1 && se > 0;
  return {
    estimate,
    low: known ? Math.max(0, Math.tanh(Math.atanh(estimate) - half)) : null,
    high: known ? Math.tanh(Math.atanh(estimate) + half) : null,
    n,
    prompts: G,
    pairs: count([...groupBy(some, keyOf).values()], (same) => same.length > 1),
    single: count([...groupBy(some, keyOf).values()], (same) => same.length === 1),
  };
}

/** Six digits: as many as the table of t has. */
const rounded = (rows: readonly Row[]) =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .map(([key, value]) => [key, typeof value === "number" ? Number(value.toFixed(6)) : value])
          .sort(),
      ),
    )
    .sort();

/**
 * Each entry's number is what was counted, and what the query beside it answers.
 * @param ids what stands in for `:project`, `:version` and `:run`
 */
export function testFigures<Id extends string>(
  db: Db,
  figures: Record<Id, Figure>,
  checks: Checks<Id>,
  idsOf: (id: Id) => Record<string, string>,
): void {
  const isOne = (name: string): name is Id => name in figures;
  const ids = Object.keys(checks).filter(isOne);
  test.each(ids)("%s is what the tables say", (id) => {
    const { shown, counted } = checks[id];
    expect(counted.length).toBeGreaterThan(0);
    expect(rounded(shown)).toEqual(rounded(counted));
  });
  test.each(ids.filter((id) => figures[id].query))("%s is what the query beside it answers", async (id) => {
    let query = figures[id].query ?? "";
    for (const [name, value] of Object.entries(idsOf(id))) query = query.replaceAll(`:${name}`, `'${value}'`);
    const rows = await db.execute<Row>(sql.raw(query));
    const answered = [...rows].map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          typeof value === "string" && /^-?[\d.]+$/.test(value) ? Number(value) : value,
        ]),
      ),
    );
    const asked = Object.keys(answered[0] ?? {});
    const shown = checks[id].shown.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([key]) => asked.includes(key))),
    );
    expect(rounded(answered)).toEqual(rounded(shown));
  });
}
