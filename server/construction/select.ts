import { createHash } from "node:crypto";
import { writeJson } from "../../db/shape/written-json";
import type { RowValue } from "../import/source/row";
import { wilsonInterval } from "../statistics/wilson";
import { type Candidate, fieldOf, numberAt, textAt, textOfFields } from "./candidate";
import { ablations, type MixedSource, mix, randomRows } from "./mixing";
import { pairsByScore, pairsBySource } from "./pairs";
import { filesOf, type Recipe } from "./recipe";
import type { Verdict } from "./steps";

/** What one step did. */
export interface StepReport {
  readonly step: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly given: number;
  readonly kept: number;
  /** How many went, by what they went for. */
  readonly why: Readonly<Record<string, number>>;
  /** What went of each source, domain, language, … */
  readonly lost: Readonly<Record<string, Readonly<Record<string, Lost>>>>;
  readonly histogram: Histogram | null;
  readonly notes: Readonly<Record<string, unknown>>;
}

interface Lost {
  readonly of: number;
  readonly lost: number;
  readonly share: number;
  /** Wilson's 95 % interval of the share. */
  readonly low: number;
  readonly high: number;
}

/** Counts between bounds: one bound more than counts, the last count with its upper bound. */
interface Histogram {
  readonly what: string;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** A row for training, with the candidates that it was made of. */
interface Selected {
  readonly value: RowValue;
  readonly from: readonly Candidate[];
}

interface Rejected {
  readonly candidate: Candidate;
  readonly step: string;
  readonly verdict: Verdict;
}

export interface Selection {
  readonly selected: readonly Selected[];
  /**
   * As many rows as were selected, drawn from all candidates as scrubbing left them: to be trained beside. Null of pairs,
   * for which there is no drawing without a judgement.
   */
  readonly baseline: readonly Candidate[] | null;
  readonly rejected: readonly Rejected[];
  readonly steps: readonly StepReport[];
  readonly pairs: { readonly made: number; readonly longer: number } | null;
  readonly sources: readonly MixedSource[] | null;
  /** Mixtures that tell what each source is worth: everything, and everything but one, with every seed. */
  readonly ablation: readonly { readonly name: string; readonly rows: readonly Selected[] }[];
}

/** A row's hash: of what it says, wherever it stands. */
export const rowHash = (value: RowValue): string =>
  createHash("sha256").update(writeJson(value)).digest("hex");

/**
 * Runs a recipe on the candidates of its sources. The same recipe and rows give the same selection, byte for byte.
 * @param file the rows of another file that a step names
 * @throws InputError naming file, row and field
 */
export function select(
  recipe: Recipe,
  candidates: readonly Candidate[],
  file: (path: string) => readonly Candidate[],
): Selection {
  const { seed, sources, text } = recipe;
  const order = (some: readonly Candidate[]) =>
    [...some.keys()].sort(
      (one, other) =>
        sources[some[one].source].priority - sources[some[other].source].priority || one - other,
    );
  const rejected: Rejected[] = [];
  const reports: StepReport[] = [];
  let left = candidates;
  let pool = candidates;
  let others = new Map(filesOf(recipe).map((path) => [path, file(path)]));
  for (const { name, settings, run } of recipe.steps) {
    const given = left;
    const around = { seed, text, order, file: (path: string) => others.get(path) ?? [] };
    const { verdicts, candidates: changed, changes, measured, notes = {} } = run(given, around);
    const after = changed ?? given;
    for (const [index, verdict] of verdicts.entries())
      if (verdict) rejected.push({ candidate: after[index], step: name, verdict });
    left = after.filter((_, index) => verdicts[index] === null);
    // Whoever must not be seen is in no baseline either.
    if (changed) pool = left;
    if (changes) others = new Map([...others].map(([path, rows]) => [path, rows.map(changes)]));
    reports.push({
      step: name,
      settings,
      given: given.length,
      kept: left.length,
      why: Object.fromEntries(tally(verdicts.flatMap((verdict) => (verdict ? [verdict.why] : [])))),
      lost: lossesOf(recipe, given, verdicts),
      histogram: measured && measured.values.length > 0 ? histogramOf(measured.what, measured.values) : null,
      notes,
    });
  }
  const paired = pairsOf(recipe, left);
  const made = paired?.rows ?? left.map((one): Selected => ({ value: one.value, from: [one] }));
  const mixture = mixtureOf(recipe, made);
  const selected = mixture?.rows ?? made;
  return {
    selected,
    baseline: paired ? null : randomRows(pool, selected.length, seed).map((index) => pool[index]),
    rejected,
    steps: reports,
    pairs: paired && { made: paired.rows.length, longer: paired.longer },
    sources: mixture?.sources ?? null,
    ablation: mixture?.ablation ?? [],
  };
}

/** A pair whose texts differ in length by more than this teaches length. */
const muchLonger = 2;

function pairsOf({ pair }: Recipe, candidates: readonly Candidate[]) {
  if (pair === undefined) return null;
  const answers = candidates.map((candidate) => ({
    prompt: textAt(candidate, pair.prompt),
    text: textAt(candidate, pair.answer),
  }));
  const row = (chosen: number, rejected: number, numbers: RowValue): Selected => ({
    value: {
      prompt: fieldOf(candidates[chosen].value, pair.prompt),
      chosen: fieldOf(candidates[chosen].value, pair.answer),
      rejected: fieldOf(candidates[rejected].value, pair.answer),
      ...numbers,
    },
    from: [candidates[chosen], candidates[rejected]],
  });
  if (pair.by === "source") {
    const sourced = answers.map((answer, index) => ({
      ...answer,
      source: textAt(candidates[index], pair.source),
    }));
    const rows = pairsBySource(sourced, pair.order).map(({ chosen, rejected }) => row(chosen, rejected, {}));
    return { rows, longer: 0 };
  }
  const scored = answers.map((answer, index) => ({
    ...answer,
    score: numberAt(candidates[index], pair.score),
  }));
  const pairs = pairsByScore(scored, pair);
  return {
    rows: pairs.map(({ chosen, rejected, margin, lengthRatio }) =>
      row(chosen, rejected, { margin, length_ratio: lengthRatio }),
    ),
    longer: pairs.filter(({ lengthRatio }) => lengthRatio > muchLonger).length,
  };
}

function mixtureOf({ mix: settings, seed, sources, text, pair }: Recipe, rows: readonly Selected[]) {
  if (settings === undefined) return null;
  const { total, temperature, count_at_most, order, rank, ablation } = settings;
  const own = sources.map((_, source) => rows.filter(({ from }) => from[0].source === source));
  const rankOf = ({ value, from }: Selected): number => {
    if (rank !== "length") return numberAt({ ...from[0], value }, rank);
    return textOfFields({ ...from[0], value }, pair ? ["prompt", "chosen"] : text).length;
  };
  const whole = { seed, total, temperature, countAtMost: count_at_most, order };
  const named = sources.map(({ name, weight, cap, stage }, source) => ({
    name,
    weight,
    cap,
    stage,
    rows: own[source].map((row) => ({ hash: rowHash(row.value), rank: rankOf(row) })),
  }));
  const mixed = mix(named, whole);
  return {
    rows: mixed.rows.map(({ source, row }) => own[source][row]),
    sources: mixed.sources,
    ablation:
      ablation.length === 0
        ? []
        : ablations(named, whole, ablation).map(({ without, seed, mix: settings }) => {
            const places = sources
              .map((_, source) => source)
              .filter((source) => sources[source].name !== without);
            const { rows } = mix(
              places.map((source) => named[source]),
              settings,
            );
            return {
              name: `${without === null ? "all" : `without ${without}`}, seed ${seed}`,
              rows: rows.map(({ source, row }) => own[places[source]][row]),
            };
          }),
  };
}

/** How often each word is there, the most frequent first. */
function tally(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return new Map([...counts].sort(([, one], [, other]) => other - one));
}

/** What went of each source, and of each group of the recipe's fields that some candidate has. */
function lossesOf(
  { sources, by }: Recipe,
  candidates: readonly Candidate[],
  verdicts: readonly (Verdict | null)[],
): StepReport["lost"] {
  const names = candidates.map(({ source }) => sources[source].name);
  const fields = by
    .map((name) => ({ name, groups: candidates.map(({ value }) => groupOf(value, name)) }))
    .filter(({ groups }) => groups.some((group) => group !== null));
  return {
    source: lostBy(verdicts, names),
    ...Object.fromEntries(
      fields.map(({ name, groups }) => {
        const named = groups.map((group) => group ?? "not said");
        return [name, lostBy(verdicts, named)];
      }),
    ),
  };
}

function lostBy(verdicts: readonly (Verdict | null)[], groups: readonly string[]): Record<string, Lost> {
  const lost = tally(groups.filter((_, index) => verdicts[index] !== null));
  return Object.fromEntries(
    [...tally(groups)].map(([group, of]) => {
      const gone = lost.get(group) ?? 0;
      return [group, { of, lost: gone, ...wilsonInterval(gone, of) }];
    }),
  );
}

function groupOf(value: RowValue, field: string): string | null {
  const found = fieldOf(value, field);
  return typeof found === "string" || typeof found === "number" ? String(found) : null;
}

function histogramOf(what: string, values: readonly number[]): Histogram {
  const bins = 20;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low === high) return { what, bounds: [low, high], counts: [values.length] };
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((bins * (value - low)) / (high - low)))]++;
  return {
    what,
    bounds: Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins),
    counts,
  };
}
