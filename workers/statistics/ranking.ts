import { z } from "zod";
import { InputError } from "../../server/statistics/estimate";
import {
  bootstrapBradleyTerry,
  bradleyTerry,
  elo,
  type Spread,
  type Strengths,
} from "../../server/statistics/ranking/bradley-terry";
import { type Control, controlled } from "../../server/statistics/ranking/controlled";
import { eloOnline } from "../../server/statistics/ranking/elo-online";
import { plackettLuce } from "../../server/statistics/ranking/plackett-luce";
import { ranksOf } from "../../server/statistics/ranking/rank";
import { withTies } from "../../server/statistics/ranking/ties";
import { checkedVotes, type Votes } from "../../server/statistics/ranking/votes";
import { winMatrix } from "../../server/statistics/ranking/win-matrix";
import { type Answer, answers, index, maybe, number, numbered, numbers } from "./case";

const names = z.array(z.union([z.string(), z.number()]));
/** Comparisons by column: y is 1 where a won, 0 where b did, 0.5 for a tie. */
export const votesShape = {
  /** The models, by number from 0, or by name: then they are sorted by it. */
  a: z.union([z.array(index), z.array(z.string())]),
  b: z.union([z.array(index), z.array(z.string())]),
  y: numbers,
  /** The prompt of each row. */
  cluster: names.optional(),
  /** The rater of each row, where intervals are to speak of others like them. */
  rater: names.optional(),
  /** Names, one a model; left out, there are as many as the greatest number says. */
  models: z.union([z.array(z.string()), z.int().min(1)]).optional(),
};
const votes = z.strictObject(votesShape);
type Given = z.output<typeof votes>;

/** @throws InputError where columns are not equally long, naming the column */
export function sameColumns(columns: Record<string, readonly unknown[] | undefined>): void {
  const given = Object.entries(columns).flatMap(([name, column]) =>
    column ? [[name, column] as const] : [],
  );
  const [[first, { length }], ...rest] = given;
  for (const [name, column] of rest)
    if (column.length !== length)
      throw new InputError(
        `input.${name}: ${column.length} rows, input.${first} has ${length}; give one for each`,
      );
}

export function votesOf({ a, b, y, cluster, rater, models }: Given): Votes {
  sameColumns({ a, b, y, cluster, rater });
  const names = namesOf({ a, b, models });
  const place = names && new Map(names.map((name, i) => [name, i]));
  const numberOf = (column: "a" | "b") => (model: string | number, row: number) => {
    const found = typeof model === "number" ? model : place?.get(model);
    if (found === undefined)
      throw new InputError(`input.${column}[${row}]: ${model} is not among input.models`);
    return found;
  };
  const [first, second] = [
    Int32Array.from<string | number>(a, numberOf("a")),
    Int32Array.from<string | number>(b, numberOf("b")),
  ];
  const seen = 1 + Math.max(-1, ...new Set(first), ...new Set(second));
  return {
    models: names?.length ?? (typeof models === "number" ? models : seen),
    a: first,
    b: second,
    y: Float64Array.from(y),
    ...(cluster ? { cluster: numbered(cluster) } : {}),
    ...(rater ? { rater: numbered(rater) } : {}),
  };
}

/** The names of models where they have any. */
export function namesOf({ a, b, models }: Pick<Given, "a" | "b" | "models">): string[] | undefined {
  if (Array.isArray(models)) return models;
  const named = [...a, ...b].filter((model) => typeof model === "string");
  return named.length === 0 ? undefined : [...new Set(named)].sort();
}

const interval = z.enum(["clustered", "prompt", "row", "hessian"]).optional();
const se = (of: Votes, spread: Spread) => bradleyTerry(of, { spread }).se;

/** θ of each group that met, where groups never met one another. */
function within(of: Votes, { components }: Strengths) {
  return components.map((group) => {
    const rows = Array.from(of.y.keys()).filter((r) => group.includes(of.a[r]));
    const pick = <T>(column: ArrayLike<T>) => rows.map((r) => column[r]);
    const found = bradleyTerry({
      models: group.length,
      a: Int32Array.from(pick(of.a), (i) => group.indexOf(i)),
      b: Int32Array.from(pick(of.b), (i) => group.indexOf(i)),
      y: Float64Array.from(pick(of.y)),
    });
    return found.theta;
  });
}

const rankingsShape = z.strictObject({
  rankings: z.array(z.array(z.array(index))),
  objects: z.int().min(1).optional(),
  /** The prompt and the rater of each ranking. */
  cluster: names.optional(),
  rater: names.optional(),
});
/** Plackett–Luce of what a case gives, without what is no figure. */
function worthsOf(given: z.output<typeof rankingsShape>) {
  const { rankings, cluster, rater } = given;
  sameColumns({ rankings, cluster, rater });
  const { errors: _, ...rest } = plackettLuce(rankings, objectsOf(given), {
    ...(cluster ? { cluster: numbered(cluster) } : {}),
    ...(rater ? { rater: numbered(rater) } : {}),
  });
  return rest;
}
const objectsOf = ({ rankings, objects }: z.output<typeof rankingsShape>) =>
  objects ?? 1 + Math.max(-1, ...rankings.flat(2));

const CONTROLS = ["length", "headers", "lists", "bold"] as const;
type ControlName = (typeof CONTROLS)[number];
const capital = (name: string) => name[0].toUpperCase() + name.slice(1);
const amounts = z.array(maybe).optional();

