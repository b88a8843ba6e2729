import { describe, expect, it } from "vitest";
import { capOf, chipKeys, commandOf, keymapWith, reboundWith } from "@/app/components/desk/keymap";
import { type KeyPress, namesOf } from "@/app/components/desk/press";
import { initialState } from "@/app/components/desk/state";
import { deskActions, deskKeysSchema } from "@/db/shape/desk";
import { formSchema } from "@/server/form/schema";

const desk = initialState(
  formSchema.parse([
    { id: "better", type: "preference", label: "Which is better?" },
    {
      id: "why",
      type: "text",
      label: "Why?",
      required: false,
      chips: [{ value: "correct", label: "Correct" }],
    },
  ]),
  2,
);
const press = (key: string, code: string, held: Partial<KeyPress> = {}) =>
  commandOf({ key, code, shift: false, control: false, alt: false, typing: false, ...held }, desk);

const digit = (value: number) => ({ type: "digit", value });
const [undo, skip, both, help, chip] = [
  { type: "undo" },
  { type: "open", mode: "skipping" },
  { type: "bothBad" },
  { type: "open", mode: "help" },
  { type: "chip", questionId: "why", value: "correct" },
];

/** What Chromium and Firefox send for a key of each layout. `⇧` before the key: with Shift. */
const layouts: Record<string, [key: string, code: string, command: object | null][]> = {
  US: [
    ["2", "Digit2", digit(2)],
    ["⇧@", "Digit2", null],
    ["u", "KeyU", undo],
    ["⇧U", "KeyU", undo],
    ["⇧?", "Slash", help],
  ],
  AZERTY: [
    ["&", "Digit1", digit(1)],
    ["é", "Digit2", digit(2)],
    ["(", "Digit5", digit(5)],
    ["è", "Digit7", digit(7)],
    ["⇧5", "Digit5", digit(5)],
    ["u", "KeyU", undo],
    ["a", "KeyQ", chip],
    ["q", "KeyA", null],
    ["⇧?", "KeyM", help],
  ],
  QWERTZ: [
    ["3", "Digit3", digit(3)],
    ["x", "KeyX", both],
    ["⇧?", "Minus", help],
    ["ß", "Minus", null],
  ],
  Czech: [
    ["+", "Digit1", digit(1)],
    ["ě", "Digit2", digit(2)],
    ["⇧2", "Digit2", digit(2)],
    ["s", "KeyS", skip],
  ],
  Dvorak: [
    ["u", "KeyF", undo],
    ["g", "KeyU", { type: "remember", what: "guidelines" }],
    [";", "KeyZ", null],
    ["s", "Semicolon", skip],
  ],
  "Turkish Q": [
    ["x", "KeyX", both],
    ["ı", "KeyI", null],
    ["*", "Minus", null],
  ],
  Russian: [
    ["2", "Digit2", digit(2)],
    ["г", "KeyU", undo],
    ["⇧Г", "KeyU", undo],
    ["ы", "KeyS", skip],
    ["ч", "KeyX", both],
    ["⇧?", "Digit7", help],
    ["ф", "KeyA", chip],
  ],
  Greek: [
    ["υ", "KeyY", null],
    ["θ", "KeyU", undo],
    ["σ", "KeyS", skip],
    ["χ", "KeyX", both],
    ["α", "KeyA", chip],
  ],
  Hebrew: [
    ["2", "Digit2", digit(2)],
    ["ו", "KeyU", undo],
    ["ד", "KeyS", skip],
    ["ס", "KeyX", both],
    ["ש", "KeyA", chip],
    ["⇧?", "Slash", help],
  ],
  Arabic: [
    ["٢", "Digit2", digit(2)],
    ["٧", "Digit7", digit(7)],
    ["ع", "KeyU", undo],
    ["س", "KeyS", skip],
    ["ء", "KeyX", both],
    ["لا", "KeyB", null],
    ["⇧؟", "Slash", help],
  ],
  Persian: [
    ["۳", "Digit3", digit(3)],
    ["ع", "KeyU", undo],
  ],
  "Devanagari InScript": [
    ["२", "Digit2", digit(2)],
    ["ह", "KeyU", undo],
    ["े", "KeyS", skip],
    ["ं", "KeyX", both],
    ["ो", "KeyA", chip],
  ],
  Thai: [
    ["/", "Digit2", digit(2)],
    ["ึ", "Digit7", digit(7)],
    ["ี", "KeyU", undo],
    ["⇧๑", "KeyQ", digit(1)],
  ],
  "number pad": [
    ["6", "Numpad6", digit(6)],
    ["ArrowRight", "Numpad6", { type: "step", by: 1 }],
  ],
};

