"use client";
import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "./kbd";

export const TooltipProvider = Radix.Provider;

/** A short explanation of the control it wraps. Never the only place where something is said. */
export function Tooltip({ text, hint, children }: { text: ReactNode; hint?: string; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          sideOffset={6}
          collisionPadding={8}
          className="animate-appear z-50 flex max-w-xs items-center gap-2 rounded-md border bg-raised px-2 py-1 text-xs text-ink shadow-pop"
        >
          {text}
          {hint && <Kbd>{hint}</Kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
