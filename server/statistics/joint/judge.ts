export interface JudgeAgreement {
  n: number;
  agreement: number | null;
  /** Cohen's κ; null where chance agreement is complete or nothing was compared. */
  kappa: number | null;
}

/** Agreement and Cohen's κ of two lists of verdicts; verdicts are compared as they stand. */
function verdictAgreement<T>(one: readonly T[], other: readonly T[]): JudgeAgreement {
  const n = one.length;
  if (n === 0) return { n, agreement: null, kappa: null };
  const counts = new Map<T, [number, number]>();
  let equal = 0;
  for (const [i, verdict] of one.entries()) {
    if (verdict === other[i]) equal++;
    for (const [side, each] of [verdict, other[i]].entries()) {
      const pair = counts.get(each) ?? [0, 0];
      counts.set(each, pair);
      pair[side]++;
    }
  }
  let chance = 0;
  for (const [first, second] of counts.values()) chance += (first / n) * (second / n);
  const agreement = equal / n;
  return { n, agreement, kappa: 1 - chance > 1e-12 ? (agreement - chance) / (1 - chance) : null };
}

/** The verdict of most, or `tie` where two have as many votes. */
function majorityVerdict<T>(verdicts: readonly T[], tie: T): T {
  const counts = new Map<T, number>();
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const leading = [...counts].filter(([, count]) => count === most);
  return leading.length === 1 ? leading[0][0] : tie;
}

/**
 * A judge against the majority of people, and what a person reaches: each against the others of an item where those
 * agree. The ceiling is of easier items than all, so its n must stand beside it.
 */
export function judgeCard<T>(
  judge: readonly T[],
  people: readonly (readonly T[])[],
  tie: T,
): JudgeAgreement & { leaveOneOutHuman: JudgeAgreement } {
  const judged = [...judge.keys()].filter((i) => people[i].length > 0);
  const versus = verdictAgreement(
    judged.map((i) => judge[i]),
    judged.map((i) => majorityVerdict(people[i], tie)),
  );
  const pairs = people.flatMap((verdicts) =>
    verdicts.flatMap((own, i) => {
      const others = verdicts.filter((_, j) => j !== i);
      return others.length > 1 && others.every((each) => each === others[0])
        ? [[own, others[0]] as const]
        : [];
    }),
  );
  return {
    ...versus,
    leaveOneOutHuman: verdictAgreement(
      pairs.map(([own]) => own),
      pairs.map(([, others]) => others),
    ),
  };
}
