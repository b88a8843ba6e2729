import type { QualityPart } from "../../db/shape/quality";
import { outcomeCodes } from "../statistics/agreement/pairs";
import { biasedBradleyTerry } from "../statistics/raters/biased-bt";
import { reliabilities } from "../statistics/raters/dawid-skene";
import { longestRun } from "../statistics/raters/straight-lining";
import { votesByItem } from "./agreement";
import { adjudicationKey, type Surroundings } from "./inputs";
import type { Part } from "./part";

type PartRater = QualityPart["raters"][number];
type Share = PartRater["others"];

/** The annotator model asks for classes; a scale of more points than this is no list of classes. */
const MOST_CLASSES = 12;
/** Refits of the annotator model, in votes: as many as a minute allows, 100 at most and 20 at least. */
const REFITTED_VOTES = 1_000_000;
const SEED = 1;
/** Raters of whom the bias is asked: its fit costs the cube of their number. */
const BIASED_RATERS = 400;

/** Each rater's agreement with others on the same item, vote by vote: of so many others so many said the same. */
export function agreementByVote(part: Part): { alike: Int32Array; of: Int32Array } {
  const [alike, of] = [new Int32Array(part.value.length), new Int32Array(part.value.length)];
  for (const own of votesByItem(part))
    for (const v of own) {
      of[v] = own.length - 1;
      alike[v] = own.reduce((sum, w) => sum + Number(part.value[w] === part.value[v]), -1);
    }
  return { alike, of };
}

/** What the votes on a part say of those who gave them. */
export function raterFigures(
  part: Part,
  around: Surroundings,
): { raters: PartRater[]; swayed: QualityPart["swayed"] } {
  const votes: number[][] = part.raters.map(() => []);
  for (const v of Array.from(part.at.keys()).sort(
    (one, other) => part.at[one] - part.at[other] || one - other,
  ))
    votes[part.rater[v]].push(v);
  const reliable = reliabilityOf(part);
  const { swayed, biases } = swayedOf(part, votes, around);
  const agreeing = agreementByVote(part);
  const runs = runsOf(part, votes);
  const raters = part.raters.map((raterId, r): PartRater => {
    const found = reliable?.[r];
    return {
      raterId,
      votes: votes[r].length,
      reliability: found
        ? {
            estimate: found.estimate,
            low: found.low,
            high: found.high,
            ...(found.reason && { reason: found.reason }),
          }
        : null,
      others: votes[r].reduce(
        (sum, v) => ({ alike: sum.alike + agreeing.alike[v], of: sum.of + agreeing.of[v] }),
        { alike: 0, of: 0 },
      ),
      adjudicated: shareOf(votes[r], (v) => {
        const decided = around.adjudicated.get(
          adjudicationKey(part.questionId, part.attribute, part.keys[part.item[v]]),
        );
        return decided === undefined ? null : decided === part.value[v];
      }),
      position: biases.get(r) ?? null,
      firstShown: shareOf(votes[r], (v) => firstShownWon(part, v)),
      longer: shareOf(votes[r], (v) => longerWon(part, v, around)),
      run: runs[r],
    };
  });
  return { raters, swayed };
}

/** Of the votes of which something is known, for how many it holds. */
function shareOf(votes: readonly number[], holds: (v: number) => boolean | null): Share {
  const known = votes.map(holds).filter((each) => each !== null);
  return { alike: known.filter((each) => each).length, of: known.length };
}

const isDecided = (value: number) => value === outcomeCodes.a || value === outcomeCodes.b;

function firstShownWon({ scale, value, aFirst }: Part, v: number): boolean | null {
  if (scale.by !== "pairs" || !isDecided(value[v]) || aFirst[v] < 0) return null;
  return (value[v] === outcomeCodes.a) === (aFirst[v] === 1);
}

function longerWon(
  { scale, value, items, item }: Part,
  v: number,
  { responses }: Surroundings,
): boolean | null {
  if (scale.by !== "pairs" || !isDecided(value[v])) return null;
  const [a, b] = items[item[v]].responses.map((id) => responses.get(id)?.length ?? 0);
  return a === b ? null : (value[v] === outcomeCodes.a) === a > b;
}

/** By the annotator model; null where the answers are no classes. */
function reliabilityOf({ items, raters, categories, item, rater, value }: Part) {
  if (categories.length > MOST_CLASSES || raters.length < 2) return null;
  const classOf = new Map(categories.map((category, k) => [category, k]));
  return reliabilities(
    {
      items: items.length,
      raters: raters.length,
      classes: categories.length,
      item,
      rater,
      label: Int32Array.from(value, (each) => classOf.get(each) ?? 0),
    },
    { draws: Math.max(20, Math.min(100, Math.floor(REFITTED_VOTES / value.length))), seed: SEED },
  );
}

