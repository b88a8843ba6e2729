import { z } from "zod";
import { InputError } from "../../server/statistics/estimate";
import { activeMean } from "../../server/statistics/joint/active";
import { anytimeBound } from "../../server/statistics/joint/anytime";
import {
  brier,
  calibrationError,
  isotonic,
  outOfFold,
  platt,
  plattCalibration,
} from "../../server/statistics/joint/calibration";
import { certify } from "../../server/statistics/joint/certificate";
import { clusteredJoint } from "../../server/statistics/joint/clustered";
import { standsFor } from "../../server/statistics/joint/draws";
import { judgeCard } from "../../server/statistics/joint/judge";
import { lengthControlled } from "../../server/statistics/joint/length-controlled";
import { ppiBradleyTerry, ppiMean } from "../../server/statistics/joint/ppi";
import { chancesFor, expectedErrors, jointMean } from "../../server/statistics/joint/study";
import { randomOf } from "../../server/statistics/math/random";
import { type Answer, answers, index, maybe, number, numbered, numbers } from "./case";
import { sameColumns } from "./ranking";

const lambda = number.min(0).max(1).optional();
const scored = { x: numbers, y: z.array(number.min(0).max(1)) };
const models = z.union([z.array(index), z.array(z.string())]);
const verdict = z.union([z.string(), z.number()]);

/** The verdict of a judge that changes its mind when the sides are swapped, as MT-bench writes it. */
const INCONSISTENT = "tie (inconsistent)";

const typed = (values: readonly number[]) => Float64Array.from(values);

const study = z.strictObject({
  known: z.array(numbers),
  chance: numbers,
  y: z.array(maybe),
  prompt: z.array(verdict).optional(),
});

/** Rows as the functions read them: an answer of null was not asked for; without prompts each row is its own. */
function studyOf({ known, chance, y, prompt }: z.infer<typeof study>) {
  sameColumns({ known, chance, y, prompt });
  const columns = known[0]?.length ?? 0;
  const uneven = known.findIndex((row) => row.length !== columns);
  if (uneven >= 0)
    throw new InputError(
      `input.known[${uneven}]: ${known[uneven].length} numbers, the first row has ${columns}; give every row as many`,
    );
  const asked = Int32Array.from(y.keys()).filter((row) => y[row] !== null);
  return {
    known: typed(known.flat()),
    columns,
    chance: typed(chance),
    group: prompt ? numbered(prompt) : Int32Array.from(y.keys()),
    asked,
    y: Float64Array.from(asked, (row) => y[row] ?? 0),
  };
}

