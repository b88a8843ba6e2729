import { plainNumbers } from "../../../db/shape/written-json";
import { EngineError } from "../errors";
import { type Place, placeOf } from "./examples";

/**
 * How much a row counts in training: its field `weight`, 1 where there is none. Rows of weight 0 are left out when the
 * file is read, before rows are shuffled, batched or packed, so that they change nothing at all.
 *
 * The others' losses are multiplied by w / w̄, w̄ being the mean weight of the file's rows (of its label tokens, for
 * SFT), and reduced as they are without weights. Over the file that is Σ w·l / Σ w, whatever the sizes of micro-batches
 * and steps: a mean by weight within each micro-batch would lose the weights where a micro-batch is one row. Weights
 * that are all equal are no weights, and the run is the same to the bit.
 * @throws EngineError naming file, row and field
 */
export function rowWeight(value: unknown, place: Place): number {
  if (typeof value !== "object" || value === null || !("weight" in value)) return 1;
  const weight = plainNumbers(value.weight);
  if (weight === null) return 1;
  if (typeof weight === "number" && Number.isFinite(weight) && weight >= 0) return weight;
  throw new EngineError(
    `${placeOf(place)}: weight is not valid; give a number from 0, which leaves the row out, or remove the field.`,
  );
}

/**
 * What each row's loss is multiplied by; null where all weights are equal.
 * @param sizes what each row adds to the sum that the loss is divided by
 */
export function multipliers(weights: readonly number[], sizes: readonly number[]): number[] | null {
  if (weights.every((weight) => weight === weights[0])) return null;
  const total = weights.reduce((sum, weight, row) => sum + weight * sizes[row], 0);
  const mean = total / sizes.reduce((sum, size) => sum + size, 0);
  return weights.map((weight) => weight / mean);
}
