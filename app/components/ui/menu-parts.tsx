import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { DropdownMenu as Radix } from "radix-ui";
import { type ComponentProps, type ReactNode, useCallback, useRef } from "react";
import { cn } from "./cn";

const row =
  "flex cursor-default select-none items-center gap-2 rounded-sm px-2 py-1.5 text-sm outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:text-muted";

export interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
}

/** A button's list of actions, open from the beginning; `./menu` loads it at the first press. */
export function OpenMenu({ trigger, children, align, byKey }: MenuProps & { byKey: boolean }) {
  // Radix was not here to hear the key that opened it, after which the first item has the focus.
  const wasEntered = useRef(!byKey);
  const enter = useCallback((list: HTMLDivElement | null) => {
    if (!list || wasEntered.current) return;
    wasEntered.current = true;
    list.querySelector<HTMLElement>("[role=menuitem]:not([data-disabled])")?.focus({ preventScroll: true });
  }, []);
  return (
    <Radix.Root defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          ref={enter}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="animate-appear scroll-thin z-50 max-h-[min(24rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 overflow-y-auto rounded-lg border bg-raised p-1 shadow-pop"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export type ItemProps = ComponentProps<typeof Radix.Item>;
export type ChoiceProps = ItemProps & { chosen: boolean };

export function Item({ className, ...rest }: ItemProps) {
  return <Radix.Item className={cn(row, className)} {...rest} />;
}

/** One of several: the chosen one carries a tick. */
export function Choice({ chosen, children, ...rest }: ChoiceProps) {
  const t = useTranslations("ui");
  return (
    <Radix.Item className={row} {...rest}>
      <span className="size-4">{chosen && <Check aria-label={t("chosen")} />}</span>
      {children}
    </Radix.Item>
  );
}

export function Label({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-xs text-muted">{children}</Radix.Label>;
}

export const Separator = () => <Radix.Separator className="my-1 border-t" />;
