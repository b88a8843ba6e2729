import { createHash } from "node:crypto";
import type { Db } from "../../db/client";
import type { QualityPart, QualityReport } from "../../db/shape/quality";
import { type Agreement, agreementOf } from "./agreement";
import { alarmsOf } from "./alarms";
import { type Look, readParts, readSurroundings } from "./inputs";
import { paceOf } from "./pace";
import { raterFigures } from "./rater-figures";

/**
 * What the votes of a look come to, in two steps that do not wait for each other: agreement, which is quick, and the
 * raters' figures, whose models are fitted many times over. A report holds the last of both.
 */

type Of = Pick<QualityPart, "questionId" | "attribute">;
type Agreed = Of & Pick<QualityPart, "inputs"> & Agreement;
type Rated = Of & Pick<QualityPart, "swayed" | "raters">;

/** What the raters' figures come to. */
export interface RaterReport extends Pick<QualityReport, "pace" | "alarms" | "raterInputs"> {
  parts: Rated[];
}

const sameThing = (part: Of) => (other: Of) =>
  other.questionId === part.questionId && other.attribute === part.attribute;

/**
 * How far raters agree.
 * @param known the last report of the same look: what it made of the same votes is taken from it
 */
export async function measureAgreement(db: Db, look: Look, known: QualityReport | null): Promise<Agreed[]> {
  return (await readParts(db, look)).map((part) => {
    const before = known?.parts.find(sameThing(part));
    if (before?.inputs === part.inputs) return before;
    const { questionId, attribute, inputs } = part;
    return { questionId, attribute, inputs, ...agreementOf(part) };
  });
}

/**
 * What the votes say of those who gave them.
 * @returns null where the known report says it of the same votes
 */
export async function measureRaters(
  db: Db,
  look: Look,
  known: QualityReport | null,
): Promise<RaterReport | null> {
  const parts = await readParts(db, look);
  const around = await readSurroundings(db, look);
  const { responses, adjudicated, judgements } = around;
  const raterInputs = createHash("sha256")
    .update(
      JSON.stringify([
        parts.map(({ inputs }) => inputs),
        [...responses.values()],
        [...adjudicated],
        judgements,
      ]),
    )
    .digest("hex");
  if (raterInputs === known?.raterInputs) return null;
  const rated = parts.map((part): Rated => {
    const { questionId, attribute } = part;
    return { questionId, attribute, ...raterFigures(part, around) };
  });
  const pace = paceOf(judgements, parts);
  return { parts: rated, pace, alarms: alarmsOf(rated, pace), raterInputs };
}

/** The report with new agreement beside the raters' figures that it had. */
export function withAgreement(known: QualityReport | null, agreed: readonly Agreed[]): QualityReport {
  return {
    pace: known?.pace ?? [],
    alarms: known?.alarms ?? [],
    raterInputs: known?.raterInputs ?? "",
    parts: agreed.map((part) => {
      const { swayed = null, raters = [] } = known?.parts.find(sameThing(part)) ?? {};
      return { ...part, swayed, raters };
    }),
  };
}

/** The report with new raters' figures beside the agreement that it had; a part that came since waits for its own. */
export function withRaters(known: QualityReport | null, { parts, ...rest }: RaterReport): QualityReport {
  return {
    ...rest,
    parts: (known?.parts ?? []).map((part) => {
      const made = parts.find(sameThing(part));
      return made ? { ...part, swayed: made.swayed, raters: made.raters } : part;
    }),
  };
}
