import type { Model } from "./schema";

/** Whether a model rates replies: trained to, or tuned from another, whose likelihoods its own are set against. */
export const givesRewards = ({
  method,
  parentId,
  baseId,
}: Pick<Model, "method" | "parentId" | "baseId">): boolean =>
  method === "reward" || ((method === "preference" || method === "kto") && (parentId ?? baseId) !== null);

/**
 * Of a reward or preference model's held-out pairs those it has right, a tie is not; rows that were dropped are in
 * neither. Null where nothing was compared, and for models of a time before rows were counted.
 * `independent` where each row is one pair: only then has the share a Wilson interval.
 */
export function accuracyOf({
  heldOut,
}: Pick<Model, "heldOut">): { right: number; compared: number; independent: boolean } | null {
  if (heldOut?.right === undefined || !heldOut.compared) return null;
  const { right, compared, scored } = heldOut;
  return { right, compared, independent: compared === scored };
}
