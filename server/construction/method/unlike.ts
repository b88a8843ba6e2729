import { RougePool } from "../rouge";
import type { Candidate } from "./method";

/** Why a candidate goes that is like one before it: the same words in all methods, for a run ends at too many of them. */
export const LIKE_ANOTHER = "like another";

/** Texts of which no two are alike: one that is let in must be unlike all before, by ROUGE-L over words of all scripts. */
export class Unlike {
  readonly #pool = new RougePool("unicode");
  readonly #keys: string[] = [];
  readonly #threshold: number;

  /** @param threshold the highest F1 that is let pass */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** The most alike of those that joined, and whether it lets a text pass. */
  meets(text: string): { readonly keeps: boolean; readonly nearest: Candidate["nearest"] } {
    const [like] = this.#pool.nearest(text, 1);
    const nearest = like ? { of: this.#keys[like.of], figure: like.f } : null;
    return { keeps: (nearest?.figure ?? 0) <= this.#threshold, nearest };
  }

  join(text: string, key: string): void {
    this.#pool.add(text);
    this.#keys.push(key);
  }
}
