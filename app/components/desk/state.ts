import { verdictsIn, wordsIn } from "@/server/form/answers";
import { type Answers, answerTo, type Question } from "@/server/form/schema";
import { componentOf } from "../question";
import type { Target } from "../question/target";
import { type Chip, digit, digitMarker, finish, isAnswered, neither, targetsOf } from "./answering";
import type { Action, DeskState, Mode } from "./model";

export const skipReasons = [
  "I do not know this subject well enough",
  "I do not read this language well enough",
  "The prompt makes no sense",
  "Something is missing or does not display",
  "The content is harmful or private",
  "Another reason",
] as const;

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
    marker: firstMarker(targets, answers),
    answers,
    flagReason: saved.flagReason ?? null,
    problems: [],
    firstDecisionAt: saved.firstDecisionAt ?? null,
    raw: false,
    diff: false,
    scrollLocked: true,
    earlier: false,
    zoomed: false,
  };
}

/**
 * Work that was begun goes on at the first required answer that is missing. A judgement that comes back whole is about
 * its verdict: reasons and texts beside it are gone to by hand.
 */
function firstMarker(targets: readonly Target[], answers: Answers): number {
  const open = targets.findIndex(
    (target) =>
      target.question.required && !componentOf(target.question.type).aside && !isAnswered(target, answers),
  );
  const isBegun = Object.keys(answers).length > 0;
  return digitMarker({ targets, marker: isBegun && open >= 0 ? open : 0 });
}

/** Which response stands alone; null while all are shown. */
export const zoomedSlot = ({ zoomed, targets, marker }: DeskState): number | null =>
  zoomed ? (targets[marker]?.slot ?? null) : null;

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
    case "chip":
      return tick(state, action, now);
    case "answer":
      return give(state, { ...state.answers, [action.questionId]: action.answer }, now);
    case "adopt":
      return adopt(state, action.answers, now);
    case "write":
      return write(state, action.questionId);
    case "rewrite":
      return rewrite(state, action.slot);
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
  const marker = digitMarker(state);
  const target = state.targets[marker];
  const answer = target && digit(state.answers, target, value, state.k);
  if (!answer) return state;
  const given = give({ ...state, marker }, { ...state.answers, [target.question.id]: answer }, now);
  return { ...given, marker: following(given, target) };
}

function adopt(state: DeskState, answers: Answers, now: number): DeskState {
  const words = wordsIn(state.questions, state.answers);
  const taken = { ...verdictsIn(state.questions, answers), ...words };
  return give({ ...state, marker: firstMarker(state.targets, taken) }, taken, now);
}

/** The marker stays: the next digit is still the verdict. */
function tick(state: DeskState, { questionId, value }: Chip, now: number): DeskState {
  const question = state.questions.find(({ id }) => id === questionId);
  const answer =
    question &&
    componentOf(question.type).chips?.toggle(answerTo(question.type, question, state.answers), value);
  return answer ? give(state, { ...state.answers, [questionId]: answer }, now) : state;
}

/**
 * Where the marker goes after an answer: to the next required target that is still open, unless the same target may
 * get another digit. With nothing open it stays, so that pressing another digit corrects the answer.
 */
function following(state: DeskState, { question }: Target): number {
  if (componentOf(question.type).stays(question)) return state.marker;
  const open = state.targets.findIndex(
    (other, index) =>
      index > state.marker &&
      !componentOf(other.question.type).aside &&
      (other.question.required || other.question.id === question.id) &&
      !isAnswered(other, state.answers),
  );
  return open < 0 ? state.marker : open;
}

function prefer(state: DeskState, outcome: "tie" | "both_bad", now: number): DeskState {
  const found = neither(state.targets, outcome);
  const target = found && state.targets[found.marker];
  if (!target) return state;
  const answers = { ...state.answers, [target.question.id]: found.answer };
  const given = give({ ...state, marker: found.marker }, answers, now);
  return { ...given, marker: following(given, target) };
}

function step(state: DeskState, by: -1 | 1, now: number): DeskState {
  const question = state.targets[state.marker]?.question;
  const along = question && componentOf(question.type).step;
  if (!along) {
    const next = state.targets[state.marker + by];
    const isNeighbour = next !== undefined && next.question.id === question?.id;
    return isNeighbour ? { ...state, marker: state.marker + by } : state;
  }
  const answer = along(question, answerTo(question.type, question, state.answers), by);
  return give(state, { ...state.answers, [question.id]: answer }, now);
}

/** The first target of the next row or question: ↓ skips the cells that → walks over. */
function neighbour(state: DeskState, by: -1 | 1): number {
  const rows = state.targets.flatMap(({ slot }, index) => (slot !== null && slot > 0 ? [] : [index]));
  const row = rows.findLastIndex((index) => index <= state.marker);
  return rows[row + by] ?? state.marker;
}

function write(state: DeskState, questionId: string | undefined): DeskState {
  const written = state.targets.filter(({ question }) => componentOf(question.type).mode === "writing");
  const marked = state.targets[state.marker]?.question.id;
  const target =
    written.find(({ question }) => question.id === questionId) ??
    written.find(({ question }) => question.id === marked) ??
    written[0];
  if (!target) return state;
  return {
    ...state,
    marker: state.targets.indexOf(target),
    mode: { name: "writing", questionId: target.question.id },
  };
}

function rewrite(state: DeskState, slot: number | undefined): DeskState {
  const target = state.targets.find(({ question }) => componentOf(question.type).mode === "editing");
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
function worthEditing(state: DeskState, edited: Target): number {
  for (const { question } of [edited, ...state.targets]) {
    const answer = answerTo(question.type, question, state.answers);
    const slot = answer && componentOf(question.type).favourite?.(answer);
    if (typeof slot === "number") return slot;
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
