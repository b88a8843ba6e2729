import { type DeskAction, type DeskKeys, deskActions } from "@/db/shape/desk";
import { componentOf } from "../question";
import { type Chip, chipsOf, digit, digitMarker, neither } from "./answering";
import { type Layout, printedKey } from "./layout-caps";
import type { Action, DeskState, ModeName } from "./model";
import { type KeyPress, namesOf } from "./press";

/** What a key asks for: a change of the desk, or something that only the page around it can do. */
export type Command =
  | Action
  | { type: "undo" }
  | { type: "confirm" }
  /** By a share of what of it is in view. */
  | { type: "scroll"; what: "prompt" | "responses"; by: number }
  /** Something that this desk has beside the task. */
  | { type: "act"; what: "votes" | "adopt" }
  /** How the desk looks, from now on. */
  | { type: "remember"; what: "guidelines" | "wrap" };

type FixedAction =
  | "votes"
  | "adopt"
  | "digit"
  | "zero"
  | "skipReason"
  | "submitTyping"
  | "confirmTyping"
  | "confirm"
  | "close";

export interface Binding {
  id: DeskAction | FixedAction;
  /** As `namesOf` names them: letters in lower case. */
  keys: readonly string[];
  /** As the key is printed in place and in the list of keys. */
  shown: string;
  label: string;
  group: "Judge" | "Explain" | "Look" | "Task";
  /** In which modes the key is live. */
  modes: readonly ModeName[];
  /** Also while typing. Everything else waits until the caret has left the text. */
  typing?: true;
  /** Only together with Ctrl or ⌘. */
  withControl?: true;
  /** Whether there is something for it to act on. */
  available?: (state: DeskState) => boolean;
  command: (key: string) => Command;
}

const judging = ["reading", "deciding"] as const;
const hasText = (mode: ModeName) => (state: DeskState) =>
  state.targets.some(({ question }) => componentOf(question.type).mode === mode);

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

