import type { EditedContent } from "@/db/shape/construction";
import { asWritten, type Candidate } from "@/server/construction/schema";

/** A candidate as people read it: what was made of it, else as it was written, of a pair the better reply first. */
export const shownOf = ({ content, edited }: Pick<Candidate, "content" | "edited">): EditedContent =>
  edited ?? asWritten(content);
