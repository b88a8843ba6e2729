import { useEffect, useSyncExternalStore } from "react";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/** A part of the program that most visits to a page never need. */
interface OnDemand<T> {
  load: () => Promise<void>;
  /** The part if it is here already. */
  now: () => T | undefined;
  /** @returns ends it */
  whenHere: (tell: () => void) => () => void;
}

/** Fetched when it is first wanted, and from then on drawn at once, without a moment in which it is on its way. */
export function onDemand<T>(fetch: () => Promise<T>): OnDemand<T> {
  let part: T | undefined;
  let loading = false;
  const waiting = new Set<() => void>();
  return {
    async load() {
      if (loading || part) return;
      loading = true;
      // The site may be away, or slow: whoever pressed a button waits for it, however long.
      for (let pause = FIRST_PAUSE_MS; !part; pause = Math.min(LONGEST_PAUSE_MS, pause * 2))
        try {
          part = await fetch();
        } catch (error) {
          console.error(error);
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
      loading = false;
      for (const tell of waiting) tell();
    },
    now: () => part,
    whenHere(tell) {
      waiting.add(tell);
      return () => {
        waiting.delete(tell);
      };
    },
  };
}

/** The part once somebody wanted it and it is here; undefined until then. */
export function useOnDemand<T>(part: OnDemand<T>, wanted: boolean): T | undefined {
  useEffect(() => {
    if (wanted) void part.load();
  }, [wanted, part]);
  return useSyncExternalStore(part.whenHere, part.now, () => undefined);
}
