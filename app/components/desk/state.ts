import type { AnswerProblem } from "@/server/form/answers";
import type { Answer, Answers, Question } from "@/server/form/schema";
import { digit, editsOf, finish, isWide, ranksOf, stepPreference } from "./answering";
import { isAnswered, type Target, targetsOf } from "./targets";

/**
 * What the rater is doing. Keys mean something different in each:
 * - `reading`     nothing is decided yet
 * - `deciding`    at least one answer is given
 * - `writing`     the caret is in the text of a question
 * - `editing`     a response is being rewritten
 * - `skipping`    choosing why not to judge this task
 * - `flagging`    saying what is wrong with this task
 * - `guidelines`  reading the project's guidelines
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
  | { name: "guidelines" }
  | { name: "help" }
  | { name: "submitting" };

export type ModeName = Mode["name"];

export const skipReasons = [
  "I do not know this subject well enough",
  "I do not read this language well enough",
  "The prompt makes no sense",
  "Something is missing or does not display",
  "The content is harmful or private",
  "Another reason",
] as const;

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
  | { type: "answer"; questionId: string; answer: Answer }
  | { type: "write"; questionId?: string }
  | { type: "edit"; slot?: number }
  | { type: "open"; mode: "skipping" | "flagging" | "guidelines" | "help" }
  | { type: "close" }
  | { type: "skipReason"; reason: number }
  | { type: "flag"; reason: string | null }
  | { type: "toggle"; what: "raw" | "diff" | "scrollLocked" }
  | { type: "submit" };

export function initialState(
  questions: readonly Question[],
  k: number,
  saved: { answers?: Answers | null; flagReason?: string | null; firstDecisionAt?: number | null } = {},
): DeskState {
  const answers = saved.answers ?? {};
  const targets = targetsOf(questions, k);
  return {
    questions,
    k,
    targets,
    mode: resting(answers),
    marker: Math.max(
      0,
      targets.findIndex((target) => !isAnswered(target, answers)),
    ),
    answers,
    flagReason: saved.flagReason ?? null,
    problems: [],
    firstDecisionAt: saved.firstDecisionAt ?? null,
    raw: false,
    diff: false,
    scrollLocked: true,
  };
}

const resting = (answers: Answers): Mode => ({
  name: Object.keys(answers).length > 0 ? "deciding" : "reading",
});

/** @param now milliseconds since 1970, for the time of the first decision */
export function reduce(state: DeskState, action: Action, now: number): DeskState {
  switch (action.type) {
    case "digit":
      return press(state, action.value, now);
    case "tie":
      return prefer(state, "tie", now);
    case "bothBad":
      return prefer(state, "both_bad", now);
    case "step":
      return step(state, action.by, now);
    case "move":
      return { ...state, marker: neighbour(state, action.by) };
    case "mark":
      return action.marker in state.targets ? { ...state, marker: action.marker } : state;
    case "answer":
      return give(state, { ...state.answers, [action.questionId]: action.answer }, now);
    case "write":
      return write(state, action.questionId);
    case "edit":
      return edit(state, action.slot);
    case "open":
      return {
        ...state,
        mode: action.mode === "skipping" ? { name: "skipping", reason: null } : { name: action.mode },
      };
    case "close":
      return { ...state, mode: resting(state.answers) };
    case "skipReason":
      return state.mode.name === "skipping" && action.reason in skipReasons
        ? { ...state, mode: { name: "skipping", reason: action.reason } }
        : state;
    case "flag":
      return { ...state, flagReason: action.reason, mode: resting(state.answers) };
    case "toggle":
      return { ...state, [action.what]: !state[action.what] };
    case "submit":
      return submit(state);
  }
}

function give(state: DeskState, answers: Answers, now: number): DeskState {
  const { mode } = state;
  return {
    ...state,
    answers,
    mode: mode.name === "reading" ? { name: "deciding" } : mode,
    firstDecisionAt: state.firstDecisionAt ?? now,
    problems: state.problems.length > 0 ? finish(state.questions, state.k, answers).problems : state.problems,
  };
}

function press(state: DeskState, value: number, now: number): DeskState {
  const target = state.targets[state.marker];
  const answers = target && digit(state.answers, target, value, state.k);
  if (!answers) return state;
  const given = give(state, answers, now);
  return { ...given, marker: following(given, target) };
}