export const rankingCases: Record<string, Answer> = {
  "ranking.bradleyTerry": answers(
    z.strictObject({ ...votesShape, ridge: number.min(0).optional() }),
    { interval },
    ({ ridge, ...given }, { interval }) => {
      const of = votesOf(given);
      const found = bradleyTerry(of, { spread: interval ?? (of.cluster ? "clustered" : "row") });
      const { components, strongComponents, mleExists, logLik, n, method, reason } = found;
      const map =
        !mleExists || ridge !== undefined ? bradleyTerry(of, { ridge: ridge ?? 0.5 }).theta : undefined;
      return {
        models: namesOf(given),
        theta: found.theta,
        se: found.se,
        low: found.low,
        high: found.high,
        elo: found.theta?.map((theta) => (theta === null ? null : elo(theta))),
        logLik,
        ...(mleExists ? { se_hessian: se(of, "hessian"), se_sandwichRow: se(of, "row") } : {}),
        ...(mleExists && of.cluster ? { se_sandwichPrompt: se(of, "prompt") } : {}),
        ...(components.length > 1 ? { thetaWithin: within(of, found) } : {}),
        mapThetaRidge: map,
        mleExists,
        components,
        strongComponents,
        n,
        method,
        reason,
      };
    },
  ),
  "ranking.bootstrap": answers(
    votes,
    { draws: z.int().min(2).max(10_000).default(200), seed: z.int().default(1) },
    (given, { draws, seed }) => {
      const { thetas, dropped } = bootstrapBradleyTerry(votesOf(given), { draws, seed });
      const count = thetas.length;
      if (count < 2)
        return { se: null, draws: count, dropped, reason: "In hardly any resample a maximum exists." };
      const se = Array.from(thetas[0], (_, i) => {
        const mean = thetas.reduce((sum, theta) => sum + theta[i], 0) / count;
        return Math.sqrt(thetas.reduce((sum, theta) => sum + (theta[i] - mean) ** 2, 0) / (count - 1));
      });
      return { se, draws: count, dropped, seed };
    },
  ),
  "ranking.rank": answers(votes, { interval }, (given, { interval }) => {
    const of = votesOf(given);
    return ranksOf(bradleyTerry(of, { spread: interval ?? (of.cluster ? "clustered" : "row") }));
  }),
  "ranking.winMatrix": answers(votes, {}, (given) => winMatrix(votesOf(given))),
  "ranking.davidson": answers(votes, {}, (given) => {
    const { tie, errors: _, ...rest } = withTies("davidson", votesOf(given));
    return { ...rest, nu: tie };
  }),
  "ranking.raoKupper": answers(votes, {}, (given) => {
    const { tie, errors: _, ...rest } = withTies("raoKupper", votesOf(given));
    return { ...rest, kappa: tie };
  }),
  "ranking.controlled": answers(
    z.strictObject({
      ...votesShape,
      ...(Object.fromEntries(
        CONTROLS.flatMap((name) => [`${name}A`, `${name}B`].map((column) => [column, amounts])),
      ) as Record<`${ControlName}${"A" | "B"}`, typeof amounts>),
    }),
    { ridge: number.min(0).max(1e-3).default(0) },
    (given, { ridge }) => {
      const controls = CONTROLS.flatMap((name): Control[] => {
        const [a, b] = [given[`${name}A`], given[`${name}B`]];
        if (!a && !b) return [];
        if (!a || !b)
          throw new InputError(`input.${name}${a ? "B" : "A"}: missing; give the ${name} of both responses`);
        sameColumns({ a: given.a, [`${name}A`]: a, [`${name}B`]: b });
        return [{ name, a, b }];
      });
      if (controls.length === 0)
        throw new InputError(
          "input.lengthA: nothing to hold equal; give lengthA and lengthB, or headers, lists, bold",
        );
      const { coefficients, errors: _, ...rest } = controlled(votesOf(given), controls, { ridge });
      return {
        ...rest,
        rows: rest.n,
        featureRms: coefficients[0].rms,
        ...Object.fromEntries(coefficients.map(({ name, value }) => [`coef${capital(name)}`, value])),
        coefficients,
      };
    },
  ),
  "ranking.eloOnline": answers(votes, { k: number.positive().default(4) }, (given, options) => {
    const of = votesOf(given);
    const reversed = { ...of, a: of.a.toReversed(), b: of.b.toReversed(), y: of.y.toReversed() };
    return { elo: eloOnline(of, options), eloReversedOrder: eloOnline(reversed, options) };
  }),
  "ranking.plackettLuce": answers(rankingsShape, {}, (given) => {
    const tied = given.rankings.findIndex((ranking) => ranking.some((tier) => tier.length > 1));
    if (tied >= 0)
      throw new InputError(`input.rankings[${tied}]: has a tie; use ranking.plackettLuceTies, or break it`);
    return worthsOf(given);
  }),
  // Rankings, or comparisons as rankings of two.
  "ranking.plackettLuceTies": answers(z.union([rankingsShape, votes]), {}, (given) => {
    if ("rankings" in given) return worthsOf(given);
    const { models, a, b, y, cluster, rater } = checkedVotes(votesOf(given));
    const asRankings = Array.from(y, (each, r) =>
      each === 0.5 ? [[a[r], b[r]]] : each === 1 ? [[a[r]], [b[r]]] : [[b[r]], [a[r]]],
    );
    const { errors: _, ...found } = plackettLuce(asRankings, models, { cluster, rater });
    return { ...found, nu: found.delta[2] };
  }),
};