type Bias = NonNullable<PartRater["position"]>;

/** What sways everybody and each rater, beside the strengths of what was compared: the sources of the responses. */
function swayedOf(
  part: Part,
  votes: readonly (readonly number[])[],
  { responses }: Surroundings,
): { swayed: QualityPart["swayed"]; biases: Map<number, Bias> } {
  if (part.scale.by !== "pairs") return { swayed: null, biases: new Map() };
  const sources = new Map<string, number>();
  const rows = {
    a: [] as number[],
    b: [] as number[],
    y: [] as number[],
    rater: [] as number[],
    long: [] as number[],
    other: [] as number[],
  };
  const most = new Set(
    Array.from(votes.keys())
      .sort((one, other) => votes[other].length - votes[one].length || one - other)
      .slice(0, BIASED_RATERS),
  );
  for (const [v, i] of part.item.entries()) {
    const two = part.items[i].responses.map((id) => responses.get(id));
    const [first, second] = part.aFirst[v] === 1 ? two : two.toReversed();
    if (part.aFirst[v] < 0 || !most.has(part.rater[v]) || !first?.source || !second?.source) continue;
    if (first.source === second.source) continue;
    for (const { source } of [first, second])
      if (source && !sources.has(source)) sources.set(source, sources.size);
    rows.a.push(sources.get(first.source) ?? 0);
    rows.b.push(sources.get(second.source) ?? 0);
    const won = firstShownWon(part, v);
    rows.y.push(won === null ? 0.5 : Number(won));
    rows.rater.push(part.rater[v]);
    rows.long.push(first.length);
    rows.other.push(second.length);
  }
  const fit = biasedBradleyTerry(
    {
      models: sources.size,
      a: Int32Array.from(rows.a),
      b: Int32Array.from(rows.b),
      y: Float64Array.from(rows.y),
    },
    Int32Array.from(rows.rater),
    { a: Float64Array.from(rows.long), b: Float64Array.from(rows.other) },
  );
  const reason =
    rows.y.length === 0
      ? "No vote says what stood first on two responses of different sources: strength and position cannot be told apart."
      : fit.reason;
  const biases = [...fit.raterBias].map(([r, { bias, deviation }]): [number, Bias] => [
    r,
    { estimate: bias, low: bias - 1.96 * deviation, high: bias + 1.96 * deviation },
  ]);
  return {
    swayed: { position: fit.firstPositionBias, length: fit.lengthGamma, ...(reason && { reason }) },
    biases: new Map(biases),
  };
}

/** What each vote said as it stood on the screen, by number; null where that is not known. */
function saidOnScreen({ scale, value, aFirst, categories }: Part): {
  names: string[];
  of: (v: number) => number | null;
} {
  if (scale.by === "pairs") {
    const names = ["first", "second", "about the same", "both bad"];
    return {
      names,
      of: (v) =>
        value[v] === outcomeCodes.tie
          ? 2
          : value[v] === outcomeCodes.both_bad
            ? 3
            : aFirst[v] < 0
              ? null
              : (value[v] === outcomeCodes.a) === (aFirst[v] === 1)
                ? 0
                : 1,
    };
  }
  const { options } = scale.by === "options" ? scale : { options: null };
  const name = (category: number) => options?.[category] ?? String(category);
  return { names: categories.map(name), of: (v) => categories.indexOf(value[v]) };
}

/** Each rater's least likely run of one answer, against how frequent that answer is with the others. */
function runsOf(part: Part, votes: readonly (readonly number[])[]): PartRater["run"][] {
  // What is answered at once has no order: several options of one response, all pairs of a ranking.
  const isOnce =
    part.scale.by === "pairs" && part.items.length > new Set(part.items.map(({ taskId }) => taskId)).size;
  if (isOnce || (part.scale.by === "options" && part.scale.multiple)) return votes.map(() => null);
  const { names, of } = saidOnScreen(part);
  const said = votes.map((own) => own.map(of).filter((each) => each !== null));
  const counts = said.map((own) => names.map((_, k) => own.filter((each) => each === k).length));
  const all = names.map((_, k) => counts.reduce((sum, own) => sum + own[k], 0));
  return said.map((own, r) => {
    const others = all.map((count, k) => count - counts[r][k]);
    const total = others.reduce((sum, count) => sum + count, 0);
    if (total < 20) return null;
    // One more of each: what nobody else said is not impossible.
    const run = longestRun(
      own,
      others.map((count) => (count + 1) / (total + names.length)),
    );
    return run && { length: run.length, said: names[run.said], chance: run.chance };
  });
}
