import { type Measure, type MeasureName, measureNames, type QualityPart } from "../../db/shape/quality";
import { groupBy, numberOf } from "../group";
import { agreement } from "../statistics/agreement/interval";
import { krippendorff } from "../statistics/agreement/krippendorff";
import { mirrored, sidesDrawn } from "../statistics/agreement/pairs";
import type { Ratings } from "../statistics/agreement/ratings";
import { unitsOf } from "../statistics/agreement/ratings";
import { type Measured, measures, sharedRows } from "./catalog";
import type { Part } from "./part";

/** Raters in the matrix, tasks in the list of disputes, and spans of the trend, at most. */
const MATRIX = 20;
const DISPUTED = 20;
const SPANS = 26;
const DAY = 86_400_000;

export type Agreement = Pick<
  QualityPart,
  "votes" | "items" | "shared" | "measures" | "matrix" | "disputed" | "trend"
>;

/** How far raters agree on a part: each measure of the catalogue that applies, who with whom, on what not, and since when. */
export function agreementOf(part: Part): Agreement {
  const rows = sharedRows(part);
  const measured = measuredOf(part, rows);
  const found: QualityPart["measures"] = {};
  for (const name of measureNames)
    if (measures[name].applies(measured)) found[name] = measure(name, measured);
  return {
    votes: part.value.length,
    items: part.items.length,
    shared: new Set(rows.map((v) => part.item[v])).size,
    measures: found,
    matrix: matrixOf(part),
    disputed: disputedOf(part),
    trend: trendOf(measured, rows),
  };
}

/** The votes of a part as measures of agreement want them. */
export function measuredOf(part: Part, rows: readonly number[] = sharedRows(part)): Measured {
  const all = ratingsOf(
    part,
    Array.from(part.value, (_, v) => v),
  );
  return { part, all, shared: ratingsOf(part, rows), drawn: sidesDrawn(part.aFirst) };
}

/** Some votes of a part, its items and prompts numbered anew: the interval counts those that are there. */
function ratingsOf(part: Part, rows: readonly number[]): Ratings {
  const items = new Map<number, number>();
  const prompts = new Map<number, number>();
  const item = Int32Array.from(rows, (v) => numberOf(items, part.item[v]));
  return {
    items: items.size,
    raters: part.raters.length,
    item,
    rater: Int32Array.from(rows, (v) => part.rater[v]),
    value: Float64Array.from(rows, (v) => part.value[v]),
    categories: part.categories,
    group: Int32Array.from(items.keys(), (i) => numberOf(prompts, part.group[i])),
  };
}

function measure(name: MeasureName, measured: Measured): Measure {
  const { estimate, low, high, n, method, reason } = measures[name].compute(measured);
  return { estimate, low, high, n, method, ...(reason && { reason }) };
}

/** The votes on each item. */
export function votesByItem({ items, item }: Part): number[][] {
  const votes: number[][] = items.map(() => []);
  for (const [v, i] of item.entries()) votes[i].push(v);
  return votes;
}

function matrixOf(part: Part): QualityPart["matrix"] {
  const votes = new Int32Array(part.raters.length);
  for (const r of part.rater) votes[r]++;
  const shown = Array.from(votes.keys())
    .sort((one, other) => votes[other] - votes[one] || one - other)
    .slice(0, MATRIX);
  const place = new Map(shown.map((r, at) => [r, at]));
  const size = shown.length;
  const [alike, of] = [new Int32Array(size * size), new Int32Array(size * size)];
  for (const own of votesByItem(part))
    for (const [at, v] of own.entries())
      for (const w of own.slice(0, at)) {
        const [one, other] = [place.get(part.rater[v]), place.get(part.rater[w])];
        if (one === undefined || other === undefined) continue;
        const cell = Math.min(one, other) * size + Math.max(one, other);
        of[cell]++;
        if (part.value[v] === part.value[w]) alike[cell]++;
      }
  return [...of.entries()].flatMap(([cell, n]) =>
    n === 0
      ? []
      : [
          {
            one: part.raters[shown[Math.floor(cell / size)]],
            other: part.raters[shown[cell % size]],
            alike: alike[cell],
            of: n,
          },
        ],
  );
}

/** How near two answers are, from 0 to 1: on a scale of points by their distance, else whether they are the same. */
function nearness({ scale }: Part): (one: number, other: number) => number {
  if (scale.by !== "points") return (one, other) => Number(one === other);
  const span = scale.points[scale.points.length - 1] - scale.points[0];
  return (one, other) => 1 - Math.abs(one - other) / span;
}

interface Near {
  sum: number;
  pairs: number;
  votes: number;
}

/** How near the answers of any two raters of a task are, over all that is asked of the task in some parts. */
function nearIn(parts: readonly Part[]): Map<string, Near> {
  const tasks = new Map<string, Near>();
  for (const part of parts) addNear(tasks, part);
  return tasks;
}

/** The same as a mean from 0 to 1, of tasks with two answers or more. */
export const nearnessByTask = (parts: readonly Part[]): Map<string, number> =>
  new Map(
    [...nearIn(parts)].flatMap(([taskId, { sum, pairs }]) => (pairs > 0 ? [[taskId, sum / pairs]] : [])),
  );

function addNear(tasks: Map<string, Near>, part: Part): void {
  const near = nearness(part);
  for (const [i, own] of votesByItem(part).entries()) {
    const { taskId } = part.items[i];
    const task = tasks.get(taskId) ?? { sum: 0, pairs: 0, votes: 0 };
    for (const [at, v] of own.entries())
      for (const w of own.slice(0, at)) {
        task.sum += near(part.value[v], part.value[w]);
        task.pairs++;
      }
    task.votes += own.length;
    tasks.set(taskId, task);
  }
}

/** Tasks by how near its raters are to one another, over all that is asked of the task here; the furthest first. */
function disputedOf(part: Part): QualityPart["disputed"] {
  return [...nearIn([part])]
    .flatMap(([taskId, { sum, pairs, votes }]) =>
      pairs > 0 ? [{ taskId, agreement: sum / pairs, votes }] : [],
    )
    .filter((task) => task.agreement < 1)
    .sort(
      (one, other) =>
        one.agreement - other.agreement || other.votes - one.votes || (one.taskId < other.taskId ? -1 : 1),
    )
    .slice(0, DISPUTED);
}

/** α of the items that got their last vote on a day, or in a week (UTC, from Monday) where days are too many. */
function trendOf({ part, drawn }: Measured, rows: readonly number[]): QualityPart["trend"] {
  const last = new Float64Array(part.items.length);
  for (const v of rows) last[part.item[v]] = Math.max(last[part.item[v]], part.at[v]);
  const days = new Set(rows.map((v) => Math.floor(last[part.item[v]] / DAY)));
  // The first day of the epoch was a Thursday.
  const spanOf = (at: number) =>
    days.size <= SPANS ? Math.floor(at / DAY) : 7 * Math.floor((Math.floor(at / DAY) + 3) / 7) - 3;
  const spans = [...groupBy(rows, (v) => spanOf(last[part.item[v]]))].sort(([one], [other]) => one - other);
  return spans.slice(-SPANS).map(([day, own]) => {
    const units = unitsOf(ratingsOf(part, own));
    const symmetric = part.scale.by === "pairs" && drawn;
    const level = part.scale.by === "points" ? "ordinal" : "nominal";
    const { estimate, low, high, n } = agreement(
      krippendorff(units, level, { symmetric, mirror: mirrored }),
      units,
    );
    return { from: new Date(day * DAY).toISOString().slice(0, 10), estimate, low, high, n };
  });
}