describe("any keyboard", () => {
  for (const [layout, keys] of Object.entries(layouts))
    it(`means the same on ${layout}`, () => {
      const given = keys.map(([key, code]) =>
        press(key.replace("⇧", ""), code, { shift: key.startsWith("⇧") }),
      );
      expect(given).toEqual(keys.map(([, , command]) => command));
    });

  it("leaves AltGr, dead keys and what is being composed alone", () => {
    expect(press("[", "Digit5", { alt: true })).toBeNull();
    expect(press("@", "KeyQ", { alt: true })).toBeNull();
    expect(press("Dead", "BracketLeft")).toBeNull();
    expect(press("Process", "Digit1")).toBeNull();
    expect(press("Process", "KeyU")).toBeNull();
  });

  it("names what a key types before what lies at its place", () => {
    expect(namesOf({ key: "ü", code: "BracketLeft", shift: false })).toEqual(["ü", "["]);
    expect(namesOf({ key: "Ё", code: "Backquote", shift: true })).toEqual(["ё"]);
    expect(namesOf({ key: "Enter", code: "NumpadEnter", shift: false })).toEqual(["Enter"]);
  });
});

describe("keys of one's own", () => {
  const usual = reboundWith({}, {});
  const pressed = (key: string, keys: typeof usual) =>
    commandOf(
      { key, code: "", shift: false, control: false, alt: false, typing: false },
      desk,
      keymapWith(keys, capOf),
    );

  it("has a key for every action, and knows every action", () => {
    const ids = keymapWith({}, capOf).map(({ id }) => id);
    for (const action of deskActions) expect(ids).toContain(action);
  });

  it("gives a key to whoever asks for it, and the reasons what is left", () => {
    const keys = reboundWith({}, { undo: "s" });
    expect(pressed("s", keys)).toEqual(undo);
    expect(pressed("u", keys)).toBeNull();
    const bindings = keymapWith({ undo: "a" }, capOf);
    expect(chipKeys(desk, bindings)).toEqual([{ questionId: "why", value: "correct", key: "c" }]);
  });

  it("trades two keys and comes back to the usual ones", () => {
    const traded = reboundWith({}, { undo: "s", skip: "u" });
    expect([pressed("s", traded), pressed("u", traded)]).toEqual([undo, skip]);
    expect(reboundWith(traded, { undo: "u", skip: "s" })).toEqual({});
  });

  it("prints what lies at the place on layouts without the letter", () => {
    const russian = new Map([
      ["KeyU", "г"],
      ["KeyS", "ы"],
      ["BracketLeft", "х"],
    ]);
    expect(["u", "s", "[", "Enter", "7"].map((key) => capOf(key, russian))).toEqual([
      "г",
      "ы",
      "х",
      "⏎",
      "7",
    ]);
    const azerty = new Map([
      ["KeyQ", "a"],
      ["KeyU", "u"],
      ["Digit7", "è"],
    ]);
    expect(["a", "u", "7"].map((key) => capOf(key, azerty))).toEqual(["a", "u", "7"]);
  });

  it("goes towards A with → where A stands at the right, unless the person chose the keys", () => {
    const keysOf = (rebound: object) =>
      keymapWith(deskKeysSchema.parse(rebound), capOf, { mirrored: true })
        .filter(({ id }) => id === "left" || id === "right")
        .map(({ shown, command }) => [shown, command("")]);
    const [towardsA, towardsB] = [
      { type: "step", by: -1 },
      { type: "step", by: 1 },
    ];
    expect(keysOf({})).toEqual([
      ["→", towardsA],
      ["←", towardsB],
    ]);
    expect(keysOf({ left: "b" })).toEqual([
      ["b", towardsA],
      ["←", towardsB],
    ]);
    // Who wants ← towards A there has chosen; → is what is usual.
    const traded = reboundWith({}, { left: "ArrowLeft", right: "ArrowRight" }, true);
    expect(keysOf(traded)).toEqual([
      ["←", towardsA],
      ["→", towardsB],
    ]);
    expect(reboundWith(traded, { left: "ArrowRight", right: "ArrowLeft" }, true)).toEqual({});
  });

  it("refuses digits of the verdict, keys that leave, and one key for two actions, by name", () => {
    const problem = (keys: object) => deskKeysSchema.safeParse(keys).error?.issues[0]?.message;
    expect(deskKeysSchema.parse({ undo: "b", submit: " ", help: "F1", tie: "0" })).toBeTruthy();
    expect(problem({ undo: "3" })).toContain("1 to 9 are the verdict");
    expect(problem({ undo: "B" })).toContain("lower case");
    expect(problem({ undo: "Escape" })).toContain("take another key");
    expect(problem({ undo: "0" })).toContain("tenth rank");
    expect(problem({ undo: "b", skip: "b" })).toBe(
      "The key “b” is given to undo already: give skip another one.",
    );
    expect(deskKeysSchema.safeParse({ nothing: "b" }).success).toBe(false);
  });
});
