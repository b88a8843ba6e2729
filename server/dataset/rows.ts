import { createHash } from "node:crypto";
import type { Message } from "../../db/shape/content";
import type { DatasetKind, DatasetRow, Recipe } from "../../db/shape/dataset";
import { promptFields, replyTurns } from "../content/rendered";
import { aggregate, type Decision, type Vote } from "./aggregate";

export interface SourceResponse {
  id: string;
  /** Hash of the content and its source: the same in every database. */
  key: string;
  content: string;
  /** What a reply of several turns, or one that calls tools, was imported as; else one turn of `content`. */
  turns: Message[] | null;
  source: string | null;
}

/** A reply that a rater wrote or rewrote. */
export interface WrittenReply {
  annotationId: string;
  origin: "demonstration" | "edit";
  text: string;
}

/** The votes on one pair of responses, `first` having the smaller key. */
export interface Comparison {
  first: SourceResponse;
  second: SourceResponse;
  votes: readonly Vote[];
}

/** Everything that was judged about one prompt. */
export interface Material {
  promptKey: string;
  messages: Message[];
  tools: unknown[] | null;
  comparisons: readonly Comparison[];
  written: readonly WrittenReply[];
}

export interface MadeRow {
  row: DatasetRow;
  annotationIds: string[];
}

/** Called for everything that gives no row. */
export type Drop = (reason: string) => void;

/** The rows of one prompt, in an order that depends on nothing but the judgements. */
export function makeRows(kind: DatasetKind, material: Material, recipe: Recipe, drop: Drop): MadeRow[] {
  switch (kind) {
    case "preference":
    case "reward":
      return preferenceRows(material, recipe, drop);
    case "unpaired":
      return unpairedRows(material, recipe, drop);
    case "ranked":
      return rankedRows(material, recipe, drop);
    case "sft":
      return sftRows(material, recipe, drop);
  }
}

function decisionsOf(comparison: Comparison, recipe: Recipe, drop: Drop): readonly Decision[] {
  const result = aggregate(comparison.votes, recipe);
  if ("decisions" in result) return result.decisions;
  drop(result.dropped);
  return [];
}

function preferenceRows(material: Material, recipe: Recipe, drop: Drop): MadeRow[] {
  return material.comparisons.flatMap((comparison) => {
    const { first, second } = comparison;
    if (first.content === second.content) {
      drop("identical_texts");
      return [];
    }
    return decisionsOf(comparison, recipe, drop).flatMap((decision): MadeRow[] => {
      const directions = directionsOf(decision, recipe, drop);
      return directions.map((chosenFirst) => {
        const [chosen, rejected] = chosenFirst ? [first, second] : [second, first];
        const vote = recipe.aggregation === "all" ? decision.votes[0].annotationId : "";
        return {
          row: {
            ...base(material, [chosen.key, rejected.key, vote], decision.votes),
            chosen: replyTurns(chosen),
            rejected: replyTurns(rejected),
            ...(decision.margin === undefined ? {} : { margin: decision.margin }),
          },
          annotationIds: annotationsOf(decision.votes),
        };
      });
    });
  });
}

/** For each row a decision gives: whether `first` is the chosen one. */
function directionsOf(decision: Decision, recipe: Recipe, drop: Drop): boolean[] {
  if (decision.outcome === "first" || decision.outcome === "second") return [decision.outcome === "first"];
  if (decision.outcome === "tie" && recipe.ties === "both") return [true, false];
  drop(decision.outcome);
  return [];
}

