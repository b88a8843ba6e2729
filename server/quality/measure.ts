import { createHash } from "node:crypto";
import type { Db } from "../../db/client";
import type { QualityPart, QualityReport } from "../../db/shape/quality";
import { agreementOf } from "./agreement";
import { alarmsOf } from "./alarms";
import { type Look, readParts, readSurroundings } from "./inputs";
import { paceOf } from "./pace";
import type { Part } from "./part";
import { raterFigures } from "./rater-figures";

const sameThing = (part: Part) => (other: QualityPart) =>
  other.questionId === part.questionId && other.attribute === part.attribute;

const noneYet = { swayed: null, raters: [] };

/**
 * What the votes of a look come to. What the known report was made of the same votes is taken from it; agreement, which
 * is quick, is told before the raters' figures, whose model is fitted many times over.
 * @param known the last report of the same look
 * @param tell is given the report twice: with new agreement beside the old raters, and whole
 */
export async function measure(
  db: Db,
  look: Look,
  { known, tell }: { known: QualityReport | null; tell: (report: QualityReport) => Promise<void> },
): Promise<void> {
  const parts = await readParts(db, look);
  const agreed = parts.map((part): QualityPart => {
    const before = known?.parts.find(sameThing(part));
    if (before?.inputs === part.inputs) return before;
    const { questionId, attribute, inputs } = part;
    const { swayed, raters } = before ?? noneYet;
    return { questionId, attribute, inputs, ...agreementOf(part), swayed, raters };
  });
  const rest = {
    pace: known?.pace ?? [],
    alarms: known?.alarms ?? [],
    raterInputs: known?.raterInputs ?? "",
  };
  await tell({ parts: agreed, ...rest });

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
  if (raterInputs === known?.raterInputs) return;
  const whole = agreed.map((part, at) => ({ ...part, ...raterFigures(parts[at], around) }));
  const pace = paceOf(judgements, parts);
  await tell({ parts: whole, pace, alarms: alarmsOf(whole, pace), raterInputs });
}
