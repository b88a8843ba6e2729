import { createHash } from "node:crypto";
import type { Scale } from "../form/kind/kind";
import { outcomeCodes } from "../statistics/agreement/pairs";

interface Item {
  taskId: string;
  promptId: string;
  /** The responses it is about: two, one, or none where the task as a whole is judged. */
  responses: readonly string[];
}

interface Vote {
  /** Of the item: votes with the same key are votes on the same thing. */
  key: string;
  item: Item;
  raterId: string;
  value: number;
  /** When it was submitted, in milliseconds. */
  at: number;
  /** Signed: towards the first response; 0 for a tie, both bad, and what is no pair. */
  strength: number;
  /** Whether the first response stood first on the screen; null where that is not known. */
  aFirst: boolean | null;
}

/** The votes on one thing that was asked, as columns: row v says that `rater[v]` gave `item[v]` the value `value[v]`. */
export interface Part {
  questionId: string;
  attribute: string | null;
  label: string;
  scale: Scale;
  /** Every value that may be given, used or not. */
  categories: readonly number[];
  items: readonly Item[];
  /** By which each item is known. */
  keys: readonly string[];
  raters: readonly string[];
  /** The prompt of each item, by number, and how many there are. */
  group: Int32Array;
  prompts: number;
  item: Int32Array;
  rater: Int32Array;
  value: Float64Array;
  at: Float64Array;
  strength: Float64Array;
  /** 1 where the first response was shown first, 0 where the second was, -1 where that is not known. */
  aFirst: Int8Array;
  /** sha256 of the votes in the order of their items and raters. */
  inputs: string;
}

/** Names as numbers from 0, in order of appearance. */
class Numbered {
  readonly names: string[] = [];
  private readonly known = new Map<string, number>();

  of(name: string): number {
    const place = this.known.get(name) ?? this.names.push(name) - 1;
    this.known.set(name, place);
    return place;
  }
}

/** Gathers the votes on one thing. */
export class PartBuilder {
  private readonly keys = new Numbered();
  private readonly raters = new Numbered();
  private readonly prompts = new Numbered();
  private readonly items: Item[] = [];
  private readonly votes: (Omit<Vote, "key" | "item" | "raterId"> & { item: number; rater: number })[] = [];

  constructor(
    private readonly of: Pick<Part, "questionId" | "attribute" | "label" | "scale">,
    private readonly asked: readonly number[],
  ) {}

  add({ key, item, raterId, ...vote }: Vote): void {
    const place = this.keys.of(key);
    if (place === this.items.length) this.items.push(item);
    this.votes.push({ ...vote, item: place, rater: this.raters.of(raterId) });
  }

  finish(): Part {
    const { votes, items } = this;
    const group = Int32Array.from(items, ({ promptId }) => this.prompts.of(promptId));
    const column = (value: (vote: (typeof votes)[number]) => number) => Float64Array.from(votes, value);
    const used = new Set(votes.map(({ value }) => value));
    const hash = createHash("sha256").update(JSON.stringify([this.of, this.asked]));
    const lines = votes.map(
      ({ item, rater, value, strength, aFirst, at }) =>
        `${this.keys.names[item]} ${this.raters.names[rater]} ${value} ${strength} ${aFirst} ${at}`,
    );
    for (const line of lines.sort()) hash.update(`\n${line}`);
    return {
      ...this.of,
      // A form that has changed may have had other points.
      categories: [...new Set([...this.asked, ...used])],
      items,
      keys: this.keys.names,
      raters: this.raters.names,
      group,
      prompts: this.prompts.names.length,
      item: Int32Array.from(votes, ({ item }) => item),
      rater: Int32Array.from(votes, ({ rater }) => rater),
      value: column(({ value }) => value),
      at: column(({ at }) => at),
      strength: column(({ strength }) => strength),
      aFirst: Int8Array.from(votes, ({ aFirst }) => (aFirst === null ? -1 : Number(aFirst))),
      inputs: hash.digest("hex"),
    };
  }
}

/** A vote for each option, chosen or not, is one of two. */
const CHOSEN = [0, 1] as const;

/** The values of a scale, as votes on it are written. */
export function valuesOf(scale: Scale): readonly number[] {
  switch (scale.by) {
    case "pairs":
      return scale.outcomes.map((outcome) => outcomeCodes[outcome]);
    case "points":
      return scale.points;
    case "options":
      return scale.multiple ? CHOSEN : scale.options.map((_, place) => place);
  }
}
