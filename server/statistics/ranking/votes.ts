import { InputError } from "../estimate";

/** Comparisons: row r says that `a[r]` met `b[r]`, and `y[r]` is 1 where a won, 0 where b did, ½ for a tie. */
export interface Votes {
  /** How many models there are; a and b are numbers below it. */
  models: number;
  a: Int32Array;
  b: Int32Array;
  y: Float64Array;
  /** The prompt of each row, from 0, and how many there are: rows of one prompt are not independent. */
  cluster?: Int32Array;
  /** The rater of each row, from 0, where raters stand for others like them: rows of one are not independent either. */
  rater?: Int32Array;
}

/**
 * The votes themselves where all is well. Both-bad must be ½ before it comes here.
 * @throws InputError for an outcome that is none, a model met by itself, or a number out of range, naming the row
 */
export function checkedVotes(votes: Votes): Votes {
  const { models, a, b, y } = votes;
  for (let r = 0; r < y.length; r++) {
    if (y[r] !== 0 && y[r] !== 0.5 && y[r] !== 1)
      throw new InputError(
        `y[${r}]: ${y[r]} is no outcome; write 1 where a won, 0 where b won, 0.5 for a tie`,
      );
    if (a[r] === b[r]) throw new InputError(`row ${r}: model ${a[r]} meets itself`);
    if (!(a[r] >= 0 && a[r] < models && b[r] >= 0 && b[r] < models))
      throw new InputError(
        `row ${r}: there is no model ${a[r] >= 0 && a[r] < models ? b[r] : a[r]} of ${models}`,
      );
  }
  return votes;
}

/** `wins[i·models + j]`: how often i won against j, a tie ½ for each. */
export function winsOf({ models, a, b, y }: Votes): Float64Array {
  const wins = new Float64Array(models * models);
  for (let r = 0; r < y.length; r++) {
    wins[a[r] * models + b[r]] += y[r];
    wins[b[r] * models + a[r]] += 1 - y[r];
  }
  return wins;
}
