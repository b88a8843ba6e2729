"use client";
import { useTranslations } from "next-intl";
import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type Looks, overlap, type Spans, shareOf, withSpan } from "./in-view";

/** What stands on the screen from one look to the next counts; what only flies past does not. */
const LOOK_MS = 250;
/** A look that comes later than this was held up: by a sleeping computer, or by other work. */
const LONGEST_MS = 1000;

export interface Watch {
  /** The stretches of a text that have been in view. */
  spans: (name: string) => Spans;
  subscribe: (listener: () => void) => () => void;
  /** Everything so far. */
  read: () => Looks;
}

const none: Spans = [];

/**
 * Watches which parts of the texts below `root` (`data-watched`) stand on the screen, while the page is in front.
 * @param saved what was measured before a reload. Read once
 * @param covered something lies over the texts
 */
export function useInView({
  root,
  saved,
  covered,
}: {
  root: RefObject<HTMLElement | null>;
  saved: Looks;
  covered: boolean;
}): Watch {
  const looks = useRef<Looks>(saved);
  const listeners = useRef(new Set<() => void>());
  const [watch] = useState(
    (): Watch => ({
      spans: (name) => looks.current[name]?.spans ?? none,
      subscribe(listener) {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
      read: () => looks.current,
    }),
  );

  useEffect(() => {
    if (covered) return;
    let before = new Map<string, [number, number]>();
    let at = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const passed = Math.min(LONGEST_MS, now - at);
      at = now;
      const shown = new Map<string, [number, number]>();
      if (document.visibilityState === "visible")
        for (const text of root.current?.querySelectorAll<HTMLElement>("[data-watched]") ?? []) {
          const span = visibleSpan(text);
          if (span) shown.set(text.dataset.watched ?? "", span);
        }
      let grew = false;
      const next = { ...looks.current };
      for (const [name, span] of shown) {
        const stood = overlap(span, before.get(name) ?? [0, 0]);
        if (!stood) continue;
        const { spans, ms } = next[name] ?? { spans: [], ms: 0 };
        const wider = withSpan(spans, stood);
        if (shareOf(wider) > shareOf(spans)) grew = true;
        next[name] = { spans: shareOf(wider) > shareOf(spans) ? wider : spans, ms: ms + passed };
      }
      looks.current = next;
      before = shown;
      if (grew) for (const listener of listeners.current) listener();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [root, covered]);

  return watch;
}

/** The stretch of a text's height that no box around it, no edge of the window and no head above it hides. */
function visibleSpan(text: HTMLElement): [number, number] | null {
  const whole = text.getBoundingClientRect();
  if (whole.height === 0 || whole.width === 0) return null;
  let { top, bottom, left, right } = {
    top: Math.max(0, whole.top),
    bottom: Math.min(window.innerHeight, whole.bottom),
    left: Math.max(0, whole.left),
    right: Math.min(window.innerWidth, whole.right),
  };
  for (let box = text.parentElement; box && box !== document.body; box = box.parentElement) {
    // A head that stays while its text moves lies over it.
    const head = box.querySelector(":scope > header.sticky")?.getBoundingClientRect();
    if (head) top = Math.max(top, head.bottom);
    const { overflowX, overflowY } = getComputedStyle(box);
    if (overflowX === "visible" && overflowY === "visible") continue;
    const frame = box.getBoundingClientRect();
    top = Math.max(top, frame.top);
    bottom = Math.min(bottom, frame.bottom);
    left = Math.max(left, frame.left);
    right = Math.min(right, frame.right);
  }
  const isBeside = right - left < whole.width / 2;
  if (isBeside || bottom <= top) return null;
  return [(top - whole.top) / whole.height, (bottom - whole.top) / whole.height];
}

/** A thin line beside a text: dark where it has been in view, faint where it has not. */
export function InViewMark({
  watch,
  name,
  letter,
}: {
  watch: Watch;
  name: string;
  /** Of the response; null for the turn that asks. */
  letter: string | null;
}) {
  const t = useTranslations("desk.inView");
  const spans = useSyncExternalStore(
    watch.subscribe,
    () => watch.spans(name),
    () => none,
  );
  const share = Math.floor(Math.min(1, shareOf(spans) + 0.005) * 100);
  const label = letter ? t("response", { share, letter }) : t("turn", { share });
  return (
    <div
      role="img"
      aria-label={label}
      title={label}
      data-share={share}
      className="absolute inset-y-0 start-0 w-[3px] bg-hover"
    >
      {spans.map(([from, to]) => (
        <span
          key={from}
          className="absolute inset-x-0 bg-control"
          style={{ top: `${from * 100}%`, height: `${(to - from) * 100}%` }}
        />
      ))}
    </div>
  );
}
