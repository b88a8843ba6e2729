import { useTranslations } from "next-intl";
import { type Hazard, hazardName } from "@/db/shape/harm";

/** A hazard as whoever attacks or judges reads it. */
export function useHarmWords(): (hazard: Hazard) => string {
  const t = useTranslations("redTeam");
  return (hazard) => (hazard === "other" ? t("otherHarm") : `${hazard} ${hazardName(hazard)}`);
}
