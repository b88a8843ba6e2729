"use client";
import { type RefObject, useEffectEvent, useLayoutEffect } from "react";
import { type Command, commandOf } from "./keymap";
import { useDeskKeyboard } from "./keys";
import type { DeskState } from "./model";
import { type KeyPress, namesOf } from "./press";

/**
 * Turns key presses into commands.
 * @param scope `page`: keys act wherever the focus is; `inside`: only while it is within `root`
 */
export function useKeys(
  state: DeskState,
  run: (command: Command) => void,
  { root, scope }: { root: RefObject<HTMLElement | null>; scope: "page" | "inside" },
): void {
  const { bindings } = useDeskKeyboard();
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || (event.repeat && event.key === "Enter")) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (scope === "inside" && !root.current?.contains(target)) return;
    if (target && hasOwnKeys(target, event.key)) return;
    const command = commandOf(pressOf(event, target), state, bindings);
    if (!command) return;
    event.preventDefault();
    run(command);
  });
  // In the same commit as the task: a key pressed once it can be seen is never lost.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

/** Undo where no task is on the desk: by the key that undoes there, wherever it lies for this person. */
export function useUndoKey(undo: (() => void) | null): void {
  const { bindings } = useDeskKeyboard();
  const press = useEffectEvent((event: KeyboardEvent) => {
    const { key, code, shift, control, alt, typing } = pressOf(
      event,
      event.target instanceof HTMLElement ? event.target : null,
    );
    if (!undo || event.defaultPrevented || control || alt || typing) return;
    const names = namesOf({ key, code, shift });
    if (
      !bindings.some((binding) => binding.id === "undo" && binding.keys.some((name) => names.includes(name)))
    )
      return;
    event.preventDefault();
    undo();
  });
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

const pressOf = (event: KeyboardEvent, target: HTMLElement | null): KeyPress => ({
  key: event.key,
  code: event.code,
  shift: event.shiftKey,
  control: event.ctrlKey || event.metaKey,
  alt: event.altKey || event.getModifierState("AltGraph"),
  typing: target !== null && takesText(target),
});

const toggles = new Set(["radio", "checkbox", "button", "submit", "range"]);

function takesText(target: HTMLElement): boolean {
  if (target instanceof HTMLInputElement) return !toggles.has(target.type);
  return target instanceof HTMLTextAreaElement || target.isContentEditable;
}

/** Buttons, links and menus keep the keys with which they are worked. Radios and checkboxes keep Space only. */
function hasOwnKeys(target: HTMLElement, key: string): boolean {
  if (target.closest("[role=menu], [role=listbox], select")) return true;
  if (key === " ") return target.matches("button, a, summary, input, [role=button]");
  if (key === "Enter") return target.matches("button, a, summary, [role=button]");
  return false;
}
