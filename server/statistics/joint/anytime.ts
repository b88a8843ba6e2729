import { NORMAL_975 } from "../math/normal";
import { studentQuantile } from "../math/student";

/** The number of clusters at which the sequence is narrowest against an interval for one look; fixed before any look. */
const NARROWEST = 200;

/**
 * By how many standard errors a mean of `clusters` independent clusters may be off at any look, so that all looks together
 * hold the truth with probability 1 − α: √(2(tρ² + 1)/(tρ²) · ln(√(tρ² + 1)/α)), t the clusters and ρ² = (−2 ln α +
 * ln(1 − 2 ln α))/200, widened as Student's t widens the normal. About 3.0 at 200 clusters, where one look takes 1.97. It
 * holds where a mean is near normal, so from some 20 clusters on, for whatever reason one stops.
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic confidence
 * sequences", Annals of Statistics 52 (2024), arXiv 2103.06476, theorem 2.2 and appendix B.2.
 * @param degrees of freedom of the standard error
 */
export function anytimeBound(
  clusters: number,
  { alpha = 0.05, degrees = clusters - 1 }: { alpha?: number; degrees?: number } = {},
): number {
  const twice = -2 * Math.log(alpha);
  const growth = (clusters * (twice + Math.log(1 + twice))) / NARROWEST;
  const student = studentQuantile(0.975, Math.max(1, degrees)) / NORMAL_975;
  return student * Math.sqrt(((2 * (growth + 1)) / growth) * Math.log(Math.sqrt(growth + 1) / alpha));
}
