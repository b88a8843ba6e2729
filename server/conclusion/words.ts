import type { Fragility, JointWinRate } from "./schema";

/** A rank, or the range of ranks that the votes allow. */
export const rankWords = ({
  rank,
  rankAtWorst,
}: {
  rank: number | null;
  rankAtWorst: number | null;
}): string => (rank === null ? "—" : rank === rankAtWorst ? String(rank) : `${rank}–${rankAtWorst}`);

/** Fragility in sentences. */
export function fragilityWords({
  leader,
  second,
  votes,
  removed,
  share,
  exact,
  alone,
  together,
  reason,
}: Fragility): string {
  if (leader === null || second === null) return reason ?? "There is no order to turn round.";
  const few =
    removed === null || share === null
      ? `No removal of votes that was tried puts ${second} before ${leader}. ${reason ?? ""}`
      : `Without ${removed} of ${votes} votes (${(100 * share).toFixed(1)} %), ${exact ? "and no fewer" : "or fewer"}, ${second} stands before ${leader}.`;
  const raters =
    alone.length > 0
      ? `Each of these raters alone decides it: ${alone.map(({ name }) => name).join(", ")}.`
      : together
        ? `No rater alone decides it; ${together.length} together do.`
        : "No set of raters that was tried decides it.";
  return `${few.trim()} ${raters}`;
}

/** What the judge is worth to the joint figure, in sentences. */
export function jointWords({
  source,
  pairs,
  people,
  judgeAlone,
  joint,
  lambda,
  effectiveN,
  pilot,
}: JointWinRate): string {
  const width = ({ low, high }: JointWinRate["joint"]) => (low === null || high === null ? null : high - low);
  const [alone, both] = [width(people), width(joint)];
  if (pairs.all === 0) return "The judge has judged no pair of these two yet.";
  if (alone === null || both === null) return joint.reason ?? "There is no interval yet.";
  const points = (value: number) => (50 * value).toFixed(1);
  const lean =
    judgeAlone.estimate !== null && joint.low !== null && joint.high !== null
      ? judgeAlone.estimate > joint.high
        ? ` The judge alone sees ${source} win more often than the joint interval allows: it leans.`
        : judgeAlone.estimate < joint.low
          ? ` The judge alone sees ${source} win less often than the joint interval allows: it leans.`
          : ""
      : "";
  if (lambda === 0) {
    const why =
      pairs.all === pairs.judged
        ? "people judged every pair that the judge did. It adds something once it judges more"
        : pilot === null
          ? "people judged pairs of fewer than 20 prompts, too few to say what its verdicts are worth"
          : "its verdicts say nothing of what people say, or the opposite";
    return `The judge is not used: ${why}. The joint figure is people's.${lean}`;
  }
  if (both > alone)
    return `The joint interval is wider than people's alone, ± ${points(both)} points against ± ${points(alone)}: the judge's verdicts hardly go with people's, and their weight ${lambda.toFixed(2)} had to be guessed from few pairs. Take people's.${lean}`;
  return `With the judge it is ± ${points(both)} points instead of ± ${points(alone)}: as precise as ${Math.floor(effectiveN ?? people.n)} pairs that people judge, with ${people.n} judged. The judge's verdicts count by ${lambda.toFixed(2)}.${lean}`;
}

/** What a certificate allows, in sentences. */
export function certificateWords({
  of,
  accepted,
  surest,
  threshold,
  labels,
  errors,
}: NonNullable<JointWinRate["certificate"]>): string {
  const people = `people judged ${labels} of them, ${errors === 0 ? "none" : errors} against the judge`;
  const sure =
    threshold === null ? "" : ` on which the judge is at least ${(100 * threshold).toFixed(0)} % sure`;
  return accepted > 0
    ? `${accepted} of the judge's ${of} verdicts may stand without people, those${sure}: at most 5 % of them are wrong, with 90 % confidence (${people}).`
    : `None of the judge's ${of} verdicts may stand without people yet, at most 5 % wrong with 90 % confidence: of the ${surest}${sure}, ${people}.`;
}
