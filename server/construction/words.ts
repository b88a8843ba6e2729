import type { CandidateContent, EditedContent } from "../../db/shape/construction";
import type { DataAudit } from "./schema";

/** How many people have decided on. */
export const decidedOf = ({ accepted, edited, rejected }: Omit<DataAudit, "drawn" | "pass">): number =>
  accepted + edited + rejected;

/** What becomes of a candidate that was not edited: of a pair the better reply first. */
export function asWritten({ prompt, responses, pair }: CandidateContent): EditedContent {
  const texts = responses.map(({ text }) => text);
  return { messages: prompt, responses: pair ? [texts[pair.chosen], texts[pair.rejected]] : texts };
}
