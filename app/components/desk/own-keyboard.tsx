"use client";
import type { ReactNode } from "react";
import { useDeskHabits } from "../shell/desk-habits";
import type { Binding } from "./keymap";
import { DeskKeyboardProvider } from "./keys";

/** Gives every desk inside the keys of the person who is signed in. Pages without a desk load nothing of it. */
export function OwnKeyboard({
  more,
  children,
}: {
  /** What the desks inside have beyond the usual. */
  more?: readonly Binding[];
  children: ReactNode;
}) {
  const { keys, rebind } = useDeskHabits();
  return (
    <DeskKeyboardProvider rebound={keys} rebind={rebind} more={more}>
      {children}
    </DeskKeyboardProvider>
  );
}