export const jointCases: Record<string, Answer> = {
  // Judgements of which some were asked for, with the chance of each; `known` is what a judge said of it, and whatever else.
  "joint.mean": answers(
    study,
    { population: z.enum(["these", "alike"]).default("these"), seed: z.int().default(1) },
    (given, options) => jointMean(studyOf(given), options),
  ),
  // Chances for the next draw, from what was answered so far.
  "joint.chances": answers(
    study,
    { budget: number.positive(), floor: number.min(0).max(1).default(0.25), seed: z.int().default(1) },
    (given, { budget, floor, seed }) => {
      const chances = chancesFor(expectedErrors(studyOf(given), { seed }), budget, { floor });
      return { chance: Array.from(chances) };
    },
  ),
  // Machine labels that may stand: `wrong` is what people found, null where nobody was asked; `next` is whom to ask about.
  "joint.certificate": answers(
    z.strictObject({ confidence: numbers, wrong: z.array(z.boolean().nullable()) }),
    {
      allowed: number.gt(0).lt(1).default(0.05),
      delta: number.gt(0).lt(1).default(0.1),
      seed: z.int().default(1),
    },
    ({ confidence, wrong }, { allowed, delta, seed }) => {
      sameColumns({ confidence, wrong });
      const random = randomOf(seed);
      const places = confidence.map((_, item) => [random(), item] as const);
      const { accepted, ...found } = certify({
        confidence: typed(confidence),
        order: Int32Array.from(
          places.sort(([one], [other]) => one - other),
          ([, item]) => item,
        ),
        isWrong: (item) => wrong[item],
        allowed,
        delta,
      });
      return { ...found, accepted: Array.from(accepted) };
    },
  ),
  "joint.ppiMean": answers(
    z.strictObject({ y: numbers, f: numbers, fUnlabelled: numbers }),
    { lambda },
    ({ y, f, fUnlabelled }, options) => ppiMean(typed(y), typed(f), typed(fUnlabelled), options),
  ),
  // Rows of a prompt belong together; y null: nobody judged it.
  "joint.clustered": answers(
    z.strictObject({
      prompt: z.array(verdict),
      f: z.array(number.min(0).max(1)),
      y: z.array(number.min(0).max(1).nullable()),
    }),
    {},
    ({ prompt, f, y }) => {
      sameColumns({ prompt, f, y });
      return clusteredJoint(f.map((each, row) => ({ cluster: String(prompt[row]), f: each, y: y[row] })));
    },
  ),
  // For how many each stands that draws of unequal chances chose; null: nobody judged it.
  "joint.standsFor": answers(
    z.strictObject({
      items: z.array(
        z.strictObject({
          since: number,
          pool: z.string().default("all"),
          taken: z
            .strictObject({ draw: number, chance: number.gt(0).max(1), lateness: number.min(0) })
            .or(z.literal("undrawn"))
            .nullable(),
        }),
      ),
    }),
    {},
    ({ items }) => ({ stands: Array.from(standsFor(items)) }),
  ),
  // By how many standard errors a mean may be off at any look.
  "joint.anytime": answers(
    z.strictObject({ clusters: z.int().min(2) }),
    { alpha: number.gt(0).lt(1).default(0.05) },
    ({ clusters }, { alpha }) => ({ bound: anytimeBound(clusters, { alpha }) }),
  ),
  // Unlabelled comparisons have y null, or stand in columns of their own. The goldens have normal quantiles here.
  "joint.ppiBT": answers(
    z.strictObject({
      a: models,
      b: models,
      y: z.array(number.min(0).max(1).nullable()),
      f: z.array(number.min(0).max(1)),
      aUnlabelled: models.optional(),
      bUnlabelled: models.optional(),
      fUnlabelled: z.array(number.min(0).max(1)).optional(),
      models: z.union([z.array(z.string()), z.int().min(2)]).optional(),
    }),
    { lambda, interval: z.enum(["student", "normal"]).default("normal") },
    (given, options) => {
      const { aUnlabelled = [], bUnlabelled = [], fUnlabelled = [] } = given;
      sameColumns({ a: given.a, b: given.b, y: given.y, f: given.f });
      sameColumns({ aUnlabelled, bUnlabelled, fUnlabelled });
      const rows = [
        ...given.y.map((y, r) => ({ a: given.a[r], b: given.b[r], y, f: given.f[r] })),
        ...fUnlabelled.map((f, r) => ({ a: aUnlabelled[r], b: bUnlabelled[r], y: null, f })),
      ];
      const used = [...new Set(rows.flatMap(({ a, b }) => [a, b]))].sort((one, other) =>
        one < other ? -1 : 1,
      );
      const names = Array.isArray(given.models)
        ? given.models
        : used.filter((model) => typeof model === "string");
      const place = (model: string | number) => {
        const found = typeof model === "number" ? model : names.indexOf(model);
        if (found < 0) throw new InputError(`input.a: ${model} is not among input.models`);
        return found;
      };
      const count =
        names.length > 0
          ? names.length
          : typeof given.models === "number"
            ? given.models
            : 1 + Math.max(-1, ...used.map(Number));
      const columns = (part: typeof rows) => ({
        a: Int32Array.from(part, ({ a }) => place(a)),
        b: Int32Array.from(part, ({ b }) => place(b)),
        f: Float64Array.from(part, ({ f }) => f),
      });
      const labelled = rows.filter(({ y }) => y !== null);
      return ppiBradleyTerry(
        {
          models: count,
          labelled: { ...columns(labelled), y: Float64Array.from(labelled, ({ y }) => y ?? 0) },
          unlabelled: columns(rows.filter(({ y }) => y === null)),
        },
        options,
      );
    },
  ),
  "joint.active": answers(
    z.strictObject({ items: z.array(z.strictObject({ f: number, p: number, y: maybe.optional() })) }),
    {},
    ({ items }) => activeMean(items),
  ),
  "joint.judge": answers(
    z.strictObject({
      judge: z.array(verdict),
      humans: z.array(z.array(verdict.nullable())),
      tie: verdict.default(0.5),
    }),
    {},
    ({ judge, humans, tie }) => {
      sameColumns({ judge, humans });
      return judgeCard(
        judge,
        humans.map((verdicts) => verdicts.filter((each) => each !== null)),
        tie,
      );
    },
  ),
  // Verdicts of both orders, the sides put back; or one list in which a change of mind is named.
  "joint.consistency": answers(
    z.union([
      z.strictObject({ verdicts: z.array(z.string()) }),
      z.strictObject({ first: z.array(verdict), swapped: z.array(verdict) }),
    ]),
    {},
    (given) => {
      if (!("verdicts" in given)) sameColumns(given);
      const same =
        "verdicts" in given
          ? given.verdicts.map((each) => each !== INCONSISTENT)
          : given.first.map((each, i) => each === given.swapped[i]);
      const n = same.length;
      return n === 0
        ? { share: null, n, reason: "Nothing was judged twice." }
        : { share: same.filter(Boolean).length / n, n };
    },
  ),
  "joint.platt": answers(z.strictObject(scored), {}, ({ x, y }) => {
    sameColumns({ x, y });
    return platt(typed(x), typed(y)) ?? { intercept: null, slope: null, reason: "Nothing is labelled yet." };
  }),
  "joint.isotonic": answers(z.strictObject({ ...scored, at: numbers.optional() }), {}, ({ x, y, at }) => {
    sameColumns({ x, y });
    const map = isotonic(typed(x), typed(y));
    const where = at ?? [...new Set(x)].sort((one, other) => one - other);
    return map
      ? { fitted: where.map(map), trusted: x.length >= 100 }
      : { fitted: null, reason: "Nothing is labelled yet." };
  }),
  // Probabilities as they are, or made of scores by a map that is fitted on the other prompts.
  "joint.calibration": answers(
    z.strictObject({ ...scored, group: z.array(verdict).optional() }),
    {
      map: z.enum(["none", "platt", "isotonic"]).default("none"),
      bins: z.int().min(1).default(10),
      seed: z.int().default(1),
    },
    ({ x, y, group }, { map, bins, seed }) => {
      sameColumns({ x, y, group });
      const fit = (scores: Float64Array, truth: Float64Array) => {
        if (map === "isotonic") return isotonic(scores, truth);
        const found = platt(scores, truth);
        return found && plattCalibration(found);
      };
      const p =
        map === "none"
          ? typed(x)
          : outOfFold(typed(x), typed(y), group ? numbered(group) : Int32Array.from(x.keys()), fit, { seed });
      if (!p) return { brier: null, ece: null, reason: "Too few prompts to fit on some and test on others." };
      return { brier: brier(p, typed(y)), ece: calibrationError(p, typed(y), { bins }), n: y.length };
    },
  ),
  "joint.lengthControlled": answers(
    z.strictObject({ y: z.array(number.min(0).max(1)), lengthModel: numbers, lengthBase: numbers }),
    { draws: z.int().min(20).max(10_000).default(200), seed: z.int().default(1) },
    ({ y, lengthModel, lengthBase }, options) => {
      sameColumns({ y, lengthModel, lengthBase });
      return lengthControlled(typed(y), typed(lengthModel), typed(lengthBase), options);
    },
  ),
};
