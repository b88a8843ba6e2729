import { createHash } from "node:crypto";
import { InputError } from "../statistics/estimate";

/** A row as mixing sees it. */
export interface MixedRow {
  /** The sha256 of what it says: draws depend on it, and not on where a row stands in its file. */
  readonly hash: string;
  /** What the order goes by: a score, a length. */
  readonly rank: number;
}

export interface Source {
  readonly name: string;
  readonly rows: readonly MixedRow[];
  /** How much of it is wanted in relation to its size: 1 by default, 0 leaves it out. */
  readonly weight: number;
  /** At most so many of its rows are taken. */
  readonly cap: number | null;
  /** Stages come one after the other; 1 by default. */
  readonly stage: number;
}

export const orders = ["shuffled", "ascending", "descending", "staged"] as const;

export interface Mix {
  readonly seed: number;
  /** Rows wanted; null: as many as the shares allow without taking a row twice. */
  readonly total: number | null;
  /** Shares go by n^(1/T): 1 as the rows are, larger is evener between large and small sources. */
  readonly temperature: number;
  /** A source counts as no larger than this when shares are made (FLAN: 3,000); null: as large as it is. */
  readonly countAtMost: number | null;
  readonly order: (typeof orders)[number];
}

export interface Mixed {
  /** Each row by its source and its place there, in the order in which it is trained on. */
  readonly rows: readonly { readonly source: number; readonly row: number }[];
  readonly sources: readonly MixedSource[];
}

export interface MixedSource {
  readonly name: string;
  /** The share of the rows that its weight, size and the temperature ask for. */
  readonly asked: number;
  readonly taken: number;
  readonly of: number;
}

/**
 * A mixture of sources, the same for the same rows and settings whatever the order of the files, of the rows, or of the
 * sources; a source's rows are drawn by themselves, so that leaving another one out changes how many, not which first. No
 * row is taken twice: a source that has too few, or a cap, gives all it has, and the others fill up in their proportions.
 * Sources: C. Raffel et al., T5, JMLR 21 (2020), section 3.5.2 (temperature, artificial limit); S. Longpre et al., The
 * Flan Collection, arXiv 2301.13688.
 * @throws InputError where nothing can be mixed, or more is wanted than there is
 */
export function mix(sources: readonly Source[], settings: Mix): Mixed {
  const { seed, total, order } = settings;
  const { shares, limits, available, even } = sharesOf(sources, settings);
  if (total !== null && total > available)
    throw new InputError(
      `mix.total: ${total} rows are wanted and ${available} are there without taking one twice; lower it, or raise the caps.`,
    );
  const names = sources.map(({ name }) => name);
  const taken = apportioned(shares, limits, total ?? even, names);
  const rows = sources.flatMap(({ name, rows: own, stage }, source) =>
    drawn(own, `${seed}/draw/${name}`)
      .slice(0, taken[source])
      .map(({ row }) => ({
        source,
        row,
        stage,
        rank: own[row].rank,
        key: drawKey(`${seed}/order/${name}`, own[row].hash),
      })),
  );
  const sign = order === "descending" ? -1 : 1;
  rows.sort((one, other) => {
    const stages = order === "staged" ? one.stage - other.stage : 0;
    const ranks = order === "ascending" || order === "descending" ? sign * (one.rank - other.rank) : 0;
    return stages || ranks || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0) || one.row - other.row;
  });
  return {
    rows: rows.map(({ source, row }) => ({ source, row })),
    sources: sources.map(({ name, rows: own }, source) => ({
      name,
      asked: shares[source],
      taken: taken[source],
      of: own.length,
    })),
  };
}

