import { agreement } from "../statistics/agreement/interval";
import { krippendorff } from "../statistics/agreement/krippendorff";
import { mirrored, outcomeCodes, sidesDrawn } from "../statistics/agreement/pairs";
import { unitsOf } from "../statistics/agreement/ratings";
import type { Estimate } from "../statistics/estimate";
import type { Vote } from "./aggregate";

const codes = {
  first: outcomeCodes.a,
  second: outcomeCodes.b,
  tie: outcomeCodes.tie,
  both_bad: outcomeCodes.both_bad,
} as const satisfies Record<Vote["outcome"], number>;

/** Gathers the votes of a version's comparisons, for their agreement beyond chance. */
export class PairVotes {
  private readonly raters = new Map<string, number>();
  private readonly item: number[] = [];
  private readonly rater: number[] = [];
  private readonly value: number[] = [];
  private readonly first: number[] = [];
  /** The prompt of each comparison. */
  private readonly group: number[] = [];
  private prompts = 0;

  /** The votes on one comparison of the prompt at hand. One vote says nothing of agreement. */
  add(votes: readonly Vote[], firstShown: ReadonlyMap<Vote, boolean | null>): void {
    if (new Set(votes.map(({ raterId }) => raterId)).size < 2) return;
    for (const vote of votes) {
      const rater = this.raters.get(vote.raterId) ?? this.raters.size;
      this.raters.set(vote.raterId, rater);
      this.item.push(this.group.length);
      this.rater.push(rater);
      this.value.push(codes[vote.outcome]);
      this.first.push(Number(firstShown.get(vote) ?? -1));
    }
    this.group.push(this.prompts);
  }

  endPrompt(): void {
    if (this.group.at(-1) === this.prompts) this.prompts++;
  }

  /** Krippendorff's nominal α, in both orientations of each pair where sides were drawn. */
  finish(): Estimate {
    const units = unitsOf({
      items: this.group.length,
      raters: this.raters.size,
      item: Int32Array.from(this.item),
      rater: Int32Array.from(this.rater),
      value: Float64Array.from(this.value),
      group: Int32Array.from(this.group),
    });
    const symmetric = sidesDrawn(Int8Array.from(this.first));
    return agreement(krippendorff(units, "nominal", { symmetric, mirror: mirrored }), units);
  }
}
