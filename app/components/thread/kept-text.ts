import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
/** Where the browser keeps nothing, for as long as the page lives. */
const here = new Map<string, string>();
const PREFIX = "concord-text-";

/** What is kept under a name; empty where nothing is. */
export function keptText(name: string): string {
  try {
    return sessionStorage.getItem(PREFIX + name) ?? here.get(name) ?? "";
  } catch {
    return here.get(name) ?? "";
  }
}

/** Keeps a text in this tab, until it is emptied. */
export function keepText(name: string, text: string): void {
  here.set(name, text);
  try {
    if (text) sessionStorage.setItem(PREFIX + name, text);
    else sessionStorage.removeItem(PREFIX + name);
  } catch {
    // Private windows may keep nothing: the text lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

/**
 * A text that is being written, kept in this tab until it is emptied: Esc, a reload or another page lose nothing of it.
 * @param name what it is written about
 */
export function useKeptText(name: string): [string, (text: string) => void] {
  const text = useSyncExternalStore(
    subscribe,
    () => keptText(name),
    () => "",
  );
  return [text, (next) => keepText(name, next)];
}

/** Whoever comes next at this browser reads none of it. */
export function forgetTexts(): void {
  here.clear();
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
