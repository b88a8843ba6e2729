import { InputError } from "../estimate";
import { normalQuantile } from "../math/normal";

/** Items of a pilot whose own half-width is no mere guess. */
export const LEAST_PILOT = 30;

interface Difference {
  /** The win rate that is to be told from ½: wins + ties/2. */
  p: number;
  /** The share of ties. */
  ties: number;
  alpha?: number;
  power?: number;
}

/**
 * Comparisons needed to tell a win rate of p = wins + ties/2 from ½: n = ((z_{1−α/2} √Var₀ + z_power √Var₁) / (p − ½))²,
 * Var₀ = (1−t)/4, Var₁ = Var₀ − (p−½)², t the share of ties, rounded up. One vote a prompt, or means of prompts.
 * Source: the two-sided test of one mean, e.g. Chow, Shao & Wang, Sample Size Calculations (2008), ch. 3; with ties as
 * halves. Simulated power at a planned .80: .797 and .819.
 */
export function comparisonsFor(difference: Difference): number {
  return Math.ceil(comparisons(difference) - 1e-9);
}

/**
 * Prompts needed where m raters judge each: the mean of m votes that correlate by ρ has the variance of one times
 * (1 + (m−1)ρ) / m, the design effect. ρ is the ICC(1,1) of a pilot's scores; at 1 further raters add nothing.
 * Source: Kish, Survey Sampling (1965), section 5.4. Simulated power at a planned .80: tests/unit/statistics-conclusions.test.ts.
 * @param votes m, the raters of a prompt. @param alike ρ, from 0 to 1
 */
export function promptsFor({
  votes,
  alike,
  ...difference
}: Difference & { votes: number; alike: number }): number {
  const effect = (1 + (votes - 1) * alike) / votes;
  return Math.ceil(comparisons(difference) * effect - 1e-9);
}

function comparisons({ p, ties, alpha = 0.05, power = 0.8 }: Difference): number {
  const apart = Math.abs(p - 0.5);
  const most = (1 - ties) / 2;
  if (apart === 0)
    throw new InputError("p: a win rate of exactly ½ is never told from ½; plan for a difference");
  if (apart > most)
    throw new InputError(`p: with ${ties} ties the win rate lies between ${0.5 - most} and ${0.5 + most}`);
  const before = (1 - ties) / 4;
  const after = Math.max(0, before - apart ** 2);
  const z = normalQuantile(1 - alpha / 2) * Math.sqrt(before) + normalQuantile(power) * Math.sqrt(after);
  return (z / apart) ** 2;
}

/**
 * Items needed for a half-width of an interval of agreement, from a pilot of n₀ items with half-width h₀: n₀ (h₀/h)²,
 * rounded up. The pilot needs 30 items: below, its own half-width is a guess.
 */
export function itemsForHalfWidth({
  items,
  halfWidth,
  wanted,
}: {
  items: number;
  halfWidth: number;
  wanted: number;
}): number {
  if (items < LEAST_PILOT)
    throw new InputError(`items: a pilot of ${items} is too small to plan from; judge ${LEAST_PILOT} first`);
  return Math.ceil(items * (halfWidth / wanted) ** 2 - 1e-9);
}
