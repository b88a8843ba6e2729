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
    group: "Judge",
    modes: judging,
    command: (key) => ({ type: "digit", value: Number(key) }),
  },
  {
    id: "zero",
    keys: ["0"],
    shown: "0",
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
    group: "Judge",
    modes: judging,
    available: (state) => neither(state.targets, "tie") !== null,
    command: () => ({ type: "tie" }),
  },
  {
    id: "bothBad",
    keys: ["x"],
    shown: "x",
    group: "Judge",
    modes: judging,
    available: (state) => neither(state.targets, "both_bad") !== null,
    command: () => ({ type: "bothBad" }),
  },
  {
    id: "left",
    keys: ["ArrowLeft"],
    shown: "←",
    group: "Judge",
    modes: judging,
    command: () => ({ type: "step", by: -1 }),
  },
  {
    id: "right",
    keys: ["ArrowRight"],
    shown: "→",
    group: "Judge",
    modes: judging,
    command: () => ({ type: "step", by: 1 }),
  },
  {
    id: "up",
    keys: ["ArrowUp"],
    shown: "↑",
    group: "Judge",
    modes: judging,
    available: (state) => state.targets.length > 1,
    command: () => ({ type: "move", by: -1 }),
  },
  {
    id: "down",
    keys: ["ArrowDown"],
    shown: "↓",
    group: "Judge",
    modes: judging,
    available: (state) => state.targets.length > 1,
    command: () => ({ type: "move", by: 1 }),
  },
  {
    id: "write",
    keys: ["r"],
    shown: "r",
    group: "Explain",
    modes: judging,
    available: hasText("writing"),
    command: () => ({ type: "write" }),
  },
  {
    id: "edit",
    keys: ["e"],
    shown: "e",
    group: "Explain",
    modes: judging,
    available: hasText("editing"),
    command: () => ({ type: "rewrite" }),
  },
  {
    id: "flag",
    keys: ["f"],
    shown: "f",
    group: "Task",
    modes: judging,
    command: () => ({ type: "open", mode: "flagging" }),
  },
  {
    id: "skip",
    keys: ["s"],
    shown: "s",
    group: "Task",
    modes: judging,
    command: () => ({ type: "open", mode: "skipping" }),
  },
  {
    id: "skipReason",
    keys: digits,
    shown: "1–9",
    group: "Task",
    modes: ["skipping"],
    command: (key) => ({ type: "skipReason", reason: Number(key) - 1 }),
  },
  {
    id: "undo",
    keys: ["u"],
    shown: "u",
    group: "Task",
    modes: judging,
    command: () => ({ type: "undo" }),
  },
  {
    id: "submit",
    keys: ["Enter"],
    shown: "⏎",
    group: "Task",
    modes: judging,
    command: () => ({ type: "submit" }),
  },
  {
    id: "submitTyping",
    keys: ["Enter"],
    shown: "Ctrl ⏎",
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
    group: "Task",
    modes: ["skipping"],
    command: () => ({ type: "confirm" }),
  },
  {
    id: "raw",
    keys: ["m"],
    shown: "m",
    group: "Look",
    modes: judging,
    command: () => ({ type: "toggle", what: "raw" }),
  },
  {
    id: "diff",
    keys: ["d"],
    shown: "d",
    group: "Look",
    modes: judging,
    available: (state) => state.k > 1,
    command: () => ({ type: "toggle", what: "diff" }),
  },
  {
    id: "scrollLocked",
    keys: ["l"],
    shown: "l",
    group: "Look",
    modes: judging,
    available: (state) => state.k > 1,
    command: () => ({ type: "toggle", what: "scrollLocked" }),
  },
  {
    id: "zoom",
    keys: ["z"],
    shown: "z",
    group: "Look",
    modes: judging,
    available: (state) => state.k > 1 && (state.targets[state.marker]?.slot ?? null) !== null,
    command: () => ({ type: "toggle", what: "zoomed" }),
  },
  {
    id: "promptUp",
    keys: ["["],
    shown: "[",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "prompt", by: -0.6 }),
  },
  {
    id: "promptDown",
    keys: ["]"],
    shown: "]",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "prompt", by: 0.6 }),
  },
  {
    id: "earlier",
    keys: ["t"],
    shown: "t",
    group: "Look",
    modes: judging,
    command: () => ({ type: "toggle", what: "earlier" }),
  },
  {
    id: "responsesDown",
    keys: ["j"],
    shown: "j",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: 0.6 }),
  },
  {
    id: "responsesUp",
    keys: ["k"],
    shown: "k",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: -0.6 }),
  },
  {
    id: "pageDown",
    keys: [" ", "PageDown"],
    shown: "Space",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: 0.85 }),
  },
  {
    id: "pageUp",
    keys: ["PageUp"],
    shown: "PgUp",
    group: "Look",
    modes: judging,
    command: () => ({ type: "scroll", what: "responses", by: -0.85 }),
  },
  {
    id: "wrap",
    keys: ["w"],
    shown: "w",
    group: "Look",
    modes: judging,
    command: () => ({ type: "remember", what: "wrap" }),
  },
  {
    id: "guidelines",
    keys: ["g"],
    shown: "g",
    group: "Look",
    modes: judging,
    command: () => ({ type: "remember", what: "guidelines" }),
  },
  {
    id: "help",
    keys: ["?", "؟"],
    shown: "?",
    group: "Look",
    modes: judging,
    command: () => ({ type: "open", mode: "help" }),
  },
  {
    id: "close",
    keys: ["Escape"],
    shown: "Esc",
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
    group: "Judge",
    modes: judging,
    command: () => ({ type: "act", what: "votes" }),
  },
  {
    id: "adopt",
    keys: ["a", "p", "y"],
    shown: "a",
    group: "Judge",
    modes: judging,
    command: () => ({ type: "act", what: "adopt" }),
  },
];

