import type { EditedContent } from "@/db/shape/construction";
import type { Candidate } from "@/server/construction/schema";
import { asWritten } from "@/server/construction/words";

/** A candidate as people read it: what was made of it, else as it was written, of a pair the better reply first. */
export const shownOf = ({ content, edited }: Pick<Candidate, "content" | "edited">): EditedContent =>
  edited ?? asWritten(content);
