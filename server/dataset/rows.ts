import type { DatasetRow, Recipe } from "../../db/shape/dataset";
import type { DatasetKind } from "../../db/shape/dataset-kinds";
import { writeJson } from "../../db/shape/written-json";
import { sha256 } from "../content/keys";
import { promptFields, replyTurns } from "../content/rendered";
import { standingsOf } from "../statistics/ranking/standings";
import { aggregate, type Decision } from "./aggregate";
import { comparisonsOf, type Report } from "./comparisons";
import type { Comparison, Material, SourceResponse } from "./material";
import type { Posterior } from "./posterior";

/** A judgement that a row rests on. */
interface Ground {
  annotationId: string;
  raterId: string;
}

export interface MadeRow {
  row: DatasetRow;
  annotationIds: string[];
  raterIds: string[];
}

/** The rows of one prompt, in an order that depends on nothing but the judgements. */
export function makeRows(
  kind: DatasetKind,
  material: Material,
  recipe: Recipe,
  report: Report,
  posterior: Posterior | null = null,
): MadeRow[] {
  const decisions = () => decided(material, recipe, report, posterior);
  switch (kind) {
    case "preference":
    case "reward":
      return preferenceRows(material, recipe, report, decisions);
    case "unpaired":
      return unpairedRows(material, recipe, report, decisions);
    case "ranked":
      return rankedRows(material, recipe, report, decisions);
    case "sft":
      return sftRows(material, recipe, report, decisions);
  }
}

interface Decided {
  comparison: Comparison;
  decision: Decision;
}

/** What the comparisons of a prompt come to, one decision a comparison, or one a vote where the recipe takes all. */
function decided(
  { promptKey, comparisons }: Material,
  recipe: Recipe,
  report: Report,
  posterior: Posterior | null,
): Decided[] {
  return comparisonsOf(comparisons, recipe, report).flatMap((comparison) => {
    const opinion = posterior?.of(promptKey, comparison);
    const result = aggregate(comparison.votes, recipe, report.drop, opinion);
    if ("decisions" in result) return result.decisions.map((decision) => ({ comparison, decision }));
    report.drop(result.dropped);
    return [];
  });
}

/** The comparisons of a prompt, decided when a kind of rows asks for them: what they leave out is reported then. */
type Decisions = () => Decided[];

function preferenceRows(material: Material, recipe: Recipe, report: Report, decisions: Decisions): MadeRow[] {
  return decisions().flatMap(({ comparison: { first, second }, decision }) =>
    directionsOf(decision, recipe, report).map(({ chosenFirst, weight }) => {
      const [chosen, rejected] = chosenFirst ? [first, second] : [second, first];
      const vote = recipe.aggregation === "all" ? decision.votes[0].annotationId : "";
      return rowOf(material, [chosen.key, rejected.key, vote], decision.votes, {
        chosen: replyTurns(chosen),
        rejected: replyTurns(rejected),
        ...(decision.margin === undefined ? {} : { margin: decision.margin }),
        ...(weight === undefined ? {} : { weight }),
      });
    }),
  );
}

/** A row that a decision gives: whether `first` is the chosen one, and what the row counts in training. */
interface Direction {
  chosenFirst: boolean;
  weight?: number;
}

/** Six digits, so that the hash does not hang on the order of additions. */
const digits = (share: number): number => Number(share.toFixed(6));

function directionsOf(decision: Decision, recipe: Recipe, report: Report): Direction[] {
  const { outcome, opinion } = decision;
  if (outcome === "first" || outcome === "second" || (outcome === "tie" && recipe.ties === "both")) {
    const decisive = outcome !== "tie";
    const chosenFirst = outcome === "first";
    if (recipe.confidence === "none")
      return decisive ? [{ chosenFirst }] : [{ chosenFirst: true }, { chosenFirst: false }];
    // An adjudication is known for certain.
    const { first, second } = opinion ?? {
      first: decisive ? Number(chosenFirst) : 0.5,
      second: decisive ? Number(!chosenFirst) : 0.5,
    };
    if (recipe.confidence === "weight" && decisive)
      return [{ chosenFirst, weight: digits(Math.abs(first - second)) }];
    // What is neither counts half for each.
    const p = digits((1 + first - second) / 2);
    return [
      { chosenFirst: true, weight: p },
      { chosenFirst: false, weight: digits(1 - p) },
    ].filter(({ weight }) => weight > 0);
  }
  report.drop(outcome);
  return [];
}