/** The first binding that fits wins. */
export const keymap: readonly Binding[] = [
  {
    id: "digit",
    keys: digits,
    shown: "1–9",
    label: "The verdict where the marker stands: a point, rank, rating or option",
    group: "Judge",
    modes: judging,
    command: (key) => ({ type: "digit", value: Number(key) }),
  },
  {
    id: "zero",
    keys: ["0"],
    shown: "0",
    label: "Rate 0, or rank 10",
    group: "Judge",
    modes: judging,
    available: (state) => {
      const target = state.targets[digitMarker(state)];
      return target !== undefined && digit(state.answers, target, 0, state.k) !== null;
    },
    command: () => ({ type: "digit", value: 0 }),
  },
  {
    id: "tie",
    keys: ["0"],
    shown: "0",
    label: "About the same",
    group: "Judge",
    modes: judging,
    available: (state) => neither(state.targets, "tie") !== null,
    command: () => ({ type: "tie" }),
  },
  {
    id: "bothBad",
    keys: ["x"],
    shown: "x",
    label: "Both are bad",
    group: "Judge",
    modes: judging,
    available: (state) => neither(state.targets, "both_bad") !== null,
    command: () => ({ type: "bothBad" }),
  },
  {
    id: "left",
    keys: ["ArrowLeft"],
    shown: "←",
    label: "Towards A, or the cell before",
    group: "Judge",
    modes: judging,
    command: () => ({ type: "step", by: -1 }),
  },
  {
    id: "right",
    keys: ["ArrowRight"],
    shown: "→",
    label: "Towards B, or the next cell",
    group: "Judge",
    modes: judging,
    command: () => ({ type: "step", by: 1 }),
  },
  {
    id: "up",
    keys: ["ArrowUp"],
    shown: "↑",
    label: "The question before",
    group: "Judge",
    modes: judging,
    available: (state) => state.targets.length > 1,
    command: () => ({ type: "move", by: -1 }),
  },
  {
    id: "down",
    keys: ["ArrowDown"],
    shown: "↓",
    label: "The next question",
    group: "Judge",
    modes: judging,
    available: (state) => state.targets.length > 1,
    command: () => ({ type: "move", by: 1 }),
  },
  {
    id: "write",
    keys: ["r"],
    shown: "r",
    label: "Write the rationale",
    group: "Explain",
    modes: judging,
    available: hasText("writing"),
    command: () => ({ type: "write" }),
  },
  {
    id: "edit",
    keys: ["e"],
    shown: "e",
    label: "Rewrite a response",
    group: "Explain",
    modes: judging,
    available: hasText("editing"),
    command: () => ({ type: "rewrite" }),
  },
  {
    id: "flag",
    keys: ["f"],
    shown: "f",
    label: "Flag this task for a reviewer",
    group: "Task",
    modes: judging,
    command: () => ({ type: "open", mode: "flagging" }),
  },
  {
    id: "skip",
    keys: ["s"],
    shown: "s",
    label: "Skip this task, with a reason",
    group: "Task",
    modes: judging,
    command: () => ({ type: "open", mode: "skipping" }),
  },
  {
    id: "skipReason",
    keys: digits,
    shown: "1–9",
    label: "Choose the reason to skip",
    group: "Task",
    modes: ["skipping"],
    command: (key) => ({ type: "skipReason", reason: Number(key) - 1 }),
  },
  {
    id: "undo",
    keys: ["u"],
    shown: "u",
    label: "Take the last judgement back",
    group: "Task",
    modes: judging,
    command: () => ({ type: "undo" }),
  },
  {
    id: "submit",
    keys: ["Enter"],
    shown: "⏎",
    label: "Submit",
    group: "Task",
    modes: judging,
    command: () => ({ type: "submit" }),
  },
  {
    id: "submitTyping",
    keys: ["Enter"],
    shown: "Ctrl ⏎",
    label: "Submit while writing",
    group: "Task",
    modes: ["reading", "deciding", "writing", "editing"],
    typing: true,
    withControl: true,
    command: () => ({ type: "submit" }),
  },
  {
    id: "confirmTyping",
    keys: ["Enter"],
    shown: "Ctrl ⏎",
    label: "Confirm the skip or the flag",
    group: "Task",
    modes: ["skipping", "flagging"],
    typing: true,
    withControl: true,
    command: () => ({ type: "confirm" }),
  },
  {
    id: "confirm",
    keys: ["Enter"],
    shown: "⏎",
    label: "Confirm the reason to skip",
    group: "Task",
    modes: ["skipping"],
    command: () => ({ type: "confirm" }),
  },
  {
    id: "raw",
    keys: ["m"],
    shown: "m",
    label: "Rendered or raw text",
    group: "Look",
    modes: judging,
    command: () => ({ type: "toggle", what: "raw" }),
  },
  {
    id: "diff",
    keys: ["d"],
    shown: "d",
    label: "Show what differs, word by word",
    group: "Look",
    modes: judging,
    available: (state) => state.k > 1,
    command: () => ({ type: "toggle", what: "diff" }),
  },
  {
    id: "scrollLocked",
    keys: ["l"],
    shown: "l",
    label: "Scroll the responses together or apart",
    group: "Look",
    modes: judging,
    available: (state) => state.k > 1,
    command: () => ({ type: "toggle", what: "scrollLocked" }),
  },
  {
    id: "zoom",
    keys: ["z"],
    shown: "z",
    label: "The marked response alone, or all of them",
    group: "Look",
    modes: judging,
    available: (state) => state.k > 1 && (state.targets[state.marker]?.slot ?? null) !== null,
    command: () => ({ type: "toggle", what: "zoomed" }),
  },
  {
    id: "promptUp",
    keys: ["["],
    shown: "[",
    label: "Scroll the prompt back",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "prompt", by: -0.6 }),
  },
  {
    id: "promptDown",
    keys: ["]"],
    shown: "]",
    label: "Scroll the prompt on",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "prompt", by: 0.6 }),
  },
  {
    id: "earlier",
    keys: ["t"],
    shown: "t",
    label: "Unfold or fold the turns before the last",
    group: "Look",
    modes: judging,
    command: () => ({ type: "toggle", what: "earlier" }),
  },
  {
    id: "responsesDown",
    keys: ["j"],
    shown: "j",
    label: "Scroll the responses on",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: 0.6 }),
  },
  {
    id: "responsesUp",
    keys: ["k"],
    shown: "k",
    label: "Scroll the responses back",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: -0.6 }),
  },
  {
    id: "pageDown",
    keys: [" ", "PageDown"],
    shown: "Space",
    label: "The responses, a page on",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: 0.85 }),
  },
  {
    id: "pageUp",
    keys: ["PageUp"],
    shown: "PgUp",
    label: "The responses, a page back",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: -0.85 }),
  },
  {
    id: "wrap",
    keys: ["w"],
    shown: "w",
    label: "Wrap long lines of code, or not",
    group: "Look",
    modes: judging,
    command: () => ({ type: "remember", what: "wrap" }),
  },
  {
    id: "guidelines",
    keys: ["g"],
    shown: "g",
    label: "Guidelines beside the task, or not",
    group: "Look",
    modes: judging,
    command: () => ({ type: "remember", what: "guidelines" }),
  },
  {
    id: "help",
    keys: ["?", "؟"],
    shown: "?",
    label: "All keys",
    group: "Look",
    modes: judging,
    command: () => ({ type: "open", mode: "help" }),
  },
  {
    id: "close",
    keys: ["Escape"],
    shown: "Esc",
    label: "Back to the judgement",
    group: "Task",
    modes: ["writing", "editing", "skipping", "flagging", "help"],
    typing: true,
    command: () => ({ type: "close" }),
  },
];

