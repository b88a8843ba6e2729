import { type Draft, draftSchema } from "@/app/components/desk/draft";
import { keepText, keptText } from "@/app/components/thread/kept-text";

const nameOf = (taskId: string) => `decision ${taskId}`;

/** Keeps in this tab what of a decision is begun: a reload or another page loses no word. */
export function keepBegun(taskId: string, draft: Draft | null): void {
  const isBegun = draft !== null && (Object.keys(draft.answers).length > 0 || draft.flagReason !== null);
  keepText(nameOf(taskId), isBegun ? JSON.stringify(draft) : "");
}

/** What was begun of a decision; null where nothing was, or an older version wrote it. */
export function begunOn(taskId: string): Draft | null {
  const text = keptText(nameOf(taskId));
  return text ? (draftSchema.safeParse(JSON.parse(text)).data ?? null) : null;
}
