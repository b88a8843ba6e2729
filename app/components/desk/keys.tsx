"use client";
import { useLocale, useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { isMirrored } from "@/app/i18n/languages";
import type { DeskKeys } from "@/db/shape/desk";
import { useDeskHabits } from "../shell/desk-habits";
import { type Binding, capOf, keymap, keymapWith } from "./keymap";
import { useLayout } from "./layout-caps";

export interface DeskKeyboard {
  bindings: readonly Binding[];
  /** Actions that are bound to other keys than usual. */
  rebound: DeskKeys;
  /** Keeps other keys; absent where nobody is signed in to keep them for. */
  rebind?: (keys: DeskKeys) => void;
  /** A key as it is printed on this person's keyboard. */
  cap: (key: string) => string;
  /** The key of an action as it is printed beside it; empty where it has none. */
  keyOf: (id: string) => string;
}

const usual: DeskKeyboard = {
  bindings: keymap,
  rebound: {},
  cap: capOf,
  keyOf: (id) => keymap.find((binding) => binding.id === id)?.shown ?? "",
};
const KeyboardContext = createContext<DeskKeyboard>(usual);

/** The keys of whoever sits at the desk. */
export const useDeskKeyboard = (): DeskKeyboard => useContext(KeyboardContext);

/** Gives every desk inside the keys of the person who is signed in. Pages without a desk load nothing of it. */
export function OwnKeyboard({
  more,
  children,
}: {
  /** What the desks inside have beyond the usual. */
  more?: readonly Binding[];
  children: ReactNode;
}) {
  const { keys: rebound, rebind } = useDeskHabits();
  const layout = useLayout();
  const t = useTranslations("keys.caps");
  const mirrored = isMirrored(useLocale());
  const keyboard = useMemo((): DeskKeyboard => {
    const named = {
      " ": t("space"),
      PageUp: t("pageUp"),
      PageDown: t("pageDown"),
      Delete: t("delete"),
    };
    const cap = (key: string) => capOf(key, layout, named);
    const bindings = keymapWith(rebound, cap, { more, mirrored }).map((binding) =>
      binding.withControl ? { ...binding, shown: `${t("control")} ${cap("Enter")}` } : binding,
    );
    const keyOf = (id: string) => bindings.find((binding) => binding.id === id)?.shown ?? "";
    return { bindings, rebound, rebind, cap, keyOf };
  }, [rebound, rebind, more, layout, mirrored, t]);
  return <KeyboardContext value={keyboard}>{children}</KeyboardContext>;
}
