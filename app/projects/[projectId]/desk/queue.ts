import { type Draft, emptyDraft } from "@/app/components/desk/draft";
import type { BlindTask, Claimed } from "@/server/seat/schema";

/** The task on the desk and the two after it. */
export const HOLD = 3;
/** What a rater at work holds beside them, for a time without the server, as far as others leave it. */
export const AHEAD = 7;
/** How many judgements `u` can walk back through. */
const REMEMBERED = 20;

/** A task on or near the desk. */
export interface Item {
  task: BlindTask;
  /** What was begun before: a draft, or the answers of an earlier revision. */
  saved: Draft;
  idempotencyKey: string;
  /** It was judged before: sending it makes a new revision. */
  revises: boolean;
}

interface Judged {
  item: Item;
  /** When it was submitted, milliseconds since 1970. */
  at: number;
}

/** What lies on the desk, what comes next, and what was just done. */
export interface Queue {
  items: readonly Item[];
  past: readonly Judged[];
  /** Why there are fewer tasks than wanted; null while unknown or plenty. */
  nothing: Claimed["nothing"];
  /** Whether the server has answered since the desk was opened. */
  asked: boolean;
}

export const emptyQueue: Queue = { items: [], past: [], nothing: null, asked: false };

export type QueueAction =
  | { type: "arrived"; items: readonly Item[]; nothing: Claimed["nothing"] }
  /** What the browser knows of a task that came with the page. */
  | { type: "recalled"; item: Item }
  /** Opened by hand, from the history: it comes first. */
  | { type: "opened"; item: Item }
  | { type: "judged"; assignmentId: string; draft: Draft; at: number }
  | { type: "skipped"; assignmentId: string }
  /** Its rater was told the answer: it is taken back no more. */
  | { type: "told"; assignmentId: string }
  | { type: "takenBack"; judged: Judged; idempotencyKey: string; revises: boolean }
  /** The server says that this was judged already. */
  | { type: "mustRevise"; assignmentId: string }
  /** It is no longer this desk's: judged in another tab, refused, or another rater has it now. */
  | { type: "lost"; assignmentId: string };

export function reduceQueue(queue: Queue, action: QueueAction): Queue {
  const without = (assignmentId: string) =>
    queue.items.filter((item) => item.task.assignmentId !== assignmentId);
  switch (action.type) {
    case "arrived": {
      const known = new Set(queue.items.map((item) => item.task.assignmentId));
      const fresh = action.items.filter((item) => !known.has(item.task.assignmentId));
      return { ...queue, items: [...queue.items, ...fresh], nothing: action.nothing, asked: true };
    }
    case "recalled":
      return {
        ...queue,
        items: queue.items.map((item) =>
          item.task.assignmentId === action.item.task.assignmentId ? action.item : item,
        ),
      };
    case "opened":
      return { ...queue, items: [action.item, ...without(action.item.task.assignmentId)] };
    case "judged": {
      const item = queue.items.find((one) => one.task.assignmentId === action.assignmentId);
      if (!item) return queue;
      const judged = { item: { ...item, saved: action.draft }, at: action.at };
      return {
        ...queue,
        items: without(action.assignmentId),
        past: [...queue.past, judged].slice(-REMEMBERED),
      };
    }
    case "told":
      return {
        ...queue,
        past: queue.past.filter(({ item }) => item.task.assignmentId !== action.assignmentId),
      };
    case "skipped":
      return { ...queue, items: without(action.assignmentId) };
    case "lost":
      return {
        ...queue,
        items: without(action.assignmentId),
        past: queue.past.filter(({ item }) => item.task.assignmentId !== action.assignmentId),
      };
    case "takenBack": {
      const { item } = action.judged;
      const back = { ...item, idempotencyKey: action.idempotencyKey, revises: action.revises };
      return {
        ...queue,
        items: [back, ...without(item.task.assignmentId)],
        past: queue.past.filter((one) => one !== action.judged),
      };
    }
    case "mustRevise":
      return {
        ...queue,
        items: queue.items.map((item) =>
          item.task.assignmentId === action.assignmentId ? { ...item, revises: true } : item,
        ),
      };
  }
}

/** A task as it comes from the server. */
export const itemOf = (task: BlindTask): Item => ({
  task,
  saved: draftOf(task),
  idempotencyKey: newKey(),
  revises: false,
});

/** A draft that starts from what the rater answered before, where the server knows of it. */
export const draftOf = (task: BlindTask): Draft => ({ ...emptyDraft, answers: task.answers ?? {} });

/** Not `crypto.randomUUID`, which browsers withhold from plain http on a local network. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