/** Whether pressing the key would do something now. */
export const isLive = (binding: Binding, state: DeskState): boolean =>
  binding.modes.includes(state.mode.name) && (binding.available?.(state) ?? true);

export type Caps = Readonly<Record<string, string>>;
const caps: Caps = {
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

/** A key as it is printed on the keyboard; those with a name have it in the language of the site. */
export const capOf = (key: string, layout: Layout | null = null, named: Caps = caps): string =>
  named[key] ?? caps[key] ?? printedKey(key, layout);

/** Whether a person may choose its key. The verdict's digits, Esc and Ctrl ⏎ are the same at every desk. */
export const isDeskAction = (id: Binding["id"]): id is DeskAction =>
  deskActions.some((action) => action === id);

/** Where A stands at the right, → goes towards it. */
const otherSide: Readonly<Record<string, string>> = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };
const usualKeys = ({ keys }: Binding, mirrored: boolean) =>
  mirrored ? keys.map((key) => otherSide[key] ?? key) : keys;

/**
 * The keymap of a person. Who asks for a key gets it: another action that has it by custom is left without.
 * @param more what this desk has beyond the usual
 * @param mirrored whether the page runs from right to left
 */
export function keymapWith(
  rebound: DeskKeys,
  cap: (key: string) => string,
  { more = [], mirrored = false }: { more?: readonly Binding[]; mirrored?: boolean } = {},
): readonly Binding[] {
  const given = new Set(Object.values(rebound));
  const added = more.map((binding) => {
    const [key = ""] = binding.keys.filter((candidate) => !given.has(candidate));
    return { ...binding, keys: [key], shown: cap(key) };
  });
  const usual = keymap.map((binding) => {
    if (!isDeskAction(binding.id)) return binding;
    const own = rebound[binding.id];
    const keys = own === undefined ? usualKeys(binding, mirrored).filter((key) => !given.has(key)) : [own];
    return { ...binding, keys, shown: keys[0] === undefined ? "" : cap(keys[0]) };
  });
  return [...added, ...usual];
}

/** What is rebound after a change: an action that has its usual key is not. */
export function reboundWith(rebound: DeskKeys, changes: DeskKeys, mirrored = false): DeskKeys {
  const usual = new Map<string, string | undefined>(
    keymap.map((binding) => [binding.id, usualKeys(binding, mirrored)[0]]),
  );
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
