import type { EditedContent } from "@/db/shape/construction";
import type { Candidate } from "@/server/construction/schema";

/** A candidate as people read it: what was made of it, else as it was written, of a pair the better reply first. */
export function shownOf({
  content: { prompt, responses, pair },
  edited,
}: Pick<Candidate, "content" | "edited">): EditedContent {
  if (edited) return edited;
  const texts = responses.map(({ text }) => text);
  return { messages: prompt, responses: pair ? [texts[pair.chosen], texts[pair.rejected]] : texts };
}