interface Verdicts {
  response: SourceResponse;
  good: number;
  bad: number;
  grounds: Ground[];
}

/**
 * One label a reply. Each comparison says that its winner is good and its loser bad, of two bad ones both are bad, and
 * of a tie nothing; a rater's own label of a reply counts as one comparison does. The recipe's rule makes one label of
 * what all of them say.
 */
function unpairedRows(material: Material, recipe: Recipe, report: Report, decisions: Decisions): MadeRow[] {
  const byKey = new Map<string, Verdicts>();
  for (const { comparison, decision } of decisions()) {
    if (decision.outcome === "tie") {
      report.drop("tie");
      continue;
    }
    for (const side of ["first", "second"] as const) {
      const response = comparison[side];
      const verdicts = byKey.get(response.key) ?? { response, good: 0, bad: 0, grounds: [] };
      byKey.set(response.key, verdicts);
      verdicts[decision.outcome === side ? "good" : "bad"]++;
      verdicts.grounds.push(...decision.votes);
    }
  }
  for (const { response, good, ...ground } of material.labels) {
    const same = [...byKey.values()].find((known) => isSame(known.response, response, recipe));
    const verdicts = same ?? { response, good: 0, bad: 0, grounds: [] };
    byKey.set(verdicts.response.key, verdicts);
    verdicts[good ? "good" : "bad"]++;
    verdicts.grounds.push(ground);
  }
  return [...byKey.values()].flatMap(({ response, good, bad, grounds }) => {
    report.judged("replies", good > 0 && bad > 0);
    if (recipe.label === "unanimous" && good > 0 && bad > 0) {
      report.drop("not_unanimous");
      return [];
    }
    if (good === bad) {
      report.drop("no_majority");
      return [];
    }
    const label = good > bad;
    const completion = replyTurns(response);
    return [rowOf(material, [response.key, String(label), ""], grounds, { completion, label })];
  });
}

/** Whether two replies are one: those of the same text, unless the recipe takes each by itself. */
const isSame = (a: SourceResponse, b: SourceResponse, { dedupe }: Recipe): boolean =>
  a.key === b.key || (dedupe === "exact" && writeJson(replyTurns(a)) === writeJson(replyTurns(b)));

/** Replies that comparisons connect, directly or by way of others, and how often each won against each. */
interface Group {
  responses: SourceResponse[];
  wins: number[][];
  decided: Decided[];
}

/** Between replies of two groups nothing is known. */
function groupsOf(all: readonly Decided[]): Group[] {
  const groups: Set<string>[] = [];
  for (const { comparison } of all) {
    const keys = [comparison.first.key, comparison.second.key];
    const joined = groups.filter((group) => keys.some((key) => group.has(key)));
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push(new Set([...joined.flatMap((group) => [...group]), ...keys]));
  }
  const responses = new Map(
    all.flatMap(({ comparison: { first, second } }) => [first, second]).map((one) => [one.key, one]),
  );
  return groups
    .map((keys) => [...keys].sort())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((keys) => {
      const wins = keys.map(() => keys.map(() => 0));
      const own = all.filter(({ comparison }) => keys.includes(comparison.first.key));
      for (const { comparison, decision } of own) {
        const [i, j] = [keys.indexOf(comparison.first.key), keys.indexOf(comparison.second.key)];
        wins[i][j] += decision.outcome === "first" ? 1 : decision.outcome === "second" ? 0 : 0.5;
        wins[j][i] += decision.outcome === "second" ? 1 : decision.outcome === "first" ? 0 : 0.5;
      }
      return {
        responses: keys.flatMap((key) => responses.get(key) ?? []),
        wins,
        decided: own,
      };
    });
}

/** Whether every reply of a group met every other. */
const isComplete = ({ wins }: Group): boolean =>
  wins.every((row, i) => row.every((count, j) => i === j || count + wins[j][i] > 0));

