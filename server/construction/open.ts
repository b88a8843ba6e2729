import type { DataInput, DataRecipe } from "../../db/shape/construction";
import { writeJson } from "../../db/shape/written-json";
import { sha256 } from "../content/keys";
import { invalid } from "../errors";
import { InputError } from "../statistics/estimate";
import { inputsOf } from "./inputs";
import type { Given, Method, OpenMethod } from "./method/method";
import { methodOf, methods } from "./method/methods";

export interface OpenRecipe {
  method: Method;
  open: OpenMethod;
}

/** @throws BAD_REQUEST where there is no such method, or its options are wrong */
export function openRecipe({ method: id, options }: Pick<DataRecipe, "method" | "options">): OpenRecipe {
  const method = methodOf(id);
  if (!method)
    throw invalid(`method: there is no ${id}; choose one of ${methods.map((one) => one.id).join(", ")}.`);
  return { method, open: told(() => method.open(options)) };
}

/** What a method is given by a recipe. */
export const givenBy = (recipe: DataRecipe, inputs: readonly DataInput[]): Given => ({
  inputs: inputsOf(inputs),
  bound: Object.fromEntries(Object.entries(recipe.slots).map(([slot, models]) => [slot, models.length])),
  want: recipe.target,
  seed: recipe.seed,
});

/**
 * Known by all that decides what is asked: method and its release, options with their defaults, models, inputs, seed.
 * Neither the target, nor when it stops, nor what people look at: a small try of a recipe and its run ask the same.
 */
export function recipeHash(
  { method, open }: OpenRecipe,
  { slots, seed }: DataRecipe,
  inputs: readonly DataInput[],
): string {
  const decides = [method.id, method.version, open.settings, Object.entries(slots).sort(), seed, inputs];
  return sha256(writeJson(decides));
}

/** What a method finds wrong is wrong with the request. */
export function told<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof InputError) throw invalid(cause.message);
    throw cause;
  }
}
