import { categoryOf, type Hazard, type TaxonomyId } from "../../db/shape/harm";

/**
 * What a file says of the harm in a text, for its metadata: as it stands there, and where its categories are known the
 * taxonomy and the hazards that they map onto.
 * @param said a yes or no by category, or a list of categories, or one; others than these are kept as they are
 */
export function harmIn(taxonomy: TaxonomyId, said: unknown): Record<string, unknown> {
  if (said === undefined || said === null) return {};
  const known = categoriesIn(said).flatMap((code) => categoryOf(taxonomy, code) ?? []);
  const hazards = [...new Set(known.flatMap((category): readonly Hazard[] => category.hazards))];
  return {
    harm_category: said,
    ...(known.length > 0 && { harm_taxonomy: taxonomy, harm_hazards: hazards }),
  };
}

/** The categories that hold. */
export function categoriesIn(said: unknown): string[] {
  if (typeof said === "string") return [said];
  if (Array.isArray(said)) return said.filter((one) => typeof one === "string");
  if (typeof said !== "object" || said === null) return [];
  return Object.entries(said).flatMap(([code, holds]) => (holds === true ? [code] : []));
}
