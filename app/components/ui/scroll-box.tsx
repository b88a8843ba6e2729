import type { ReactNode } from "react";
import { cn } from "./cn";

/** A box that scrolls within itself, by the keyboard too. */
export function ScrollBox({
  label,
  className,
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      className={cn("scroll-thin overflow-auto rounded-md", className)}
    >
      {children}
    </section>
  );
}

/** Text of a machine, as it is. */
export function Code({ className, children }: { className?: string; children: string }) {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
      className={cn(
        "scroll-thin max-h-96 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs",
        className,
      )}
    >
      {children}
    </pre>
  );
}
