"use client";
import { Slot } from "radix-ui";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useState } from "react";
import type { ChoiceProps, ItemProps, MenuProps } from "./menu-parts";
import { onDemand, useOnDemand } from "./on-demand";

/** What a menu is made of, loaded with the first one that is opened. */
const parts = onDemand(() => import("./menu-parts"));

/** A button's list of actions. */
export function Menu({ trigger, align = "start", children }: MenuProps) {
  const [wanted, setWanted] = useState<"by key" | "by pointer" | null>(null);
  const loaded = useOnDemand(parts, wanted !== null);
  if (wanted && loaded)
    return (
      <loaded.OpenMenu trigger={trigger} align={align} byKey={wanted === "by key"}>
        {children}
      </loaded.OpenMenu>
    );
  return (
    <Slot.Root
      aria-haspopup="menu"
      aria-expanded={false}
      aria-busy={wanted !== null || undefined}
      // `detail` counts clicks of a pointer: Enter and the space bar make one without.
      onClick={(event: MouseEvent) => setWanted(event.detail === 0 ? "by key" : "by pointer")}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        setWanted("by key");
      }}
    >
      {trigger}
    </Slot.Root>
  );
}

// Below stands what is drawn within an open menu only: by then it is here.

export function MenuItem(props: ItemProps) {
  const loaded = parts.now();
  return loaded && <loaded.Item {...props} />;
}

/** One of several: the chosen one carries a tick. */
export function MenuChoice(props: ChoiceProps) {
  const loaded = parts.now();
  return loaded && <loaded.Choice {...props} />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  const loaded = parts.now();
  return loaded && <loaded.Label>{children}</loaded.Label>;
}

export function MenuSeparator() {
  const loaded = parts.now();
  return loaded && <loaded.Separator />;
}
