import { amount, percent } from "@/app/components/units";
import type { Model } from "@/server/model/schema";
import { accuracyOf } from "@/server/model/words";
import { shareWithInterval } from "@/server/statistics/share";

/** "71.4 % [50.0, 86.2] of 21", without an interval where rows hold several pairs; null where nothing was compared. */
export function accuracyText(model: Pick<Model, "heldOut">): string | null {
  const accuracy = accuracyOf(model);
  if (!accuracy) return null;
  const { right, compared, independent } = accuracy;
  return independent
    ? shareWithInterval(right, compared)
    : `${percent(right, compared)} of ${amount(compared)} pairs`;
}
