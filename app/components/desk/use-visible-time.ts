"use client";
import { useLayoutEffect, useRef } from "react";

export interface VisibleTime {
  /** When the task first came into view, milliseconds since 1970. */
  shownAt: number | null;
  /** For how long it has been in view. */
  visibleMs: number;
}

/**
 * Measures how long a task is looked at: only while it is on screen and the tab is in front.
 * @param saved what was measured before a reload
 * @returns reads the measurement
 */
export function useVisibleTime(saved: VisibleTime): () => VisibleTime {
  const measured = useRef({ ...saved, since: null as number | null });

  // Before any key can decide: nothing is decided before it was shown.
  useLayoutEffect(() => {
    const clock = measured.current;
    const look = () => {
      const now = Date.now();
      if (clock.since !== null) clock.visibleMs += now - clock.since;
      clock.since = document.visibilityState === "visible" ? now : null;
      if (clock.since !== null) clock.shownAt ??= now;
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      if (clock.since !== null) clock.visibleMs += Date.now() - clock.since;
      clock.since = null;
    };
  }, []);

  return () => {
    const { shownAt, visibleMs, since } = measured.current;
    return { shownAt, visibleMs: visibleMs + (since === null ? 0 : Date.now() - since) };
  };
}
