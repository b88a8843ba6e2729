import type { DataRecipe } from "../../db/shape/construction";
import { wilsonInterval } from "../statistics/wilson";
import { LIKE_ANOTHER } from "./method/unlike";

/** Candidates that yield and duplicates are told from, and fewer tell nothing. */
const WINDOW = 200;
/** Decisions of people from which their share tells something. */
const ENOUGH_DECIDED = 10;

/** What people passed as it was, of what they decided. */
interface Passed {
  passed: number;
  decided: number;
}

/** Whether people pass too little of what they look at: all of the interval of their share lies below the limit. */
export const isPassedTooLittle = (
  { passed, decided }: Passed,
  { auditBelow }: Pick<DataRecipe["stops"], "auditBelow">,
): boolean => decided >= ENOUGH_DECIDED && wilsonInterval(passed, decided).high < auditBelow;

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

  why(audit: Passed): "target" | "yield" | "duplicates" | "audit" | null {
    const { target, stops } = this.#recipe;
    if (this.kept >= target) return "target";
    if (isPassedTooLittle(audit, stops)) return "audit";
    if (this.#last.length < WINDOW) return null;
    const share = (is: (dropped: string | null) => boolean) => this.#last.filter(is).length / WINDOW;
    if (share((dropped) => dropped === LIKE_ANOTHER) > stops.duplicatesAbove) return "duplicates";
    return share((dropped) => dropped === null) < stops.yieldBelow ? "yield" : null;
  }
}