/**
 * Where the marker goes after an answer: to the next required target that is still open, unless the same target may
 * get another digit. With nothing open it stays, so that pressing another digit corrects the answer.
 */
function following(state: DeskState, target: Target): number {
  const staying =
    (target.kind === "choose" && target.question.multiple) ||
    (target.kind === "rate" && isWide(target.question)) ||
    target.kind === "text";
  if (staying) return state.marker;
  const open = state.targets.findIndex(
    (other, index) =>
      index > state.marker &&
      other.kind !== "text" &&
      other.kind !== "edit" &&
      (other.question.required || other.question.id === target.question.id) &&
      !isAnswered(other, state.answers),
  );
  return open < 0 ? state.marker : open;
}

function prefer(state: DeskState, outcome: "tie" | "both_bad", now: number): DeskState {
  const marker = state.targets.findIndex((target) => target.kind === "preference");
  const target = state.targets[marker];
  if (target?.kind !== "preference") return state;
  if (!(outcome === "tie" ? target.question.tie : target.question.bothBad)) return state;
  const answers: Answers = { ...state.answers, [target.question.id]: { type: "preference", outcome } };
  const given = give({ ...state, marker }, answers, now);
  return { ...given, marker: following(given, target) };
}

function step(state: DeskState, by: -1 | 1, now: number): DeskState {
  const target = state.targets[state.marker];
  if (target?.kind !== "preference") {
    const next = state.targets[state.marker + by];
    const isNeighbour = next !== undefined && next.question.id === target?.question.id;
    return isNeighbour ? { ...state, marker: state.marker + by } : state;
  }
  const current = state.answers[target.question.id];
  const answer = stepPreference(target.question, current?.type === "preference" ? current : undefined, by);
  return give(state, { ...state.answers, [target.question.id]: answer }, now);
}

/** The first target of the next row or question: ↓ skips the cells that → walks over. */
function neighbour(state: DeskState, by: -1 | 1): number {
  const rows = state.targets.flatMap((target, index) => ("slot" in target && target.slot > 0 ? [] : [index]));
  const row = rows.findLastIndex((index) => index <= state.marker);
  return rows[row + by] ?? state.marker;
}

function write(state: DeskState, questionId: string | undefined): DeskState {
  const marked = state.targets[state.marker];
  const target =
    state.targets.find(({ kind, question }) => kind === "text" && question.id === questionId) ??
    (marked?.kind === "text" ? marked : state.targets.find(({ kind }) => kind === "text"));
  if (!target) return state;
  return {
    ...state,
    marker: state.targets.indexOf(target),
    mode: { name: "writing", questionId: target.question.id },
  };
}

function edit(state: DeskState, slot: number | undefined): DeskState {
  const target = state.targets.find(({ kind }) => kind === "edit");
  if (!target) return state;
  const next =
    slot ?? (state.mode.name === "editing" ? (state.mode.slot + 1) % state.k : worthEditing(state, target));
  return {
    ...state,
    marker: state.targets.indexOf(target),
    mode: { name: "editing", questionId: target.question.id, slot: next },
  };
}

/** The response that was begun, else the preferred one: it needs the least work to become right. */
function worthEditing(state: DeskState, { question }: Target): number {
  const begun = editsOf(state.answers, question, state.k).findIndex((text) => text !== null);
  if (begun >= 0) return begun;
  for (const target of state.targets) {
    const answer = state.answers[target.question.id];
    if (target.kind === "preference" && answer?.type === "preference" && answer.outcome === "b") return 1;
    if (target.kind === "rank") {
      const best = ranksOf(state.answers, target.question, state.k).indexOf(1);
      if (best >= 0) return best;
    }
  }
  return 0;
}

function submit(state: DeskState): DeskState {
  const { problems } = finish(state.questions, state.k, state.answers);
  const [first] = problems;
  if (!first) return { ...state, problems: [], mode: { name: "submitting" } };
  const open = state.targets.findIndex(
    (target) => target.question.id === first.question && !isAnswered(target, state.answers),
  );
  const any = state.targets.findIndex((target) => target.question.id === first.question);
  return { ...state, problems, mode: resting(state.answers), marker: Math.max(0, open < 0 ? any : open) };
}
