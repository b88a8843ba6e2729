import type { DataRecipe } from "../../db/shape/construction";
import { wilsonInterval } from "../statistics/wilson";

/** Candidates that yield and duplicates are told from, and fewer tell nothing. */
const WINDOW = 200;
/** Decisions of people from which their share tells something. */
const ENOUGH_DECIDED = 10;

/** Why a candidate goes that is like one before it: the same words in all methods. */
const LIKE_ANOTHER = "like another";

/** Looks at candidates as they come, and says when going on is of no use. */
export class Watch {
  kept = 0;
  dropped = 0;
  readonly #recipe: Pick<DataRecipe, "target" | "stops">;
  #last: (string | null)[] = [];

  constructor(recipe: Pick<DataRecipe, "target" | "stops">) {
    this.#recipe = recipe;
  }

  add(candidates: readonly { dropped: string | null }[]): void {
    const kept = candidates.filter(({ dropped }) => dropped === null).length;
    this.kept += kept;
    this.dropped += candidates.length - kept;
    this.#last = [...this.#last, ...candidates.map(({ dropped }) => dropped)].slice(-WINDOW);
  }

  /** @param audit what people passed as it was, of what they decided */
  why(audit: { passed: number; decided: number }): "target" | "yield" | "duplicates" | "audit" | null {
    const { target, stops } = this.#recipe;
    if (this.kept >= target) return "target";
    if (
      audit.decided >= ENOUGH_DECIDED &&
      wilsonInterval(audit.passed, audit.decided).high < stops.auditBelow
    )
      return "audit";
    if (this.#last.length < WINDOW) return null;
    const share = (is: (dropped: string | null) => boolean) => this.#last.filter(is).length / WINDOW;
    if (share((dropped) => dropped === LIKE_ANOTHER) > stops.duplicatesAbove) return "duplicates";
    return share((dropped) => dropped === null) < stops.yieldBelow ? "yield" : null;
  }
}
