import type { Question } from "../form/schema";
import { measuredOf } from "../quality/agreement";
import { alphaUnits, sharedRows } from "../quality/catalog";
import { partsOf, type Stated } from "../quality/inputs";
import type { Part } from "../quality/part";
import { agreementChange, type Side } from "../statistics/agreement/change";
import { agreement } from "../statistics/agreement/interval";
import type { ShownNorming } from "./schema";

type Measured = NonNullable<ShownNorming["parts"][number]["before"]>;

/**
 * How far raters agreed before they talked and after: Krippendorff's α of each thing that was asked, and the change. Once
 * there are answers of both passes, only raters who judged in both count in either: another group of people would be
 * another number.
 */
export function comparedParts(
  questions: readonly Question[],
  { before, after }: Record<"before" | "after", readonly Stated[]>,
): ShownNorming["parts"] {
  const both = after.length > 0;
  const ratersIn = (given: readonly Stated[]) => new Set(given.map(({ raterId }) => raterId));
  const [first, second] = [ratersIn(before), ratersIn(after)];
  const counted = (given: readonly Stated[]) =>
    both ? given.filter(({ raterId }) => first.has(raterId) && second.has(raterId)) : given;
  const earlier = partsOf(questions, counted(before));
  const later = partsOf(questions, counted(after));
  return earlier.map((part) => {
    const { questionId, attribute, label } = part;
    const other = later.find((one) => one.questionId === questionId && one.attribute === attribute);
    const [then, now] = [sideOf(part), other && sideOf(other)];
    return {
      ...{ questionId, attribute, label },
      before: alphaOf(then),
      after: now ? alphaOf(now) : null,
      change: now ? told(agreementChange(then, now)) : null,
    };
  });
}

const told = ({ estimate, low, high, n, reason }: Measured): Measured => ({
  ...{ estimate, low, high, n },
  ...(reason && { reason }),
});

/** Which response stood first was drawn for every seat of a norming: pairs count in both orientations. */
function sideOf(part: Part): Side {
  const measured = measuredOf(part);
  return { ...alphaUnits(measured, part.scale.by === "pairs"), groups: promptsOf(part) };
}

/** The prompts of the items that two raters or more have judged, in the order in which the units number them. */
function promptsOf(part: Part): string[] {
  return [...new Set(sharedRows(part).map((row) => part.items[part.item[row]].promptId))];
}

const alphaOf = ({ units, coefficient }: Side): Measured => told(agreement(coefficient, units));