/** The winner of each pair is good, the loser bad; of two bad ones both are bad; a tie says nothing. */
function unpairedRows(material: Material, recipe: Recipe, drop: Drop): MadeRow[] {
  return material.comparisons.flatMap((comparison) =>
    decisionsOf(comparison, recipe, drop).flatMap((decision) => {
      if (decision.outcome === "tie") {
        drop("tie");
        return [];
      }
      return [comparison.first, comparison.second].map((response, index): MadeRow => {
        const label = decision.outcome === (index === 0 ? "first" : "second");
        const vote = recipe.aggregation === "all" ? decision.votes[0].annotationId : "";
        return {
          row: {
            ...base(material, [response.key, String(label), vote], decision.votes),
            completion: replyTurns(response),
            label,
          },
          annotationIds: annotationsOf(decision.votes),
        };
      });
    }),
  );
}

interface Standing {
  response: SourceResponse;
  /** Borda count: a win is 1, a tie ½. */
  score: number;
}

/** All compared responses of the prompt, best first, by Borda count over the decided pairs. */
function standings(material: Material, recipe: Recipe, drop: Drop): { order: Standing[]; votes: Vote[] } {
  const byKey = new Map<string, Standing>();
  const votes: Vote[] = [];
  const add = (response: SourceResponse, score: number) => {
    const standing = byKey.get(response.key) ?? { response, score: 0 };
    standing.score += score;
    byKey.set(response.key, standing);
  };
  for (const comparison of material.comparisons)
    for (const decision of decisionsOf(comparison, recipe, drop)) {
      votes.push(...decision.votes);
      const even = decision.outcome === "tie" ? 0.5 : 0;
      add(comparison.first, decision.outcome === "first" ? 1 : even);
      add(comparison.second, decision.outcome === "second" ? 1 : even);
    }
  const order = [...byKey.values()].sort(
    (a, b) => b.score - a.score || (a.response.key < b.response.key ? -1 : 1),
  );
  return { order, votes };
}

function rankedRows(material: Material, recipe: Recipe, drop: Drop): MadeRow[] {
  const { order, votes } = standings(material, recipe, drop);
  if (order.length < 2) return [];
  const ranks = order.map(({ score }) => 1 + order.filter((other) => other.score > score).length);
  if (ranks[ranks.length - 1] === 1) {
    drop("tie");
    return [];
  }
  return [
    {
      row: {
        ...base(
          material,
          order.map(({ response }, i) => `${ranks[i]}:${response.key}`),
          votes,
        ),
        completions: order.map(({ response }) => replyTurns(response)),
        ranks,
      },
      annotationIds: annotationsOf(votes),
    },
  ];
}

function sftRows(material: Material, recipe: Recipe, drop: Drop): MadeRow[] {
  const written = material.written
    .filter(({ origin }) => recipe.sftSources.includes(origin))
    .map(
      ({ text, annotationId }): MadeRow => ({
        row: {
          ...base(material, [text], [{ raterId: annotationId }]),
          completion: replyTurns({ turns: null, content: text }),
        },
        annotationIds: [annotationId],
      }),
    );
  return recipe.sftSources.includes("best") ? [...written, ...bestRow(material, recipe, drop)] : written;
}

function bestRow(material: Material, recipe: Recipe, drop: Drop): MadeRow[] {
  const { order, votes } = standings(material, recipe, drop);
  if (order.length < 2) return [];
  const [best, second] = order;
  if (best.score === 0) {
    drop("both_bad");
    return [];
  }
  if (best.score === second.score) {
    drop("tie");
    return [];
  }
  return [
    {
      row: { ...base(material, [best.response.content], votes), completion: replyTurns(best.response) },
      annotationIds: annotationsOf(votes),
    },
  ];
}

function base(material: Material, parts: readonly string[], votes: readonly { raterId: string }[]) {
  const id = createHash("sha256")
    .update(JSON.stringify([material.promptKey, ...parts]))
    .digest("hex")
    .slice(0, 24);
  return {
    id,
    ...promptFields(material),
    annotators: new Set(votes.map((vote) => vote.raterId)).size,
  };
}

function annotationsOf(votes: readonly Vote[]): string[] {
  return [...new Set(votes.map((vote) => vote.annotationId))].sort();
}
