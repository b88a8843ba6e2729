import { describe, expect, it } from "vitest";
import { commandOf } from "@/app/components/desk/keymap";
import { type KeyPress, namesOf } from "@/app/components/desk/press";
import { initialState } from "@/app/components/desk/state";
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