const groundsOf = (group: Group): Ground[] => group.decided.flatMap(({ decision }) => decision.votes);

/** The replies of each group, best first. */
function rankedRows(material: Material, recipe: Recipe, report: Report, decisions: Decisions): MadeRow[] {
  return groupsOf(decisions()).flatMap((group) => {
    const { ranks } = standingsOf(group.wins);
    if (ranks === null || (recipe.order === "complete" && !isComplete(group))) {
      report.drop("open_order");
      return [];
    }
    if (ranks.every((rank) => rank === 1)) {
      report.drop("all_tied");
      return [];
    }
    const order = group.responses
      .map((response, i) => ({ response, rank: ranks[i] }))
      .sort((a, b) => a.rank - b.rank || (a.response.key < b.response.key ? -1 : 1));
    const parts = order.map(({ response, rank }) => `${rank}:${response.key}`);
    return [
      rowOf(material, parts, groundsOf(group), {
        completions: order.map(({ response }) => replyTurns(response)),
        ranks: order.map(({ rank }) => rank),
      }),
    ];
  });
}

function sftRows(material: Material, recipe: Recipe, report: Report, decisions: Decisions): MadeRow[] {
  const repeats = recipe.dedupe === "none";
  const rows = material.written
    .filter(({ origin }) => recipe.sftSources.includes(origin))
    .map((written): MadeRow => {
      const said = written.turns ? writeJson(written.turns) : written.text;
      const parts = repeats ? [said, written.annotationId] : [said];
      return rowOf(material, parts, [written], {
        completion: replyTurns({ turns: written.turns ?? null, content: written.text }),
      });
    });
  if (recipe.sftSources.includes("best")) rows.push(...bestRow(material, recipe, report, decisions));
  if (repeats) return rows;
  const byText = new Map<string, MadeRow>();
  for (const made of rows) {
    const text = writeJson("completion" in made.row && made.row.completion);
    const known = byText.get(text);
    if (known) report.drop("duplicate");
    byText.set(text, known ? together(known, made) : made);
  }
  return [...byText.values()];
}

/** The reply that stands first, if comparisons say which that is and nobody found it bad. */
function bestRow(material: Material, recipe: Recipe, report: Report, decisions: Decisions): MadeRow[] {
  const groups = groupsOf(decisions());
  if (groups.length === 0) return [];
  const [group] = groups;
  const { first } = standingsOf(group.wins);
  if (groups.length > 1 || first.length === 0 || (recipe.order === "complete" && !isComplete(group))) {
    report.drop("open_best");
    return [];
  }
  const best = group.responses[first[0]];
  const isBad = ({ decision, comparison: { first, second } }: Decided) =>
    decision.outcome === "both_bad" && [first.key, second.key].includes(best.key);
  if (group.decided.some(isBad)) {
    report.drop("bad_best");
    return [];
  }
  if (first.length > 1) {
    report.drop("tied_best");
    return [];
  }
  const parts = recipe.dedupe === "none" ? [best.content, "best"] : [best.content];
  return [rowOf(material, parts, groundsOf(group), { completion: replyTurns(best) })];
}

/** One row of two that say the same, with the judgements behind both. */
function together(one: MadeRow, other: MadeRow): MadeRow {
  const raterIds = distinct([...one.raterIds, ...other.raterIds]);
  return {
    row: { ...one.row, annotators: raterIds.length },
    annotationIds: distinct([...one.annotationIds, ...other.annotationIds]),
    raterIds,
  };
}

/** @param parts what the row says, for an id that is the same in every version */
function rowOf<Said extends object>(
  material: Material,
  parts: readonly string[],
  grounds: readonly Ground[],
  said: Said,
) {
  const id = sha256(JSON.stringify([material.promptKey, ...parts])).slice(0, 24);
  const raterIds = distinct(grounds.map(({ raterId }) => raterId));
  return {
    row: {
      id,
      ...promptFields(material),
      annotators: raterIds.length,
      ...said,
    },
    annotationIds: distinct(grounds.map(({ annotationId }) => annotationId)),
    raterIds,
  };
}

const distinct = (ids: readonly string[]): string[] =>
  ids.length === 1 ? [...ids] : [...new Set(ids)].sort();