/**
 * What only whoever decides a dispute does, with the keys that each may have: the first that no action took. They are
 * kept from the first moment, so that a letter never changes its meaning once the votes are seen.
 */
export const decidingKeys: readonly Binding[] = [
  {
    id: "votes",
    keys: ["v", "o", "q"],
    shown: "v",
    label: "Show the votes, or hide them",
    group: "Judge",
    modes: judging,
    command: () => ({ type: "act", what: "votes" }),
  },
  {
    id: "adopt",
    keys: ["a", "p", "y"],
    shown: "a",
    label: "Take the next vote over",
    group: "Judge",
    modes: judging,
    command: () => ({ type: "act", what: "adopt" }),
  },
];

/** Whether pressing the key would do something now. */
export const isLive = (binding: Binding, state: DeskState): boolean =>
  binding.modes.includes(state.mode.name) && (binding.available?.(state) ?? true);

const caps: Readonly<Record<string, string>> = {
  " ": "Space",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  Backspace: "⌫",
  Delete: "Del",
  Enter: "⏎",
  PageDown: "PgDn",
  PageUp: "PgUp",
};

/** A key as it is printed on the keyboard. */
export const capOf = (key: string, layout: Layout | null = null): string =>
  caps[key] ?? printedKey(key, layout);

/** Whether a person may choose its key. The verdict's digits, Esc and Ctrl ⏎ are the same at every desk. */
export const isDeskAction = (id: Binding["id"]): id is DeskAction =>
  deskActions.some((action) => action === id);

/**
 * The keymap of a person. Who asks for a key gets it: another action that has it by custom is left without.
 * @param more what this desk has beyond the usual
 */
export function keymapWith(
  rebound: DeskKeys,
  cap: (key: string) => string,
  more: readonly Binding[] = [],
): readonly Binding[] {
  const given = new Set(Object.values(rebound));
  const added = more.map((binding) => {
    const [key = ""] = binding.keys.filter((candidate) => !given.has(candidate));
    return { ...binding, keys: [key], shown: cap(key) };
  });
  const usual = keymap.map((binding) => {
    if (!isDeskAction(binding.id)) return binding;
    const own = rebound[binding.id];
    const keys = own === undefined ? binding.keys.filter((key) => !given.has(key)) : [own];
    return { ...binding, keys, shown: keys[0] === undefined ? "" : cap(keys[0]) };
  });
  return [...added, ...usual];
}

/** What is rebound after a change: an action that has its usual key is not. */
export function reboundWith(rebound: DeskKeys, changes: DeskKeys): DeskKeys {
  const usual = new Map<string, string | undefined>(keymap.map(({ id, keys }) => [id, keys[0]]));
  return Object.fromEntries(
    Object.entries({ ...rebound, ...changes }).filter(([id, key]) => usual.get(id) !== key),
  );
}

/**
 * Letters for reasons to tick, in this order, as far as no action has them. Q and W come last: on Hebrew and Greek
 * layouts they type signs.
 */
const chipLetters = [..."acvbnhjkiopytzwq"];

/** The reasons to tick with the letter of each. Letters, because digits are the verdict; past the last one, none. */
export function chipKeys(
  state: DeskState,
  bindings: readonly Binding[],
): readonly (Chip & { key: string })[] {
  const free = chipLetters.filter((letter) => !bindings.some(({ keys }) => keys.includes(letter)));
  return chipsOf(state.targets).flatMap((chip, index) => {
    const key = free[index];
    return key === undefined ? [] : [{ ...chip, key }];
  });
}

/** What a key press asks for in this state; null where the browser keeps the key. */
export function commandOf(
  press: KeyPress,
  state: DeskState,
  bindings: readonly Binding[] = keymap,
): Command | null {
  if (press.alt) return null;
  for (const name of namesOf(press)) {
    const binding = bindings.find(
      (candidate) =>
        candidate.keys.includes(name) &&
        (candidate.withControl ?? false) === press.control &&
        (!press.typing || candidate.typing) &&
        isLive(candidate, state),
    );
    if (binding) return binding.command(name);
    const ticks = !press.control && !press.typing && judging.some((mode) => mode === state.mode.name);
    const chip = ticks && chipKeys(state, bindings).find(({ key }) => key === name);
    if (chip) return { type: "chip", questionId: chip.questionId, value: chip.value };
  }
  return null;
}
