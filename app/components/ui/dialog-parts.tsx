"use client";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { IconButton } from "./button";
import { cn } from "./cn";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** One sentence: what this is for, or what will be lost. */
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the main one last. */
  footer?: ReactNode;
  className?: string;
}

function CloseButton() {
  const t = useTranslations("ui");
  return (
    <Radix.Close asChild>
      <IconButton label={t("close")} hint={undefined}>
        <X />
      </IconButton>
    </Radix.Close>
  );
}

const FIRST_FIELD = "form :is(input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select)";

/** The panel of a dialog, at its place; loaded with the first one that is opened. */
export function Panel({ open, onOpenChange, ...content }: DialogProps & { place: string }) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Content {...content} />
      </Radix.Portal>
    </Radix.Root>
  );
}

function Content({
  title,
  description,
  children,
  footer,
  place,
}: Omit<DialogProps, "open" | "onOpenChange"> & { place: string }) {
  // Before a field inside takes the focus. Radix knows a trigger alone, and lets the focus fall to the page without one.
  const [opener] = useState(() => document.activeElement);
  return (
    <>
      <Radix.Overlay className="fixed inset-0 z-40 bg-scrim" />
      <Radix.Content
        {...(description ? {} : { "aria-describedby": undefined })}
        onCloseAutoFocus={(event) => {
          if (!(opener instanceof HTMLElement) || opener === document.body || !opener.isConnected) return;
          event.preventDefault();
          opener.focus();
        }}
        // The first field of a form, or the panel itself, not its first button: Enter must not mean "close" by accident.
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          const panel = event.currentTarget;
          if (!(panel instanceof HTMLElement) || panel.contains(document.activeElement)) return;
          (panel.querySelector<HTMLElement>(FIRST_FIELD) ?? panel).focus();
        }}
        className={cn("animate-appear fixed z-50 flex flex-col bg-raised text-ink outline-none", place)}
      >
        <header className="flex items-start gap-3 px-5 pt-4 pb-3">
          <div className="min-w-0 flex-1">
            <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
            {description && (
              <Radix.Description className="mt-0.5 text-sm text-muted">{description}</Radix.Description>
            )}
          </div>
          <CloseButton />
        </header>
        <div className="scroll-thin min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
        {footer && <footer className="flex justify-end gap-2 border-t px-5 py-3">{footer}</footer>}
      </Radix.Content>
    </>
  );
}
