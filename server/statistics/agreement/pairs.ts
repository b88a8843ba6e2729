/** What votes on two responses are written as: which is called the first is turned around by the sign. */
export const outcomeCodes = { a: 1, b: -1, tie: 0, both_bad: 2 } as const;

/** The same vote with the two responses in the other order; "both bad" is its own image. */
export const mirrored = (code: number): number => (code === outcomeCodes.both_bad ? code : -code || 0);

/**
 * Whether it was drawn which response stood first, so that agreement may count each pair in both orientations: it is
 * known of nine votes in ten, and how often the first did lies within three standard errors of half. Where it was not
 * drawn, a leaning to one side that raters share would count as agreement.
 * @param aFirst by vote: 1 where the first response was shown first, 0 where the second was, -1 where it is not known
 */
export function sidesDrawn(aFirst: Int8Array): boolean {
  const known = aFirst.filter((first) => first >= 0);
  const first = known.reduce((sum, each) => sum + each, 0);
  return (
    known.length >= 0.9 * aFirst.length &&
    known.length > 0 &&
    Math.abs(first - known.length / 2) <= 1.5 * Math.sqrt(known.length)
  );
}
