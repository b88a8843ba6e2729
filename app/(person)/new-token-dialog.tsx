import { type ReactNode, useId } from "react";
import { Button } from "@/app/components/ui/button";
import { Dialog } from "@/app/components/ui/dialog";

/** Asks for what a token needs, and in its place shows what is shown once. */
export function NewTokenDialog({
  open,
  onOpenChange,
  title,
  busy,
  made,
  onSubmit,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  busy: boolean;
  /** What to show of the token; null until it is made. */
  made: ReactNode;
  onSubmit: () => void;
  /** The fields. */
  children: ReactNode;
}) {
  const form = useId();
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      footer={
        made ? (
          <Button onClick={() => onOpenChange(false)}>Done</Button>
        ) : (
          <Button type="submit" form={form} variant="primary" busy={busy}>
            Make token
          </Button>
        )
      }
    >
      {made ?? (
        <form
          id={form}
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {children}
        </form>
      )}
    </Dialog>
  );
}
