import type { AnswerProblem } from "@/server/form/answers";
import type { Answer, Answers, Question } from "@/server/form/schema";
import type { Target } from "../question/target";

/**
 * What the rater is doing. Keys mean something different in each:
 * - `reading`     nothing is decided yet
 * - `deciding`    at least one answer is given
 * - `writing`     the caret is in the text of a question
 * - `editing`     a response is being rewritten
 * - `skipping`    choosing why not to judge this task
 * - `flagging`    saying what is wrong with this task
 * - `help`        looking at the keys
 * - `submitting`  done; the next task takes over
 */
export type Mode =
  | { name: "reading" }
  | { name: "deciding" }
  | { name: "writing"; questionId: string }
  | { name: "editing"; questionId: string; slot: number }
  | { name: "skipping"; reason: number | null }
  | { name: "flagging" }
  | { name: "help" }
  | { name: "submitting" };

export type ModeName = Mode["name"];

export interface DeskState {
  readonly questions: readonly Question[];
  /** Number of responses shown. */
  readonly k: number;
  readonly targets: readonly Target[];
  readonly mode: Mode;
  /** Index of the marked target. */
  readonly marker: number;
  readonly answers: Answers;
  readonly flagReason: string | null;
  /** What stood in the way of the last attempt to submit. */
  readonly problems: readonly AnswerProblem[];
  /** Milliseconds since 1970. */
  readonly firstDecisionAt: number | null;
  readonly raw: boolean;
  readonly diff: boolean;
  readonly scrollLocked: boolean;
  /** The turns before the last are unfolded. */
  readonly earlier: boolean;
  /** The marked response has all the room. */
  readonly zoomed: boolean;
}

export type Action =
  | { type: "digit"; value: number }
  | { type: "tie" }
  | { type: "bothBad" }
  /** ← and →: along the scale, or to the neighbouring cell. */
  | { type: "step"; by: -1 | 1 }
  /** ↑ and ↓: to another question. */
  | { type: "move"; by: -1 | 1 }
  | { type: "mark"; marker: number }
  /** A reason is ticked or no longer. */
  | { type: "chip"; questionId: string; value: string }
  | { type: "answer"; questionId: string; answer: Answer }
  /** Another's judgement is taken over, all but its words: what is written as the reason is one's own. */
  | { type: "adopt"; answers: Answers }
  | { type: "write"; questionId?: string }
  | { type: "rewrite"; slot?: number }
  | { type: "open"; mode: "skipping" | "flagging" | "help" }
  | { type: "close" }
  | { type: "skipReason"; reason: number }
  | { type: "flag"; reason: string | null }
  | { type: "toggle"; what: "raw" | "diff" | "scrollLocked" | "earlier" | "zoomed" }
  | { type: "submit" };
