export const preferenceOutcomes = ["a", "b", "tie", "both_bad"] as const;

/**
 * How the votes on one pair stand.
 * - `single`   only one rater has judged it
 * - `agreed`   all say the same
 * - `majority` more than half say the same
 * - `split`    no outcome has more than half
 */
export const agreements = ["single", "agreed", "majority", "split"] as const;
export type Agreement = (typeof agreements)[number];

export const preferenceSorts = ["time", "strength", "agreement"] as const;

/** What has become of a preference, or of the judgement that states it. */
export const preferenceStates = ["counted", "flagged", "excluded", "returned", "adjudicated"] as const;

/** Who does a rater's work again. */
export const reopenTargets = ["rater", "anyone"] as const;
