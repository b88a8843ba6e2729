import type { ReactNode } from "react";
import { cn } from "./cn";

/** A key to press, as it is printed on the keyboard. Screen readers get it from `aria-keyshortcuts` instead. */
export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a kbd takes no focus
    <kbd
      aria-hidden="true"
      // Keys are printed the same everywhere: from right to left [ would be shown as ].
      dir="ltr"
      className={cn(
        "inline-flex pointer-coarse:hidden h-[1.125rem] min-w-[1.125rem] shrink-0 items-center justify-center rounded-sm border border-current/25 px-1 font-sans text-2xs font-medium",
        className,
      )}
    >
      {children}
    </kbd>
  );
}
