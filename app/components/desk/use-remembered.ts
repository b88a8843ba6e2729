"use client";
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
/** Where the browser keeps nothing, for as long as the page lives. */
const kept = new Map<string, boolean>();

const keyOf = (name: string) => `concord-desk-${name}`;

function read(name: string, otherwise: boolean): boolean {
  try {
    const stored = localStorage.getItem(keyOf(name));
    return stored === null ? (kept.get(name) ?? otherwise) : stored === "yes";
  } catch {
    return kept.get(name) ?? otherwise;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** A choice about how the desk looks, which this browser keeps: the same for every task, and after a reload. */
export function useRemembered(name: string, otherwise: boolean): [boolean, (value: boolean) => void] {
  const value = useSyncExternalStore(
    subscribe,
    () => read(name, otherwise),
    () => otherwise,
  );
  return [
    value,
    (next) => {
      kept.set(name, next);
      try {
        localStorage.setItem(keyOf(name), next ? "yes" : "no");
      } catch {
        // Private windows may keep nothing: the choice lasts as long as the page.
      }
      for (const listener of listeners) listener();
    },
  ];
}