/** What each source's share is, how many rows it can give, and how many all can, in any shares and in these. */
function sharesOf(sources: readonly Source[], { temperature, countAtMost }: Mix) {
  const wishes = sources.map(({ weight, rows }) => {
    const counted = Math.min(rows.length, countAtMost ?? rows.length);
    return counted === 0 ? 0 : weight * counted ** (1 / temperature);
  });
  const all = wishes.reduce((sum, wish) => sum + wish, 0);
  if (!(all > 0))
    throw new InputError("mix: no source has rows and a weight above 0; nothing is left to mix.");
  const shares = wishes.map((wish) => wish / all);
  const limits = sources.map(({ rows, cap }, source) =>
    shares[source] > 0 ? Math.min(rows.length, cap ?? rows.length) : 0,
  );
  const enough = limits.flatMap((limit, source) => (shares[source] > 0 ? [limit / shares[source]] : []));
  return {
    shares,
    limits,
    available: limits.reduce((sum, limit) => sum + limit, 0),
    even: Math.floor(1e-9 + Math.min(...enough)),
  };
}

/** So many of a source's rows that are the same in every mixture with this seed: the random baseline of a selection. */
export const randomRows = (rows: readonly Pick<MixedRow, "hash">[], count: number, seed: number): number[] =>
  drawn(rows, `${seed}/baseline`)
    .slice(0, count)
    .map(({ row }) => row);

/** Rows in an order that the seed and what they say decide; of equal rows the earlier goes first. */
function drawn(rows: readonly Pick<MixedRow, "hash">[], stream: string): { row: number; key: string }[] {
  return rows
    .map(({ hash }, row) => ({ row, key: drawKey(stream, hash) }))
    .sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : one.row - other.row));
}

const drawKey = (stream: string, hash: string): string =>
  createHash("sha256").update(`${stream}/${hash}`).digest("hex");

/**
 * Whole numbers in these proportions, none above its limit, together `total`: the largest remainders are rounded up, of
 * equal ones that of the name that comes first.
 */
function apportioned(
  shares: readonly number[],
  limits: readonly number[],
  total: number,
  names: readonly string[],
): number[] {
  const exact = new Array<number>(shares.length).fill(0);
  let open = shares.map((_, source) => source).filter((source) => limits[source] > 0);
  let left = total;
  // Whoever would exceed the limit gets it, and the rest is shared anew among the others.
  while (open.length > 0) {
    const sum = open.reduce((all, source) => all + shares[source], 0);
    const full = open.filter((source) => (left * shares[source]) / sum >= limits[source]);
    if (full.length === 0) {
      for (const source of open) exact[source] = (left * shares[source]) / sum;
      break;
    }
    for (const source of full) {
      exact[source] = limits[source];
      left -= limits[source];
    }
    open = open.filter((source) => !full.includes(source));
  }
  const whole = exact.map((count) => Math.floor(count + 1e-9));
  const byRemainder = open.toSorted(
    (one, other) =>
      exact[other] - whole[other] - (exact[one] - whole[one]) || (names[one] < names[other] ? -1 : 1),
  );
  let missing = total;
  for (const count of whole) missing -= count;
  for (const source of byRemainder.slice(0, Math.max(0, missing))) whole[source]++;
  return whole;
}

/** A mixture of an ablation: which source is left out (none: all are in), and the seed. */
interface Ablation {
  readonly without: string | null;
  readonly seed: number;
  readonly mix: Mix;
}

/**
 * What tells how much each source is worth: everything, and everything but one source, at equal size and with every seed.
 * The size is the greatest that every mixture can have, at most that of the whole one.
 * @param seeds at least three, so that a difference can be told from the noise of training
 * @throws InputError with fewer than two sources or three seeds
 */
export function ablations(sources: readonly Source[], whole: Mix, seeds: readonly number[]): Ablation[] {
  if (sources.length < 2)
    throw new InputError("ablation: leaving one source out takes two sources at least.");
  if (new Set(seeds).size < 3)
    throw new InputError(
      "ablation: name three different seeds at least; the noise of training is larger than most effects.",
    );
  const arms = [null, ...sources.map(({ name }) => name)];
  const sizes = arms.map((without) => {
    const arm = sources.filter(({ name }) => name !== without);
    const { available, even } = sharesOf(arm, whole);
    return whole.total === null ? even : Math.min(whole.total, available);
  });
  const total = Math.min(...sizes);
  return seeds.flatMap((seed) => arms.map((without) => ({ without, seed, mix: { ...whole, seed, total } })));
}
