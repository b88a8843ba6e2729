import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { Toast as Radix } from "radix-ui";
import { Button, IconButton } from "./button";
import { cn } from "./cn";

export interface ToastMessage {
  title: string;
  detail?: string;
  tone?: "neutral" | "bad";
  action?: { label: string; hint?: string; run: () => void };
}

/** The messages that stand at the corner; `./toast` loads it with the first one. */
export function ToastList({
  shown,
  onRemove: remove,
}: {
  shown: readonly (ToastMessage & { id: number })[];
  onRemove: (id: number) => void;
}) {
  const t = useTranslations("ui");
  return (
    <Radix.Provider duration={6000} label={t("notification")}>
      {shown.map((toast) => (
        <Radix.Root
          key={toast.id}
          onOpenChange={(open) => !open && remove(toast.id)}
          className={cn(
            "animate-appear flex items-center gap-3 rounded-lg border bg-raised py-2 ps-4 pe-2 shadow-pop",
            toast.tone === "bad" && "border-bad",
          )}
        >
          <div className="min-w-0 flex-1">
            <Radix.Title className="text-sm font-medium">{toast.title}</Radix.Title>
            {toast.detail && (
              <Radix.Description className="text-xs text-muted">{toast.detail}</Radix.Description>
            )}
          </div>
          {toast.action && (
            <Radix.Action asChild altText={toast.action.label}>
              <Button size="sm" hint={toast.action.hint} onClick={toast.action.run}>
                {toast.action.label}
              </Button>
            </Radix.Action>
          )}
          <Radix.Close asChild>
            <IconButton label={t("dismiss")}>
              <X />
            </IconButton>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport
        // What is live is not hidden by an open dialog, and its button can be pressed: "Undo" must stay in reach.
        aria-live="off"
        className="pointer-events-auto fixed end-4 bottom-4 z-60 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none"
      />
    </Radix.Provider>
  );
}
