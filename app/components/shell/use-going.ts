import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useRef } from "react";
import { namesOf } from "../desk/press";
import { isTyping } from "../table/filters";
import { hrefOf, type Noun } from "./nouns";

/** How long the letter after g may take. */
const PATIENCE_MS = 1500;

/**
 * Keys that hold on every page of a project: ⌘K or Ctrl K asks where to go, g and a letter goes there. On the desk g is
 * a key of the desk, and nothing is gone to while a dialog has the keyboard.
 */
export function useGoing({
  projectId,
  nouns,
  onAsk,
  onDesk,
}: {
  projectId: string;
  nouns: readonly Noun[];
  onAsk: () => void;
  onDesk: boolean;
}): void {
  const router = useRouter();
  const pressed = useRef(0);
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const names = namesOf({ key: event.key, code: event.code, shift: event.shiftKey });
    const take = () => {
      event.preventDefault();
      // A letter after g is no key of the page.
      event.stopPropagation();
    };
    if (event.metaKey || event.ctrlKey) {
      if (!names.includes("k") || event.shiftKey) return;
      take();
      return onAsk();
    }
    if (onDesk || isTyping(event) || document.querySelector("[role=dialog], [role=alertdialog], [role=menu]"))
      return;
    const waits = Date.now() - pressed.current < PATIENCE_MS;
    pressed.current = 0;
    if (waits) {
      const noun = nouns.find(({ letter }) => names.includes(letter));
      if (!noun) return;
      take();
      router.push(hrefOf(projectId, noun));
    } else if (names.includes("g") && !event.shiftKey) pressed.current = Date.now();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
