"use client";
import { useEffect, useState } from "react";
import { placeOf } from "./press";

/** What the keys of a layout type, by `KeyboardEvent.code`. */
export type Layout = ReadonlyMap<string, string>;

/** The layout of this keyboard, where the browser tells it (Chromium, over https or on localhost). */
export function useLayout(): Layout | null {
  const [layout, setLayout] = useState<Layout | null>(null);
  useEffect(() => {
    let left = false;
    // Layouts are switched outside of the page: whoever comes back may have another.
    const look = () => void layoutOf(navigator).then((now) => !left && setLayout(now));
    look();
    window.addEventListener("focus", look);
    return () => {
      left = true;
      window.removeEventListener("focus", look);
    };
  }, []);
  return layout;
}

interface Keyboard {
  getLayoutMap: () => Promise<Iterable<[string, string]>>;
}
const isKeyboard = (value: unknown): value is Keyboard =>
  typeof value === "object" && value !== null && "getLayoutMap" in value;

async function layoutOf(browser: Navigator): Promise<Layout | null> {
  if (!("keyboard" in browser) || !isKeyboard(browser.keyboard)) return null;
  try {
    return new Map(await browser.keyboard.getLayoutMap());
  } catch {
    // Within a frame of another site it is not told.
    return null;
  }
}

/** What is printed on the key that is bound under a name: `u` is г where no key types u and г lies at its place. */
export function printedKey(key: string, layout: Layout | null): string {
  if (!layout || [...layout.values()].includes(key)) return key;
  const code = placeOf(key);
  // Of a digit row both are printed, and the digit is what is meant.
  return (code && !/^\d$/.test(key) && layout.get(code)) || key;
}
